"""The third stage of `mini`: over the frozen trunk, the sound's heads learn to name single instruments.

Every instrument of General MIDI is played alone by several soundfonts; what music is heard as is held.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from catalog.atomic import written_aside
from catalog.audio import apart, waveform
from catalog.errors import Unreadable
from models.encoders import minilm
from models.encoders.mini import WEIGHTS
from models.indexing.calibration import sounds_in_moods
from models.networks import checkpoint
from models.networks.mini.config import MiniConfig
from models.networks.mini.network import Mini
from models.networks.mini.spectra import RATE_HZ
from models.trainers.mini import save
from models.training.loop_config import LoopConfig, Report
from models.training.mini import classes
from models.training.mini.material import songs
from models.training.mini.mixtures import midi, packages, played, solos
from models.training.mini.mixtures.gathering import SMALLEST
from models.training.mini.naming import Naming, Sentences, Solos
from models.training.settings import TrainSettings
from models.training.stopping import train_until_told

Floats = NDArray[np.float32]
KINDS = ("solos", "midi", "music")
"""Of packages: what plays, what is played, and what is to be heard as before."""
WORDINGS = ("solo {}", "a {} playing alone", "{} music", "{}")


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: TrainSettings,
    resume: bool = False,
    report: Report = lambda line: None,
) -> Mapping[str, float]:
    """Train from the weights that the recipe starts from; the new ones go to `folder`/best.

    data: folders with songs, which are heard as before, like the music of the packages. What was fetched is
    kept below the home with that of the second stage, what was heard in cache/mini-solos.
    """
    cache = settings.home / "cache"
    torch.set_num_threads(settings.jobs)
    mini, manifest = _started(recipe["start"])

    def note(what: str) -> None:
        report({"material": what})

    root = cache / "mini-audioset" / "packages"
    packages.fetch(root, note, KINDS)
    heard = cache / "mini-solos" / manifest["sha256"][:8]
    heard.mkdir(parents=True, exist_ok=True)
    pieces = played.pieces_in(root / "midi", note)
    listening = _Listening(recipe["material"], root, pieces, mini, heard, note)
    learned, judged = listening.solos()
    music = np.concatenate([listening.music([root / "music", *data]), listening.scores()])

    task = Naming(mini, learned, judged, music, _sentences(), recipe["naming"])
    config = LoopConfig(**recipe["naming"]["training"])
    about: dict[str, Any] = {"recipe": dict(recipe)}
    before = mini.sound.vectors(torch.from_numpy(music)).detach()
    best = train_until_told(task, config, folder / "naming", about=about, resume=resume, report=report)
    task.restore(best)
    _read_as_before(mini, music, before, recipe["reading"]["tags"])
    figures = dict(task.judge(task.model))
    same = {name: manifest[name] for name in manifest if name.startswith("explained") or name == "classes"}
    about = {"recipe": recipe["name"], "start": manifest["sha256"], **same, **figures}
    save(mini, folder / checkpoint.BEST, about)
    return figures


def _started(start: str) -> tuple[Mini, Mapping[str, Any]]:
    """The network that is gone on from, and what its weights say of themselves."""
    kept, manifest = checkpoint.load(Path(start) if start else WEIGHTS)
    mini = Mini(MiniConfig(**manifest["shape"])).eval()
    mini.load_state_dict(checkpoint.as_floats(kept, torch.float32))
    # Convolutions are faster with channels last.
    mini.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return mini, manifest


@dataclass(frozen=True, slots=True)
class _Listening:
    """What the frozen trunk hears. What is kept in `heard` is not played or heard again."""

    recipe: Mapping[str, Any]
    root: Path
    pieces: Sequence[Sequence[midi.Note]]
    mini: Mini
    heard: Path
    note: Callable[[str], None]

    def solos(self) -> tuple[Solos, Solos]:
        """Solos to learn from, and solos by a soundfont that is not."""
        fonts = self._fonts()
        learned: list[Solos] = []
        judged: list[Solos] = []
        for number in range(self.recipe["blocks"]):
            place = number % len(fonts)
            if not self._learns(place) and number >= self.recipe["judged"]:
                continue  # there are enough to judge by
            block = self._block(number, fonts[place])
            (learned if self._learns(place) else judged).append(block)
        return _together(learned), _together(judged or learned)

    def _block(self, number: int, font: Path) -> Solos:
        path = self.heard / f"solos-{number:03}.npz"
        if not path.exists():
            features, named = solos.heard(number, self.pieces, font, self.mini)
            with written_aside(path) as aside, aside.open("wb") as file:
                np.savez(file, features=features, named=named)
            self.note(f"heard {path.stem} by {font.stem}")
        with np.load(path) as kept:
            return Solos(kept["features"], kept["named"])

    def scores(self) -> Floats:
        """Features of scores of several instruments, by the soundfonts that are learned from."""
        fonts = [font for place, font in enumerate(self._fonts()) if self._learns(place)]
        found = []
        for number in range(self.recipe["scores"]):
            path = self.heard / f"scores-{number:03}.npy"
            if not path.exists():
                font = fonts[number % len(fonts)]
                _keep(path, solos.several_heard(number, self.pieces, font, self.mini))
                self.note(f"heard {path.stem} by {font.stem}")
            found.append(np.load(path))
        return np.concatenate(found)

    def music(self, folders: Sequence[Path]) -> Floats:
        """Features of some windows in a row from the middle of each song."""
        every, count = self.recipe["every"], self.recipe["windows"]
        path = self.heard / f"music-{every}-{count}.npy"
        if not path.exists():
            found = []
            large = [song for song in songs.files_of(folders) if song.stat().st_size >= SMALLEST["music"]]
            for song in large[::every]:
                try:
                    found.append(solos.features_of(_windows(song, count), self.mini))
                except Unreadable as error:
                    self.note(f"left out: {error}")
            _keep(path, np.concatenate(found))
            self.note(f"heard {len(found)} songs")
        kept: Floats = np.load(path)
        return kept

    def _fonts(self) -> list[Path]:
        return sorted((self.root / "solos").rglob("*.sf[23]"))

    def _learns(self, place: int) -> bool:
        """Whether what a soundfont plays is learned from: all are but the one that is held out."""
        held_out: int = self.recipe["held_out"]
        return place != held_out


def _keep(path: Path, features: Floats) -> None:
    with written_aside(path) as aside, aside.open("wb") as file:
        np.save(file, features)


def _together(blocks: Sequence[Solos]) -> Solos:
    features = [block.features for block in blocks]
    named = [block.named for block in blocks]
    return Solos(np.concatenate(features), np.concatenate(named))


def _windows(song: Path, count: int) -> Floats:
    """That many windows in a row from the middle of a song (windows, samples)."""
    seconds = apart.head(song).seconds or 0.0
    wanted = count * songs.WINDOW_S
    start = max(0.0, (seconds - wanted) / 2)
    sound = waveform.crop(song, start, wanted, rate_hz=RATE_HZ)
    return np.resize(sound, (max(1, sound.size // solos.SIZE), solos.SIZE))


def _sentences() -> Sentences:
    """The names in each wording, and what calibrates scores: sounds in moods."""
    words = minilm.Encoder()
    names = solos.names()
    wordings = [words.encode_descriptions([one.format(name) for name in names]) for one in WORDINGS]
    moods = [words.encode_descriptions(in_moods) for in_moods in sounds_in_moods()]
    return Sentences(np.stack(wordings), np.stack(moods))


@torch.no_grad()
def _read_as_before(mini: Mini, features: Floats, before: Tensor, ridge: float) -> None:
    """Set the layer that reads classes from a vector: of music it says what it said before."""
    if mini.tags is None:
        return
    said = mini.tags(before).numpy()
    vectors = mini.sound.vectors(torch.from_numpy(features)).numpy()
    matrix, offset = classes.regressed(vectors, said, ridge)
    mini.tags.weight.copy_(torch.from_numpy(matrix))
    mini.tags.bias.copy_(torch.from_numpy(offset))
