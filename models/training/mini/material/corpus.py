"""Everything `mini` learns from, brought together: windows with labels and captions, and texts on music."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.data_sets import Excluded
from catalog.errors import NotReady
from models.training.mini.material import captions as wording
from models.training.mini.material import render, similar_songs, songs, teachers, traits, words
from models.training.mini.material.scores import Score
from models.training.mini.material.songs import LabelledSong, Progress
from models.training.mini.material.teachers import FEATURE, MOODS, Teacher
from models.training.mini.material.traits import Spoken
from models.training.mini.material.windows import Windows
from models.training.mini.material.words import Text

Floats = NDArray[np.float32]
WORDINGS = 6
"""Captions made for each window."""
HEARD = np.log(0.05)
"""Log probability from which a tag can be said of a window."""
FRAMES_A_SECOND = 50  # of a log-mel spectrogram (`coarse_mel.HOP`)
LOUD = -5
"""Largest log10 mel power from which a rendered score counts as heard."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentence vectors (texts, 384), and the row of each text among them."""

    vectors: Floats
    row: Mapping[str, int]

    def rows(self, texts: Iterable[str]) -> list[int]:
        """The rows of these texts."""
        return [self.row[text] for text in texts]


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
    recipe: Mapping[str, Any], folders: Sequence[Path], cache: Path, note: Progress, exclude: Excluded
) -> Material:
    """Hear, render, label and word what the recipe asks for; what the cache holds is taken from there.

    Raises NotReady without any teacher, and SourceError without music.
    """
    hired = _teachers(folders)
    names: list[str] = []  # of the labels, one teacher's after the other's
    for teacher in hired:
        names += teacher.names
    files = songs.files_of(folders, exclude)
    heard = list(songs.labelled(files, hired, cache / "songs", note))
    soundfonts = render.soundfonts()
    blocks = render.blocks(recipe["blocks"], soundfonts, hired, cache / "scores", note)
    played = list(blocks)
    texts = words.read(folders)
    rng = np.random.default_rng(recipe["seed"])
    labels = np.concatenate([song.labels for song in heard])  # (real windows, labels)
    of_songs = _captions_of_songs(labels, names, rng)
    of_scores = [_wordings(score, rng) for score in _scores(played)]
    told = of_songs + of_scores
    sentences = _sentences(told, texts, names, cache)

    # (windows, wordings + near). Only real windows have people's texts near them: -1 for scores.
    near = recipe["near"]
    captions = np.full((len(told), WORDINGS + near), -1)
    captions[:, :WORDINGS] = [sentences.rows(wordings) for wordings in told]
    captions[: len(labels), WORDINGS:] = _near(labels, names, texts, sentences, near)
    said = []
    for text in texts:
        description = sentences.row[text.description]
        aspects = sentences.rows(text.aspects)
        said.append((description, aspects))
    center = _tags(names, sentences).mean(0)
    windows = _windows(heard, played, labels, captions, sentences.vectors)
    spoken = _spoken(names, texts, played, of_scores, sentences, rng)
    return Material(windows, said, _weights(names), center, spoken)


def _scores(played: Sequence[render.Rendered]) -> list[Score]:
    return [score for block in played for score in block.scores]


def _wordings(score: Score, rng: np.random.Generator) -> list[str]:
    """Several ways to say what a score is."""
    known = wording.of_score(score)
    return [wording.describe(known, rng) for _ in range(WORDINGS)]


def _teachers(folders: Sequence[Path]) -> list[Teacher]:
    hired = teachers.present(words.taggers(folders))
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
    tags = [names[i] for i in tagged]
    moods = {name: names.index(name) for name in MOODS if name in names}
    told = []
    for row, log_probability in zip(standing, labels[:, tagged], strict=True):
        # (tags,): a tag that is not heard at all must not stand out, however rare it is elsewhere.
        stands = np.where(log_probability > HEARD, row[tagged], -9)
        mood = {name: float(row[place]) for name, place in moods.items()}
        traits = wording.of_tags(tags, stands, mood)
        told.append([wording.describe(traits, rng) for _ in range(WORDINGS)])
    return told


def _sentences(
    told: Sequence[Sequence[str]], texts: Sequence[Text], names: Sequence[str], cache: Path
) -> Sentences:
    """Vectors of every caption, description, aspect and tag."""
    wanted: set[str] = set()
    for captions in told:
        wanted.update(captions)
    for text in texts:
        wanted.add(text.description)
        wanted.update(text.aspects)
    wanted.update(_music(names[i]) for i in _tagged(names))
    ordered = sorted(wanted)
    row = {text: i for i, text in enumerate(ordered)}
    return Sentences(words.vectors(ordered, cache), row)


def _near(
    labels: Floats, names: Sequence[str], texts: Sequence[Text], sentences: Sentences, count: int
) -> NDArray[np.int64]:
    """Rows of the descriptions (windows, count) nearest to what stands out in a window; -1 without any."""
    if not texts:
        return np.full((len(labels), count), -1)
    rows = np.array([sentences.row[text.description] for text in texts])
    aspects = {}
    for text in texts:
        for aspect in text.aspects:
            aspects[aspect] = sentences.vectors[sentences.row[aspect]]
    described = sentences.vectors[rows]  # (texts, 384)
    spoken_of = similar_songs.profiles(texts, described, aspects, _tags(names, sentences))
    standing = _standard(labels, labels)[:, _tagged(names)]  # (windows, tags)
    found = similar_songs.nearest(standing, spoken_of, count)
    return rows[found]


def _spoken(
    names: Sequence[str],
    texts: Sequence[Text],
    played: Sequence[render.Rendered],
    told: Sequence[Sequence[str]],
    sentences: Sentences,
    rng: np.random.Generator,
) -> Spoken:
    """Traits by the described texts and as many captions of scores.

    told: the captions of each score.
    """
    lineups = [score.instruments for score in _scores(played)]
    instruments, plays = traits.played_often(lineups)
    captions = sorted(set[str]().union(*told))  # a set has no order, and the draw below needs one
    order = rng.permutation(len(captions))
    chosen = [captions[i] for i in order[: len(texts)]]
    rows = sentences.rows(text.description for text in texts)
    rows += sentences.rows(chosen)
    whole = [*map(traits.whole, texts), *chosen]
    tagged = _tagged(names)
    tags = [names[i] for i in tagged]
    named = traits.named(whole, [*tags, *instruments])
    return Spoken(tagged, plays[_loud(played)], np.array(rows, np.int64), named)


def _loud(played: Sequence[render.Rendered]) -> NDArray[np.bool_]:
    """Which scores (scores,) can be heard."""
    loud: list[bool] = []
    for block in played:
        loud += [log_mel.max() > LOUD for log_mel in block.log_mels]
    return np.array(loud, bool)


def _tagged(names: Sequence[str]) -> list[int]:
    """Which labels are tags."""
    return [i for i, name in enumerate(names) if name not in (FEATURE, *MOODS)]


def _tags(names: Sequence[str], sentences: Sentences) -> Floats:
    """Sentence vectors (tags, 384) of the tags."""
    phrases = [_music(names[i]) for i in _tagged(names)]
    tags: Floats = sentences.vectors[sentences.rows(phrases)]
    return tags


def _music(tag: str) -> str:
    """A tag as a phrase: a bare "male" or "heavy" would mean much else to a sentence encoder."""
    return f"{tag.lower()} music"


def _weights(names: Sequence[str]) -> Floats:
    """A tag counts as much as three features, a mood as much as eight."""
    weights = []
    for name in names:
        if name == FEATURE:
            weight = 1
        elif name in MOODS:
            weight = 8
        else:
            weight = 3
        weights.append(weight)
    return np.array(weights, np.float32)


def _standard(labels: Floats, among: Floats) -> Floats:
    """Labels (windows, labels) as z-scores, by mean and deviation `among` others, held to -3 ... 4."""
    spread = among.std(0) + 0.05  # what hardly varies is not blown up
    deviations = (labels - among.mean(0)) / spread
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
    loud = _loud(played)  # (scores,)
    log_mels = chain.from_iterable(block.log_mels for block in played)
    rendered = list(compress(log_mels, loud))

    # A song has a window every ten seconds, a score one.
    counts = [len(song.labels) for song in heard]
    song_of = np.repeat(np.arange(len(heard)), counts)  # (real windows,)
    score_of = len(heard) + np.arange(len(rendered))  # (rendered windows,)
    step = round(songs.WINDOW_S * FRAMES_A_SECOND)
    starts = [np.arange(count) * step for count in counts]
    behind_attack = round(render.SKIPPED_S * FRAMES_A_SECOND)
    starts.append(np.full(len(rendered), behind_attack))

    of_scores = np.concatenate([block.labels for block in played]) if played else labels[:0]
    every = np.concatenate([labels, of_scores])  # (windows with silent ones, labels)
    standard = _standard(every, labels)  # among real music: what is usual there is the measure
    is_real = np.ones(len(labels), bool)
    kept = np.concatenate([is_real, loud])
    place = np.arange(int(kept.sum()))
    return Windows(
        songs=[*(song.log_mel for song in heard), *rendered],
        song=np.concatenate([song_of, score_of]),
        frame=np.concatenate(starts),
        labels=standard[kept],
        captions=captions[kept],
        sentences=sentences,
        rendered=place >= len(labels),
    )
