"""The next batch is made while a step computes."""

import threading
from collections.abc import Callable
from queue import Full, Queue
from typing import Generic, TypeVar

Batch = TypeVar("Batch")
LOOK_AGAIN_S = 0.2  # seconds between two looks at whether anybody still asks for batches


class Prefetch(Generic[Batch]):
    """Makes the batches of the steps to come in a thread, `ready` of them beyond the one that is asked for.

    make: the batch of a step, called for one step after the other. So `ready` + 2 batches are in memory: one
    that is trained on, those that are ready, one in the making.
    """

    HELD = 3
    """Batches in memory, where one is ready."""

    def __init__(self, make: Callable[[int], Batch], *, ready: int = 1) -> None:
        self._make = make
        self._thread: threading.Thread | None = None
        # A batch, or the problem that ended the thread.
        self._made: Queue[tuple[Batch | None, BaseException | None]] = Queue(ready)
        self._ended = threading.Event()

    def take(self, step: int) -> Batch:
        """The batch of the next step: the first call says where to begin. Raises what making it raised."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, args=(step,), name="batches", daemon=True)
            self._thread.start()
        batch, problem = self._made.get()
        if problem is not None:
            self.close()
            raise problem
        assert batch is not None
        return batch

    def close(self) -> None:
        """End the thread; what it has made and was not asked for is dropped."""
        self._ended.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None

    def _run(self, step: int) -> None:
        """In the thread: one batch after the other, until there is a problem or an end."""
        while not self._ended.is_set():
            try:
                made = (self._make(step), None)
            except BaseException as problem:  # raised where the batch is asked for
                self._hand_over((None, problem))
                return
            self._hand_over(made)
            step += 1

    def _hand_over(self, made: tuple[Batch | None, BaseException | None]) -> None:
        # Not for ever: where nobody asks any more, the queue stays full and the thread must see the end.
        while not self._ended.is_set():
            try:
                self._made.put(made, timeout=LOOK_AGAIN_S)
            except Full:
                continue
            return
