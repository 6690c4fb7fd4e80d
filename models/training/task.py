"""What the loop trains: a `Task`, and what a task may offer beside it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn


class Task(Protocol):
    """What the loop trains."""

    @property
    def model(self) -> nn.Module:
        """Everything that is saved; parameters that require a gradient are trained."""

    def batch(self, step: int) -> Any:
        """The batch of that step, the same whenever it is asked for."""

    def backward(self, batch: Any) -> Mapping[str, float]:
        """Add the gradients of the loss; return what to log, `loss` among it."""

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """Figures of merit of (averaged) weights; early stop watches the first. May be empty."""


@runtime_checkable
class Streaming(Protocol):
    """A task whose batches come from a stream: it is asked for one after the other, and takes it up again."""

    def state(self) -> Mapping[str, Any]:
        """Where the stream stands after the last batch that was trained on, for the manifest."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on there."""


@runtime_checkable
class Remembering(Protocol):
    """A task that keeps what it computed from earlier weights, and could not compute again."""

    def remembered(self) -> Mapping[str, Tensor]:
        """What a checkpoint keeps of it."""

    def remember(self, tensors: Mapping[str, Tensor]) -> None:
        """Take it back."""


@runtime_checkable
class LayerWise(Protocol):
    """A task whose parameters learn at rates of their own."""

    def rate_of(self, name: str) -> float:
        """What the learning rate of the parameter of that name is multiplied by."""


@runtime_checkable
class Constrained(Protocol):
    """A task with parameters that may not leave a range."""

    def constrain(self) -> None:
        """Put them back; called after every step."""


@runtime_checkable
class Noting(Protocol):
    """A task that has something to say beside figures, such as songs that could not be heard."""

    def notes(self) -> Sequence[Mapping[str, Any]]:
        """Lines for the log of the last step; a person was told of them when they arose."""
