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
from pathlib import Path

import numpy as np
from mini_figures import Card, Sounds, auc, average_precision, by_chance, ranks_of
from mini_listeners import FAINT, Floats, Student, Teacher
from numpy.typing import NDArray

from catalog.audio import waveform
from models.encoders.mini import WEIGHTS
from models.training.mini.material import performance, render, scores, songs

RATE_HZ, SIZE = 16_000, 160_000
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
    before, begin, rest = card.read_text().partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    card.write_text(before + "\n".join([begin, "", *lines, "", end]) + after)


def captioned(card: Card, folder: Path) -> None:
    """Written descriptions of songs that nothing was trained on; tags, singing and loudness of the same."""
    rows = [json.loads(line) for line in (folder / "captions.jsonl").read_text().splitlines()]
    loudness = []

    def sounds() -> Sounds:
        for row in rows:
            blocks = waveform.windows(folder / row["file"], rate_hz=RATE_HZ, window_s=10, hop_s=10)
            windows = np.concatenate(list(blocks))
            loudness.append(np.log(np.square(windows).mean() + 1e-9))
            yield row["file"], windows

    _, ours, said = card.hear("captioned", sounds())
    texts = [row["caption"] for row in rows]
    heard = card.student.songs(ours), card.teacher.songs(said)
    ranks = [ranks_of(scores.T) for scores in card.scores(heard, texts)]
    n = len(rows)
    card.compare("captioned: MRR", by_chance(n), *(1 / r for r in ranks))
    for k in (1, 5, 10):
        card.compare(f"captioned: R@{k}", k / n, *((r <= k).astype(float) for r in ranks))
    sung = np.array([bool(SUNG.search(text.lower())) for text in texts])
    card.pick("singing (by the captions): AUC", heard, sung, ("a song with vocals", "instrumental music"))
    if isinstance(card.teacher, Teacher):
        tagging(card, card.teacher.tags, heard[0], said)
    real = np.flatnonzero([not row["generated"] for row in rows])
    card.compare("captioned, real recordings: MRR", by_chance(n), *(1 / r[real] for r in ranks))
    of_real = heard[0][real], heard[1][real]
    real_texts = [texts[i] for i in real]
    among = [1 / ranks_of(scores.T) for scores in card.scores(of_real, real_texts)]
    card.compare("captioned, real recordings among themselves: MRR", by_chance(len(real)), *among)
    # The middle third is neither loud nor quiet.
    level = np.array(loudness)  # (songs,)
    quiet, loudest = np.quantile(level, [1 / 3, 2 / 3])
    ends = np.flatnonzero((level <= quiet) | (level >= loudest))
    heard = heard[0][ends], heard[1][ends]
    loud = level[ends] > np.median(level)
    card.pick("loud or quiet masters: AUC", heard, loud, ("loud energetic music", "quiet calm music"))


def tagging(card: Card, tags: Sequence[str], vectors: Floats, said: Sequence[Floats]) -> None:
    """How well `mini` finds what the teacher tags, on songs that neither was trained on: AUC over tags."""
    probability = np.exp(np.stack([song.mean(0) for song in said]))  # (songs, tags)
    surest_tenth = np.quantile(probability, 0.9, axis=0)
    right = probability > np.maximum(0.1, surest_tenth)
    common = np.flatnonzero(right.sum(0) >= 5)
    scores = vectors @ card.student.read([f"{tags[tag].lower()} music" for tag in common]).T

    def measure(i: NDArray[np.int64]) -> tuple[float, float]:
        found = [auc(scores[i, at], right[i, tag]) for at, tag in enumerate(common)]
        return float(np.nanmean(found)), 1.0

    card.row(
        f"zero-shot tagging, {len(common)} tags as the teacher heard them: AUC", 0.5, measure, len(vectors)
    )


def played(card: Card, fonts: Sequence[Path]) -> None:
    """Scores played by fluidsynth, other ones than those of the training."""
    rng = np.random.default_rng(99)
    names = scores.instrument_names()
    tones = [p for p in range(112) if p not in render.NOT_TONES]
    solos = [scores.solo(p, rng) for p in tones for _ in range(2)]
    pieces = [scores.compose(style, rng) for style in scores.styles() for _ in range(3)]
    written = [*solos, *pieces]

    def sounds() -> Sounds:
        for at in range(0, len(written), 45):
            font = fonts[at // 45 % len(fonts)]
            for number, sound in enumerate(performance.render(written[at : at + 45], font)):
                yield str(at + number), np.resize(sound[RATE_HZ:], SIZE)[None]

    _, ours, said = card.hear("played", sounds())
    heard = card.student.songs(ours), card.teacher.songs(said)
    instruments = list(dict.fromkeys(names[p] for p in tones))
    right = np.array([instruments.index(score.instruments[0]) for score in solos])
    prompts = [f"solo {name}" for name in instruments]
    ours_alone, theirs_alone = (vectors[: len(solos)] for vectors in heard)
    ranks = []
    for found in card.scores((ours_alone, theirs_alone), prompts):
        own = found[np.arange(len(right)), right]  # (solos,)
        ranks.append(1 + (found > own[:, None]).sum(1))
    for k in (1, 5):
        card.compare(
            f"instrument alone, of {len(instruments)}: R@{k}",
            k / len(instruments),
            *((r <= k).astype(float) for r in ranks),
        )
    bpm = np.array([score.bpm for score in written])
    moods = [" ".join(score.moods) for score in written]
    happy = np.array([bool(re.search("happy|cheerful|joyful", mood)) for mood in moods])
    sad = np.array([bool(re.search("sad|melanchol|gloomy", mood)) for mood in moods])
    mode = np.array([score.mode for score in written])

    def pick(what: str, yes: NDArray[np.bool_], no: NDArray[np.bool_], prompts: tuple[str, str]) -> None:
        of = np.flatnonzero(yes | no)
        card.pick(what, (heard[0][of], heard[1][of]), yes[of], prompts)

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
            yield name, sound[: len(sound) // SIZE * SIZE].reshape(-1, SIZE)

    names, ours, theirs = card.hear("nine", sounds(), said)
    right = np.array([[_is_one_of(name, globs) for globs in NINE.values()] for name in names])
    heard = card.student.songs(ours), card.teacher.songs(theirs)
    scores = card.scores(heard, list(NINE))

    def measure(i: NDArray[np.int64]) -> tuple[float, float]:
        found = []
        for one in scores:
            each = [average_precision(one[i, query], right[i, query]) for query in range(len(NINE))]
            found.append(float(np.nanmean(each)))
        ours, theirs = found
        return ours, theirs

    chance = float(right.mean())
    card.row("nine descriptions of game music (heard in training): mAP", chance, measure, len(names))
    for q, text in enumerate(NINE):
        card.row(
            f"  {text}: AP",
            float(right[:, q].mean()),
            lambda i, q=q: tuple(average_precision(s[i, q], right[i, q]) for s in scores),
            len(names),
        )


def _is_one_of(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(name, glob) for glob in globs)


def _ready_made(teacher: Path | None) -> dict[str, Floats]:
    """What musicnn says of the middle minute of each track, where that was kept: log probabilities."""
    tags = (teacher or Path()) / "game_music_tags.npz"
    if not tags.exists():
        return {}
    with np.load(tags) as kept:
        log = np.log(kept["probabilities"].astype(np.float32) + FAINT)
        return {str(path): log[kept["song"] == number] for number, path in enumerate(kept["paths"])}


if __name__ == "__main__":
    main()
