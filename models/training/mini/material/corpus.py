"""Everything `mini` learns from, brought together: windows with labels and captions, and texts on music."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.data_sets import Excluded
from catalog.errors import NotReady
from models.training.mini.material import captions as wording
from models.training.mini.material import render, similar_songs, songs, teachers, traits, words
from models.training.mini.material.scores import Score
from models.training.mini.material.songs import LabelledSong, Note
from models.training.mini.material.teachers import FEATURE, MOODS, Teacher
from models.training.mini.material.traits import Spoken
from models.training.mini.material.windows import Windows
from models.training.mini.material.words import Text

Floats = NDArray[np.float32]
WORDINGS = 6
HEARD = np.log(0.05)
"""Log probability from which a tag can be said of a window."""


@dataclass(frozen=True, slots=True)
class Material:
    """windows: real and rendered ones. said: per text the rows of its description and of its aspects in the
    sentences of `windows`. weights: (labels,) how much each label counts. center: (384,) mean of the tags.
    spoken: what texts name and rendered windows have."""

    windows: Windows
    said: Sequence[tuple[int, Sequence[int]]]
    weights: Floats
    center: Floats
    spoken: Spoken


def gather(
    recipe: Mapping[str, Any], folders: Sequence[Path], cache: Path, note: Note, exclude: Excluded
) -> Material:
    """Hear, render, label and word what the recipe asks for; what the cache holds is taken from there.

    Raises NotReady without any teacher, and SourceError without music.
    """
    hired = _teachers(folders)
    names = [name for teacher in hired for name in teacher.names]
    heard = list(songs.labelled(songs.files_of(folders, exclude), hired, cache / "songs", note))
    played = list(render.blocks(recipe["blocks"], render.soundfonts(), hired, cache / "scores", note))
    texts = words.read(folders)
    rng = np.random.default_rng(recipe["seed"])
    labels = np.concatenate([song.labels for song in heard])
    told = _captions_of_songs(labels, names, rng)
    told += [_wordings(score, rng) for block in played for score in block.scores]
    sentences, rows = _sentences(told, texts, names, cache)

    def rows_of(captions: Iterable[str]) -> list[int]:
        return [rows[caption] for caption in captions]

    captions = np.full((len(told), WORDINGS + recipe["near"]), -1)  # -1: scores have no texts near them
    captions[:, :WORDINGS] = [rows_of(wordings) for wordings in told]
    captions[: len(labels), WORDINGS:] = _near(labels, names, texts, sentences, rows, recipe["near"])
    said = [(rows[text.description], rows_of(text.aspects)) for text in texts]
    center = _tags(names, sentences, rows).mean(0)
    windows = _windows(heard, played, labels, captions, sentences)
    spoken = _spoken(names, texts, played, [told[i] for i in range(len(labels), len(told))], rows, rng)
    return Material(windows, said, _weights(names), center, spoken)


def _wordings(score: Score, rng: np.random.Generator) -> list[str]:
    """Several ways to say what a score is."""
    known = wording.of_score(score)
    return [wording.describe(known, rng) for _ in range(WORDINGS)]


def _teachers(folders: Sequence[Path]) -> list[Teacher]:
    weights = words.find(folders, words.LABELS)
    hired = teachers.present(weights.parent if weights else None)
    if not hired:
        raise NotReady(
            "there is no teacher to learn from: no musicnn weights below --data, and no wheel vibenet.",
            try_this="pip install --no-deps vibenet    (or name the folder with MTT_musicnn.safetensors)",
        )
    return hired


def _captions_of_songs(labels: Floats, names: Sequence[str], rng: np.random.Generator) -> list[list[str]]:
    """Wordings of what the teachers hear in each window."""
    standing = _standard(labels, labels)
    tagged = _tagged(names)
    moods = {name: names.index(name) for name in MOODS if name in names}
    told = []
    for row, log_probability in zip(standing, labels[:, tagged], strict=True):
        stands = np.where(log_probability > HEARD, row[tagged], -9)
        mood = {name: float(row[place]) for name, place in moods.items()}
        traits = wording.of_tags([names[i] for i in tagged], stands, mood)
        told.append([wording.describe(traits, rng) for _ in range(WORDINGS)])
    return told


def _sentences(
    told: Sequence[Sequence[str]], texts: Sequence[Text], names: Sequence[str], cache: Path
) -> tuple[Floats, dict[str, int]]:
    """Vectors of every caption, description, aspect and tag, and the row of each."""
    wanted = {caption for captions in told for caption in captions}
    wanted |= {text.description for text in texts} | {a for text in texts for a in text.aspects}
    wanted |= {_music(names[i]) for i in _tagged(names)}
    ordered = sorted(wanted)
    return words.vectors(ordered, cache), {text: row for row, text in enumerate(ordered)}


def _near(
    labels: Floats,
    names: Sequence[str],
    texts: Sequence[Text],
    sentences: Floats,
    rows: Mapping[str, int],
    count: int,
) -> NDArray[np.int64]:
    """Rows of the descriptions (windows, count) nearest to what stands out in a window; -1 without any."""
    if not texts:
        return np.full((len(labels), count), -1)
    tagged = _tagged(names)
    aspects = {a: sentences[rows[a]] for text in texts for a in text.aspects}
    described = sentences[[rows[text.description] for text in texts]]
    spoken_of = similar_songs.profiles(texts, described, aspects, _tags(names, sentences, rows))
    found = similar_songs.nearest(_standard(labels, labels)[:, tagged], spoken_of, count)
    return np.array([rows[text.description] for text in texts])[found]


def _spoken(
    names: Sequence[str],
    texts: Sequence[Text],
    played: Sequence[render.Rendered],
    told: Sequence[Sequence[str]],
    rows: Mapping[str, int],
    rng: np.random.Generator,
) -> Spoken:
    """Traits by the described texts and as many captions of scores."""
    scores = [score for block in played for score in block.scores]
    instruments, plays = traits.played_often([score.instruments for score in scores])
    captions = sorted({caption for captions in told for caption in captions})
    chosen = rng.permutation(len(captions))[: len(texts)]
    whole = [*map(traits.whole, texts), *(captions[i] for i in chosen)]
    found = [rows[text.description] for text in texts] + [rows[captions[i]] for i in chosen]
    tagged = _tagged(names)
    named = traits.named(whole, [*(names[i] for i in tagged), *instruments])
    return Spoken(tagged, plays[_loud(played)], np.array(found, np.int64), named)


def _loud(played: Sequence[render.Rendered]) -> NDArray[np.bool_]:
    """Which scores (scores,) can be heard."""
    return np.array([log_mel.max() > -5 for block in played for log_mel in block.log_mels], bool)


def _tagged(names: Sequence[str]) -> list[int]:
    return [i for i, name in enumerate(names) if name not in (FEATURE, *MOODS)]


def _tags(names: Sequence[str], sentences: Floats, rows: Mapping[str, int]) -> Floats:
    tags: Floats = sentences[[rows[_music(names[i])] for i in _tagged(names)]]
    return tags


def _music(tag: str) -> str:
    return f"{tag.lower()} music"


def _weights(names: Sequence[str]) -> Floats:
    """A tag counts as much as three features, a mood as much as eight."""
    return np.array([1 if n == FEATURE else 8 if n in MOODS else 3 for n in names], np.float32)


def _standard(labels: Floats, among: Floats) -> Floats:
    """Labels (windows, labels) in standard deviations of those `among` them."""
    deviations = (labels - among.mean(0)) / (among.std(0) + 0.05)
    standard: Floats = np.clip(deviations, -3, 4).astype(np.float32)
    return standard


def _windows(
    heard: Sequence[LabelledSong],
    played: Sequence[render.Rendered],
    labels: Floats,
    captions: NDArray[np.int64],
    sentences: Floats,
) -> Windows:
    """Real windows first, then rendered ones without their second of attack; silent scores are left out."""
    counts = [len(song.labels) for song in heard]
    loud = _loud(played)  # (scores,)
    rendered = [log_mel for block in played for log_mel in block.log_mels]
    rendered = [log_mel for log_mel, is_loud in zip(rendered, loud, strict=True) if is_loud]
    song_of = np.repeat(np.arange(len(heard)), counts)  # (real windows,)
    score_of = len(heard) + np.arange(len(rendered))  # (rendered windows,)
    step = round(songs.WINDOW_S * 50)  # 50 frames a second
    first_frames = [np.arange(count) * step for count in counts]
    of_scores = np.concatenate([block.labels for block in played]) if played else labels[:0]
    standard = _standard(np.concatenate([labels, of_scores]), labels)
    kept = np.concatenate([np.ones(len(labels), bool), loud])
    return Windows(
        [*(song.log_mel for song in heard), *rendered],
        np.concatenate([song_of, score_of]),
        np.concatenate([*first_frames, np.full(len(rendered), 50)]),
        standard[kept],
        captions[kept],
        sentences,
        np.arange(int(kept.sum())) >= len(labels),
    )
