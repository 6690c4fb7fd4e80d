"""nw index: analyse new songs and make them searchable."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import NewWaveError, NotReady
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli import options
from newwave_cli.inputs import cluster
from newwave_cli.output import show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from models.indexing.embed import Failed
    from models.indexing.late_fusion import FusedEncoder


MORE = "CLAP hears more than mini does; its weights are some 600 MB, fetched once by: nw index --encoder clap"

Encoders = Annotated[
    list[str] | None, typer.Option(help="An encoder or a run; once per side (default: mini and minilm).")
]
Fused = Annotated[
    str | None, typer.Option(help="Also by the fusion of this run (nw train fusion --recipe mlp).")
]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="Try songs again that could not be analysed.")
]


def index(
    context: typer.Context,
    *,
    encoder: Encoders = None,
    fused: Fused = None,
    store: options.Store = None,
    rebuild: Annotated[bool, typer.Option(help="Build the index again; nothing is analysed twice.")] = False,
    retry_failed: RetryFailed = False,
    ray: cluster.Ray = "",
    dry_run: Annotated[bool, typer.Option(help="Say what would be done, without doing it.")] = False,
) -> None:
    """Analyse new songs and make them searchable.

    What was analysed before is never computed again; Ctrl-C keeps what is done. A fusion that was indexed
    once is kept up to date. Vectors stay where they were put: --store is typed once.

    nw index --store milvus:http://localhost:19530
    """
    from catalog.indexes import store_named
    from catalog.library import songs
    from models import encoders
    from models.evaluation.candidates import encoder_of

    store_named(store or "local")  # before the work, not after it
    settings: Settings = context.obj
    wanted = encoder or (encoders.DEFAULT_SOUND, encoders.DEFAULT_WORDS)
    chosen = [encoder_of(name, settings.runs) for name in wanted]
    if dry_run:
        _say_what(settings, chosen)
        return
    failed: list[Failed] = []
    done = before = 0
    is_first = not (settings.indexes / "sound").exists()  # asked now: below it is there
    with Catalog.open(settings.catalog) as catalog:
        for name, one in zip(wanted, chosen, strict=True):
            before += _left_out(catalog, one, retry_failed=retry_failed)
            failed += _embed(catalog, one, name, settings, ray)
            done += _build(catalog, one, settings, rebuild=rebuild, store=store)
        # After both sides: a fusion is made from the vectors that they keep.
        fusion = _fusion(settings, fused, encoder)
        if fusion is not None:
            _build(catalog, fusion, settings, rebuild=rebuild, store=store)
        cut = _cut(catalog, chosen)
        count = songs.count(catalog)
    # Once, to who has just begun: who chose an encoder or wants no network needs no such advice.
    if done and is_first and not encoder and not settings.offline:
        show.note(MORE)
    _report(failed, before, cut)
    _require_some(done, count)


def _require_some(done: int, count: int) -> None:
    """Raise NotReady where nothing could be indexed. count: songs of the catalog."""
    if done:
        return
    if not count:
        raise NotReady("nothing was indexed: the catalog holds no song.", try_this="nw ingest ~/Music")
    raise NotReady(
        f"nothing was indexed: of {counted(count, 'song')} in the catalog none has its sound here, lyrics or"
        " captions.",
        try_this="nw ingest ~/Music    (or --lyrics DIR, --table FILE)",
    )


def _cut(catalog: Catalog, chosen: list[Any]) -> list[str]:
    """Songs with more chunks of words than are indexed, one sentence each."""
    from catalog.indexes import MOST_PARTS
    from catalog.library import embeddings
    from catalog.library.songs import get

    sentences = []
    for encoder in chosen:
        if encoder.role != "words":
            continue  # of sound one vector a song is indexed, however long it is
        for song_id, parts in embeddings.longer_than(catalog, encoder.pipeline, MOST_PARTS):
            title = get(catalog, song_id).title
            searched = f"the first {MOST_PARTS:,} are searched"
            sentences.append(f"{title}: of {parts:,} chunks of its words {searched}")
    return sentences


def _say_what(settings: Settings, chosen: list[Any]) -> None:
    """What each encoder would have to do."""
    from catalog.library import embeddings

    with Catalog.open(settings.catalog, read_only=True) as catalog:
        for encoder in chosen:
            missing = embeddings.missing(catalog, encoder.pipeline, encoder.role)
            songs = counted(len(missing), "song")
            show.note(f"{encoder.role}: {songs} to analyse with {encoder.name}")


def _left_out(catalog: Catalog, encoder: Any, *, retry_failed: bool) -> int:
    """How many songs failed before and will not be tried."""
    from catalog.library import unembedded

    if retry_failed:  # forgotten by name, for what `missing` leaves out is what has a reason
        unembedded.forget(catalog, encoder.pipeline)
    return len(unembedded.reasons(catalog, encoder.pipeline))


def _embed(catalog: Catalog, encoder: Any, name: str, settings: Settings, ray: str) -> "list[Failed]":
    """Embed what one side lacks; the sounds that failed. Texts do not fail."""
    from catalog.library import embeddings
    from models.indexing.embed import embed_sound, embed_words

    total = len(embeddings.missing(catalog, encoder.pipeline, encoder.role))
    if not total:
        return []
    doing = "analysing" if encoder.role == "sound" else "reading lyrics"
    with show.progress(doing, total) as advance:
        if encoder.role == "sound":
            with cluster.on_workers(settings, ray, name, encoder) as elsewhere:
                return embed_sound(
                    catalog, encoder, jobs=settings.jobs, elsewhere=elsewhere, progress=advance
                )
        embed_words(catalog, encoder, progress=advance)
    return []


def _fusion(settings: Settings, run: str | None, named: list[str] | None) -> "FusedEncoder | None":
    """The fusion of a run, else the one that is indexed already; None where there is neither."""
    from models.evaluation.candidates import checkpoint_of
    from models.indexing.late_fusion import FusedEncoder, indexed

    if run is not None:
        return FusedEncoder(checkpoint_of(run, settings.runs))
    if named:  # the fusion is of the encoders that it was trained with, and these may be others
        return None
    try:
        return indexed(settings.indexes)
    except NewWaveError as problem:  # a run that was deleted since: sound and words are indexed all the same
        show.passed_over("fused", problem)
        return None


def _build(catalog: Catalog, encoder: Any, settings: Settings, *, rebuild: bool, store: str | None) -> int:
    """Build one side; 0 where the library has nothing for it."""
    from models.indexing.build import build_index
    from models.indexing.rows import foreign_to

    folder = settings.indexes / encoder.role
    try:
        built = build_index(catalog, encoder, folder, rebuild=rebuild, store=store, on_wait=_say_waiting)
    except NotReady as nothing:
        show.note(f"{encoder.role}: {nothing}")
        return 0
    manifest = built.manifest
    songs = counted(manifest.songs, "song")
    vectors = counted(manifest.vectors, "vector")  # more than songs: one for each window or chunk
    quality = f"recall@10 {manifest.recall_at_10:.3f}"  # of the approximate index against exact search
    where = _where(manifest.store)
    state = "" if built.changed else " (up to date)"
    content = f"{songs}, {vectors} by {manifest.encoder}"
    show.note(f"{encoder.role}: {content}, {quality}{where}{state}")
    if foreign := foreign_to(catalog, encoder):
        sung = counted(len(foreign), "song is", "songs are")
        unlearned = f"sung in languages that {encoder.name} has not learned"
        show.note(f"{encoder.role}: {sung} {unlearned}; their lyrics are searched for exact words alone")
    return manifest.songs


def _where(store: str) -> str:
    from catalog.indexes import GRAPH

    if store == GRAPH:
        return ", in a graph by usearch"
    return f" at {store}" if store else ""


def _say_waiting() -> None:
    show.note("waiting for another nw index ...")


def _report(failed: "list[Failed]", before: int, cut: list[str]) -> None:
    """What was left out, `before` so many songs that were not even tried."""
    for song in failed:
        show.note(f"failed: {song.message}")
    if failed:
        songs = counted(len(failed), "song")
        show.note(f"{songs} could not be analysed (nw index --retry-failed tries again)")
    if before:
        songs = counted(before, "song failed before and was", "songs failed before and were")
        show.note(f"{songs} not tried (--retry-failed tries again)")
    for sentence in cut:
        show.note(sentence)
    if failed or cut:
        raise typer.Exit(3)
