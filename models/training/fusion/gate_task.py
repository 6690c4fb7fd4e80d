"""What the loop trains for the gate: which requests speak of sound, of words, or of both."""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from models.search.gate import CLASSES


class GateTask:
    """A linear layer over sentence vectors, all of them in every batch."""

    def __init__(
        self, learned: tuple[Tensor, Tensor], held_out: tuple[Tensor, Tensor], smoothing: float
    ) -> None:
        self.learned = learned  # (texts, dimensions), (texts,)
        self.held_out = held_out
        self.smoothing = smoothing
        vectors, _ = learned
        self.linear = nn.Linear(vectors.shape[1], len(CLASSES))

    @property
    def model(self) -> nn.Module:
        """The linear layer."""
        return self.linear

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Everything, whatever the step."""
        return self.learned

    def backward(self, batch: tuple[Tensor, Tensor]) -> Mapping[str, float]:
        """Cross entropy with smoothed labels."""
        vectors, labels = batch
        loss = cross_entropy(self.linear(vectors), labels, label_smoothing=self.smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        return {"loss": float(loss.detach())}

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """The share of held-out requests that are told right."""
        vectors, labels = self.held_out
        right: Tensor = model(vectors).argmax(1) == labels
        return {"accuracy": float(right.float().mean())}
