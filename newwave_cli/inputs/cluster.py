"""What commands do by a Ray cluster: `--ray`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import WrongUse, quoted
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli.output import show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.clip_ingest import IngestReport
    from catalog.data_sets import DataSet, Place
    from catalog.shards.progress import Progress
    from models.cluster.pool import Cluster
    from models.evaluation.gallery import EmbedClips
    from models.indexing.embed import Elsewhere
    from newwave_cli.inputs.data_sets import DataSetOptions

Ray = Annotated[
    str,
    typer.Option(
        "--ray", metavar="ADDRESS", help="Analyse on the workers of this Ray cluster: auto, or its address."
    ),
]


@contextmanager
def on_workers(settings: Settings, address: str, name: str, encoder: Any) -> "Iterator[Elsewhere | None]":
    """What embeds songs on the cluster at `address`, None without one. name: of the encoder, as typed."""
    if not address:
        yield None
        return
    from models.cluster.embed import embedded, takes_a_card
    from models.cluster.encoder_worker import EncoderJob
    from models.cluster.pool import joined

    on_cards = settings.device != "cpu" and takes_a_card(encoder)
    with joined(address, cores=settings.jobs, on_cards=on_cards) as cluster:
        show.note(_size(cluster))
        # By its name: each worker loads the weights itself, they do not travel with every song.
        job = EncoderJob(name, settings.runs, encoder.pipeline)
        yield partial(embedded, cluster, job)


@contextmanager
def evaluators(
    settings: Settings, address: str, candidate: Any, options: Any
) -> "Iterator[EmbedClips | None]":
    """What embeds the clips of a data set on the cluster at `address`, None without one."""
    if not address:
        yield None
        return
    from models.cluster.embed import takes_a_card
    from models.cluster.encoder_worker import EncoderJob
    from models.cluster.gallery import embedded
    from models.cluster.pool import joined

    on_cards = settings.device != "cpu" and takes_a_card(candidate.encoder)
    with joined(address, cores=settings.jobs, on_cards=on_cards) as cluster:
        show.note(_size(cluster))
        job = EncoderJob(candidate.named, settings.runs, candidate.pipeline, options)
        yield partial(embedded, cluster, job)


def _size(cluster: "Cluster") -> str:
    workers = counted(cluster.workers, "worker")
    cores = counted(cluster.cores, "core")
    card = " and a card" if cluster.cards else ""
    return f"{workers} with {cores}{card} each"


def check(wanted: "DataSetOptions") -> None:
    """Raise WrongUse for what cannot be spread: only vectors come back, and only shards can be shared out."""
    from catalog.sources import load_streamed

    if not wanted.ray:
        return
    if not wanted.vectors_only:
        said = "--ray brings back what the workers hear, and no sound: it needs --index."
        raise WrongUse(said, try_this=f"nw ingest {wanted.name} --index --ray {quoted(wanted.ray)}")
    load_streamed(wanted.name)  # raises for a data set that has no shards


def ingest(
    catalog: Catalog,
    settings: Settings,
    wanted: "DataSetOptions",
    data: "DataSet",
    place: "Place",
    progress: "Progress",
    on_kept: "Callable[[IngestReport], None]",
) -> "IngestReport":
    """Take the songs of shards into the catalog that `progress` lacks, as the workers hear them."""
    from catalog.clip_ingest import keep_done
    from catalog.sources import load
    from models.cluster.ingest import Job, ingested
    from models.cluster.pool import joined
    from newwave_cli.inputs.data_sets import encoding

    job = Job(wanted.name, place, **encoding(catalog))
    files = data.stream.store.listing.files
    names = [files[shard].name for shard in data.stream.shards]
    source = load(wanted.name).INFO.kept_as or wanted.name
    is_resumed = progress.songs > 0
    with joined(wanted.ray, cores=settings.jobs) as cluster:
        shards = counted(len(names), "shard")
        show.note(f"{_size(cluster)}, {shards} to hear")
        all_rows = ingested(cluster, job, progress, names)
        rows = islice(all_rows, wanted.limit)
        with show.progress(f"{wanted.name}: shards", len(names)) as advance:
            done = 0

            def on_batch(report: "IngestReport") -> None:
                nonlocal done
                on_kept(report)
                # Workers are in several shards at once, so the bar counts those that are finished.
                finished = len(names) - len(progress.starts())
                advance(finished - done, counted(report.songs, "song"))
                done = finished

            return keep_done(
                catalog, rows, source=source, pipeline=job.pipeline, resumed=is_resumed, on_kept=on_batch
            )
