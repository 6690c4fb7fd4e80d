"""nw evaluate: judge an encoder, a trained checkpoint or an index by retrieval."""

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import WrongUse, quoted
from catalog.library.database import Catalog
from newwave_cli.inputs import cluster, compare_fusion
from newwave_cli.inputs.evaluation_input import ColumnsGiven, Data, columns_of, option_of
from newwave_cli.options import Fields, Output
from newwave_cli.output import evaluation_table, show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from catalog.shards.stream import Lost
    from models.evaluation.evaluate import Evaluation
    from models.evaluation.gallery import EmbedClips, Gallery

What = Annotated[
    str | None,
    typer.Argument(
        help="An encoder, a run or its checkpoint, or an index (name or folder); mini where none is named."
    ),
]
On = Annotated[
    str,
    typer.Option(
        help="library, song-describer[:CSV,FOLDER], musiccaps:CSV,FOLDER, jamendo[:SHARDS], a table or shards"
        " (a folder, owner/name, an address)."
    ),
]
By = Annotated[
    str | None,
    typer.Option(help="Compare ways to ask instead: sound,words,evidence,gate,weighted,rrf,fused,both."),
]
Under = Annotated[str | None, typer.Option(help="plain, sdd-valid, sdd-full or first-attempt.")]
Compare = Annotated[list[str] | None, typer.Option(help="A run to compare with, query by query; repeatable.")]
Options = Annotated[
    list[str] | None, typer.Option("--set", help="An option of the encoder: pooling=attention.")
]
DiskBudget = Annotated[str, typer.Option(help="What downloaded shards may take: 20GB, 300MB.")]
AtMost = Annotated[
    int | None, typer.Option("-k", "--limit", min=1, help="At most this many rows of the data.")
]


def evaluate(
    context: typer.Context,
    what: What = None,
    *,
    on: On = "library",
    by: By = None,
    protocol: Under = None,
    compare: Compare = None,
    name: Annotated[str | None, typer.Option(help="What to call it in the report.")] = None,
    options: Options = None,
    columns: ColumnsGiven = None,
    limit: AtMost = None,
    disk_budget: DiskBudget = "20GB",
    ray: cluster.Ray = "",
    output: Output = None,
    fields: Fields = None,
) -> None:
    """Measure how well descriptions find their songs, and songs their descriptions.

    Figures come with 95 % intervals, beside what others published, and are kept as a run with every query.
    Example: nw evaluate mini --on captions.jsonl

    With --by it asks the same questions in several ways instead: nw evaluate --by sound,words,both
    """
    data = Data(on, columns_of(columns), limit, disk_budget)
    _check(ray, data, by)
    if by is not None:
        compare_fusion.compare(context.obj, by.split(","), data, output=output, fields=fields)
        return
    from models import encoders
    from models.evaluation import candidates, protocols, runs
    from models.evaluation.evaluate import evaluate as judged

    what = what or encoders.DEFAULT_SOUND
    home = context.obj
    rule = protocols.protocol(protocol or protocols.default(on))
    # All that can be typed wrongly is looked up before the first clip is heard, which can take hours.
    earlier = _earlier(home, compare or ())
    given = dict(map(option_of, options or ()))
    candidate = candidates.find(what, runs=home.runs, indexes=home.indexes, options=given)
    evaluators = partial(cluster.evaluators, home, ray, candidate, given)  # not started for the library
    gallery = _gallery(home, candidate, data, evaluators)
    report = judged(gallery, candidate.encode, rule, encoder=name or what, pipeline=candidate.pipeline)
    config = {"what": what, "on": on, "protocol": rule.name, "options": given, "limit": limit}
    run_id = runs.store(report, home.runs, config=config)  # first: the output may be a closed pipe
    evaluation_table.figures(report, output=output, fields=fields)
    _remark(report, earlier, run_id)
    _end(gallery)


def _earlier(settings: Settings, names: "Sequence[str]") -> "list[Evaluation]":
    """The runs to compare with. Raises WrongUse for one that is not there, Damaged."""
    from models.evaluation import runs

    folders = [runs.find(settings.runs, name) for name in names]
    return [runs.read(folder) for folder in folders]


def _remark(report: "Evaluation", earlier: "Sequence[Evaluation]", run_id: str) -> None:
    for other in earlier:
        evaluation_table.difference(report, other)
    evaluation_table.remarks(report, run_id)


def _end(gallery: "Gallery") -> None:
    """Say what a person should know of the data; exits with 3 where a song could not be used."""
    for note in gallery.notes:
        show.note(note)
    if gallery.failed:
        raise typer.Exit(3)


def _check(ray: str, data: Data, by: str | None) -> None:
    """Raise WrongUse where nothing is heard, so that nothing can be spread."""
    if ray and (data.is_library or by is not None):
        raise WrongUse(
            "your library is judged by the vectors that nw index kept: there is nothing to hear for --ray.",
            try_this=f"nw index --ray {quoted(ray)}",
        )


def _gallery(
    settings: Settings,
    candidate: Any,
    data: Data,
    evaluators: "Callable[[], AbstractContextManager[EmbedClips | None]]",
) -> "Gallery":
    """The songs to judge on as the candidate's vectors: of the library, or of data that it hears now."""
    from catalog.data_sets import Place
    from catalog.shards.files import parse_size
    from catalog.shards.local_store import Limits
    from models.evaluation import datasets
    from models.evaluation.gallery import embedded
    from models.networks import selfcheck

    failed: list[tuple[str, str]] = []

    def lost(one: "Lost") -> None:
        show.note(f"failed: {one.place}: {one.why}")
        failed.append((one.place, one.why))

    if data.is_library:
        with Catalog.open(settings.catalog, read_only=True) as catalog:
            found: Gallery = candidate.library(catalog)
            return found
    encoder = candidate.encoder
    limits = Limits(parse_size(data.disk_budget), offline=settings.offline)
    place = Place(settings.shards, limits=limits, on_lost=lost, on_note=show.note)
    clips = datasets.clips(data.on, place, data.columns)
    selfcheck.require_alive(encoder)  # in seconds: vectors that are all alike would be judged for hours
    task = {"sound": "listening", "words": "reading"}[encoder.role]
    with evaluators() as elsewhere, show.progress(task, data.limit) as advance:
        first_clips = islice(clips, data.limit)  # lazily: a limit of 100 does not download the whole data set
        name = datasets.named(data.on)
        found = embedded(encoder, first_clips, name, progress=advance, elsewhere=elsewhere)
    found.failed += failed  # clips that could not be read, after those that could not be embedded
    return found
