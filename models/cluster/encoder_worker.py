"""A worker of the cluster that holds an encoder: which one, by what every machine can find."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.cluster.pool import Worker, same_pipeline
from models.evaluation.candidates import encoder_of


@dataclass(frozen=True, slots=True)
class EncoderJob:
    """The encoder as it was typed, the folder with the runs that it may be of, its pipeline and options."""

    encoder: str
    runs: Path
    pipeline: str
    options: Mapping[str, Any] = field(default_factory=dict)


class EncoderWorker(Worker):
    """Holds the encoder of a job; its processes decode."""

    def set_up(self, job: EncoderJob, cores: int) -> None:
        """Nothing is loaded before the first item: an error there has a way back to the driver."""
        self._job = job
        self.cores = cores
        self._encoder: Any = None

    @property
    def encoder(self) -> Any:
        """Loaded once. Raises as `encoder_of`, and Incompatible where this nw makes other vectors."""
        if self._encoder is None:
            encoder = encoder_of(self._job.encoder, self._job.runs, self._job.options)
            same_pipeline(encoder.pipeline, self._job.pipeline)
            self._encoder = encoder
        return self._encoder
