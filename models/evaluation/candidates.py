"""What can be judged: an encoder by name, a run or its checkpoint, an index; all as one `Candidate`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import WrongUse
from catalog.index_manifest import read_manifest
from catalog.library.database import Catalog
from catalog.song_index import SongIndex
from catalog.vectors import Vectors
from models import encoders
from models.evaluation import gallery, runs
from models.evaluation.gallery import Gallery
from models.networks.checkpoint import BEST, LAST
from models.networks.manifest import MANIFEST


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is judged.

    pipeline: of its vectors. encode: texts to vectors (texts, dimensions). encoder: hears, or reads. library:
    the songs of a catalog as its vectors. named: how another process finds that encoder, by `encoder_of`.
    """

    pipeline: str
    encode: Callable[[Sequence[str]], Vectors]
    encoder: Any
    library: Callable[[Catalog], Gallery]
    named: str = ""


def find(what: str, *, runs: Path, indexes: Path, options: Mapping[str, Any]) -> Candidate:
    """The candidate of that name: encoder, then index, then run. Raises WrongUse, NoModel or Incompatible."""
    plain, cut = encoders.cut_of(what)  # "minilm@128": the first 128 dimensions
    # An encoder's name means the encoder, also where an index or a run is called so.
    if plain.replace("-", "_") not in encoders.names():
        for folder in (indexes / plain, Path(plain)):
            if (folder / "manifest.json").is_file():
                return _of_index(folder, {**options, **cut})
    encoder = encoder_of(what, runs, options)

    def library(catalog: Catalog) -> Gallery:
        return gallery.library(catalog, encoder.pipeline, words=encoder.role == "words")

    return Candidate(encoder.pipeline, encoder.encode_descriptions, encoder, library, what)


def encoder_of(what: str, runs: Path, options: Mapping[str, Any] | None = None) -> Any:
    """The encoder of that name, or of a run or its checkpoint. Raises WrongUse, NoModel or Damaged."""
    plain, cut = encoders.cut_of(what)
    if plain.replace("-", "_") not in encoders.names():
        try:
            plain = str(checkpoint_of(plain, runs))
        except WrongUse as unknown:
            known = ", ".join(encoders.names())
            raise WrongUse(
                f"there is no encoder {plain!r}; there are: {known}. As a run, {unknown}",
                try_this="nw models    (the encoders), nw runs list    (the runs)",
            ) from unknown
    given = {**(options or {}), **cut}
    return encoders.load(plain, **given)


def checkpoint_of(what: str, folder_of_runs: Path) -> Path:
    """The folder with weights that a name means: itself, or the best (else the last) of a run."""
    if (Path(what) / MANIFEST).is_file():
        return Path(what).absolute()
    run = runs.find(folder_of_runs, what)
    chosen = run / BEST
    if not chosen.is_dir():  # a run that ended before it was judged
        chosen = run / LAST
    return chosen.absolute()


def _of_index(folder: Path, options: Mapping[str, Any]) -> Candidate:
    """An index: its own vectors and its own text tower, as a query would use them. Raises Incompatible."""
    from models.networks.text_tower import TextTower

    manifest = read_manifest(folder)
    # The tower of the index and not the encoder's own: it may round in another way, and it is what answers.
    tower = TextTower(folder / manifest.content / "tower")
    encoder = encoders.same_pipeline(encoders.load(manifest.encoder, **options), manifest)

    def library(catalog: Catalog) -> Gallery:
        if manifest.role == "words":
            return gallery.library(catalog, manifest.pipeline, words=True)
        return gallery.indexed(catalog, SongIndex(folder))

    return Candidate(manifest.pipeline, tower.encode, encoder, library, manifest.encoder)
