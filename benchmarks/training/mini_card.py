"""The figures of the card of `mini`, from the shipped weights, beside other weights or a teacher of theirs.

    python benchmarks/training/mini_card.py --captioned DIR --music DIR --before DIR [--weights DIR]
    python benchmarks/training/mini_card.py --captioned DIR --music DIR --teacher DIR [--keep DIR]

captioned: a folder with captions.jsonl (file, caption), never trained on. music: the game tracks, below
the names of their Debian packages. before: other weights of `mini`. teacher: musicnn's weights. keep: a
folder for what the teacher said, which takes longest. soundfonts: a folder of those that play the scores,
this machine's where none is named. card: a Markdown file whose table between two marks is
written anew. Prints a Markdown table; every interval is a 95 % bootstrap over songs (or queries).
"""

import argparse
import fnmatch
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from mini_figures import Card, Sounds, auc, average_precision, by_chance, ranks_of
from mini_listeners import FAINT, Floats, Student, Teacher
from numpy.typing import NDArray

from catalog.audio import waveform
from models.encoders.mini import WEIGHTS
from models.training.mini.material import performance, render, scores, songs

RATE_HZ, SIZE = 16_000, 160_000
BLOCK = 45
"""Scores that one soundfont plays, then the next."""
MIDDLE_S = 60.0
NINE: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("game_music.toml").read_text())
SHORTEST_S = 32.0
MARKS = "<!-- figures -->", "<!-- end of figures -->"
SUNG = re.compile(r"vocal|sing|sung|voice|choir")


def main() -> None:
    """Read what was asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("captioned", "music"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    others = parser.add_mutually_exclusive_group(required=True)
    others.add_argument("--teacher", type=Path)
    others.add_argument("--before", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--soundfonts", type=Path)
    parser.add_argument("--card", type=Path)
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    other = Teacher(given.teacher) if given.teacher else Student(given.before)
    card = Card(Student(given.weights), other, given.keep)
    beside = "musicnn" if given.teacher else "before"
    card.say(f"| task | n | chance | mini | {beside} | difference |\n|---|---|---|---|---|---|")
    captioned(card, given.captioned)
    nine(card, given.music, _ready_made(given.teacher))
    played(card, _fonts(given.soundfonts))
    if given.card:
        write(given.card, card.lines)


def write(card: Path, lines: Sequence[str]) -> None:
    """Put the table between the marks of a card."""
    first_mark, last_mark = MARKS
    before, begin, rest = card.read_text().partition(first_mark)
    _, end, after = rest.partition(last_mark)
    table = "\n".join([begin, "", *lines, "", end])
    card.write_text(before + table + after)


def captioned(card: Card, folder: Path) -> None:
    """Written descriptions of songs that nothing was trained on; tags, singing and loudness of the same."""
    lines = (folder / "captions.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    loudness = []

    def sounds() -> Sounds:
        for row in rows:
            blocks = waveform.windows(folder / row["file"], rate_hz=RATE_HZ, window_s=10, hop_s=10)
            windows = np.concatenate(list(blocks))
            power = np.square(windows).mean()
            loudness.append(np.log(power + 1e-9))
            yield row["file"], windows

    _, ours, said = card.hear("captioned", sounds())
    texts = [row["caption"] for row in rows]
    heard = card.student.songs(ours), card.teacher.songs(said)
    our_ranks, their_ranks = (ranks_of(scores.T) for scores in card.scores(heard, texts))
    n = len(rows)
    card.compare("captioned: MRR", by_chance(n), 1 / our_ranks, 1 / their_ranks)
    for k in (1, 5, 10):
        card.compare(f"captioned: R@{k}", k / n, our_ranks <= k, their_ranks <= k)
    sung = np.array([bool(SUNG.search(text.lower())) for text in texts])
    card.pick("singing (by the captions): AUC", heard, sung, ("a song with vocals", "instrumental music"))
    if isinstance(card.teacher, Teacher):
        tagging(card, card.teacher.tags, heard[0], said)
    real = np.flatnonzero([not row["generated"] for row in rows])
    card.compare("captioned, real recordings: MRR", by_chance(n), 1 / our_ranks[real], 1 / their_ranks[real])
    real_texts = [texts[i] for i in real]
    among_real = card.scores(_only(heard, real), real_texts)
    ours_among, theirs_among = (1 / ranks_of(scores.T) for scores in among_real)
    chance = by_chance(len(real))
    card.compare("captioned, real recordings among themselves: MRR", chance, ours_among, theirs_among)
    # The middle third is neither loud nor quiet.
    level = np.array(loudness)  # (songs,)
    quiet, loudest = np.quantile(level, [1 / 3, 2 / 3])
    ends = np.flatnonzero((level <= quiet) | (level >= loudest))
    loud = level[ends] > np.median(level)
    prompts = "loud energetic music", "quiet calm music"
    card.pick("loud or quiet masters: AUC", _only(heard, ends), loud, prompts)


def _only(heard: tuple[Floats, Floats], rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """These songs alone, as both listeners heard them."""
    ours, theirs = heard
    return ours[rows], theirs[rows]


def tagging(card: Card, tags: Sequence[str], vectors: Floats, said: Sequence[Floats]) -> None:
    """How well `mini` finds what the teacher tags, on songs that neither was trained on: AUC over tags."""
    log_probability = np.stack([song.mean(0) for song in said])  # (songs, tags)
    probability = np.exp(log_probability)
    surest_tenth = np.quantile(probability, 0.9, axis=0)
    right = probability > np.maximum(0.1, surest_tenth)
    common = np.flatnonzero(right.sum(0) >= 5)
    phrases = [f"{tags[tag].lower()} music" for tag in common]
    scores = vectors @ card.student.read(phrases).T  # (songs, common tags)

    def measure(i: NDArray[np.int64]) -> tuple[float, float]:
        found = [auc(scores[i, at], right[i, tag]) for at, tag in enumerate(common)]
        return float(np.nanmean(found)), 1.0

    what = f"zero-shot tagging, {len(common)} tags as the teacher heard them: AUC"
    card.row(what, 0.5, measure, len(vectors))


def played(card: Card, fonts: Sequence[Path]) -> None:
    """Scores played by fluidsynth, other ones than those of the training."""
    rng = np.random.default_rng(99)
    names = scores.instrument_names()
    tones = [p for p in range(112) if p not in render.NOT_TONES]
    solos = [scores.solo(p, rng) for p in tones for _ in range(2)]
    pieces = [scores.compose(style, rng) for style in scores.styles() for _ in range(3)]
    written = [*solos, *pieces]

    def sounds() -> Sounds:
        for block, at in enumerate(range(0, len(written), BLOCK)):
            font = fonts[block % len(fonts)]
            rendered = performance.render(written[at : at + BLOCK], font)
            for number, sound in enumerate(rendered, start=at):
                behind_attack = np.resize(sound[RATE_HZ:], SIZE)
                yield str(number), behind_attack[None]

    _, ours, said = card.hear("played", sounds())
    heard = card.student.songs(ours), card.teacher.songs(said)
    instruments = list(dict.fromkeys(names[p] for p in tones))
    right = np.array([instruments.index(score.instruments[0]) for score in solos])
    prompts = [f"solo {name}" for name in instruments]
    of_solos = _only(heard, np.arange(len(solos)))
    ranks = []
    for found in card.scores(of_solos, prompts):
        own = found[np.arange(len(right)), right]  # (solos,)
        better = found > own[:, None]  # (solos, instruments)
        ranks.append(1 + better.sum(1))
    our_ranks, their_ranks = ranks
    for k in (1, 5):
        what = f"instrument alone, of {len(instruments)}: R@{k}"
        card.compare(what, k / len(instruments), our_ranks <= k, their_ranks <= k)
    bpm = np.array([score.bpm for score in written])
    moods = [" ".join(score.moods) for score in written]
    happy = np.array([bool(re.search("happy|cheerful|joyful", mood)) for mood in moods])
    sad = np.array([bool(re.search("sad|melanchol|gloomy", mood)) for mood in moods])
    mode = np.array([score.mode for score in written])

    def pick(what: str, yes: NDArray[np.bool_], no: NDArray[np.bool_], prompts: tuple[str, str]) -> None:
        either = np.flatnonzero(yes | no)
        card.pick(what, _only(heard, either), yes[either], prompts)

    pick("tempo, from 140 or up to 80 bpm: AUC", bpm >= 140, bpm <= 80, ("fast music", "slow music"))
    keys = "music in a major key", "music in a minor key"
    pick("major or minor: AUC", mode == "major", mode == "minor", keys)
    pick("happy or sad, played: AUC", happy & ~sad, sad & ~happy, ("happy music", "sad music"))


def _fonts(folder: Path | None) -> list[Path]:
    """The soundfonts below a folder, or those of this machine. Ends the program where there is none."""
    found = sorted(folder.rglob("*.sf[23]")) if folder else render.soundfonts()
    if not found:
        raise SystemExit("no soundfont plays the scores; try: apt-get install fluid-soundfont-gm")
    return [path for path in found if not path.is_symlink()]


def nine(card: Card, music: Path, said: Mapping[str, Floats]) -> None:
    """Nine plain descriptions of game music, by the middle minute of each; the training heard them."""

    def sounds() -> Sounds:
        for path in songs.files_of([music]):
            name = str(path.relative_to(music))
            seconds = waveform.probe(path).duration_s
            if seconds < SHORTEST_S:
                continue
            start = max(0.0, (seconds - MIDDLE_S) / 2)
            sound = waveform.crop(path, start, min(MIDDLE_S, seconds), rate_hz=RATE_HZ)
            windows = len(sound) // SIZE
            yield name, sound[: windows * SIZE].reshape(windows, SIZE)

    names, ours, theirs = card.hear("nine", sounds(), said)
    right = np.zeros((len(names), len(NINE)), bool)
    for row, name in enumerate(names):
        right[row] = [_is_one_of(name, globs) for globs in NINE.values()]
    heard = card.student.songs(ours), card.teacher.songs(theirs)
    scores = card.scores(heard, list(NINE))

    def of_query(query: int, i: NDArray[np.int64]) -> tuple[float, float]:
        """Average precision of either listener, on these songs."""
        of_ours, of_theirs = scores
        is_right = right[i, query]
        ours = average_precision(of_ours[i, query], is_right)
        theirs = average_precision(of_theirs[i, query], is_right)
        return ours, theirs

    def mean_over_queries(i: NDArray[np.int64]) -> tuple[float, float]:
        each = [of_query(query, i) for query in range(len(NINE))]
        ours, theirs = np.nanmean(each, axis=0)
        return float(ours), float(theirs)

    chance = float(right.mean())
    what = "nine descriptions of game music (heard in training): mAP"
    card.row(what, chance, mean_over_queries, len(names))
    for query, text in enumerate(NINE):
        chance = float(right[:, query].mean())
        card.row(f"  {text}: AP", chance, partial(of_query, query), len(names))


def _is_one_of(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(name, glob) for glob in globs)


def _ready_made(teacher: Path | None) -> dict[str, Floats]:
    """What musicnn says of the middle minute of each track, where that was kept: log probabilities."""
    tags = (teacher or Path()) / "game_music_tags.npz"
    if not tags.exists():
        return {}
    with np.load(tags) as kept:
        log = np.log(kept["probabilities"].astype(np.float32) + FAINT)
        song = kept["song"]  # (windows,) the place of each one's path
        return {str(path): log[song == number] for number, path in enumerate(kept["paths"])}


if __name__ == "__main__":
    main()
