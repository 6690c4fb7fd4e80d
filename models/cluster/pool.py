"""A Ray cluster as a pool of workers that hold an encoder each: items go out, answers come back, by Ray Data.

Ray Data gives an item whose worker or machine dies to another one, from its beginning, and hands on no answer
twice as long as the item gives the same ones again. Its retries have no end, and from Ray 2.64 on no argument
gives them one: so an item that takes its worker down time and again is given up here (`_Begun`). Whoever asks
must look at what came (`ingest.py`), for Ray alone does not promise that every answer comes.
"""

import logging
import os
import pickle
import socket
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from catalog.errors import Incompatible, NewWaveError, NotReady

Value = TypeVar("Value")

TRIES = 3
"""How many workers one item may take down."""

MOST_IN_VAIN = 2
"""So often in a row all that is missing is asked for though nothing of it came."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """How a cluster is shared out: workers of so many cores and cards, `together` on one machine at most."""

    workers: int
    cores: int
    cards: int
    together: int


class Worker:
    """What Ray Data starts on a worker's cores, once, and gives one item after the other."""

    def __init__(self, begun: Any, *given: Any) -> None:
        self._begun = begun
        self.set_up(*given)

    def set_up(self, *given: Any) -> None:
        """Take what all items need. What takes long, or may fail, is better left to the first item."""

    def work(self, item: Any) -> Iterator[Any]:
        """The answers to an item, the same ones each time."""
        raise NotImplementedError

    def __call__(self, items: Any) -> Iterator[dict[str, list[bytes]]]:
        """A block of one item, as Ray Data hands it out, to blocks of one answer."""
        import ray

        [number] = items["number"].to_pylist()
        [content] = items["item"].to_pylist()
        # An item that kills its worker comes to the next one: after three it is given up, not the run.
        if ray.get(self._begun.again.remote(number)) > TRIES:
            return
        for answer in self.work(pickle.loads(content)):  # noqa: S301 - from the driver
            yield {"answer": [pickle.dumps(answer)]}


class _Begun:
    """How often each item was begun: an actor, for a worker that dies cannot count."""

    def __init__(self) -> None:
        self._times: dict[int, int] = {}

    def again(self, number: int) -> int:
        self._times[number] = self._times.get(number, 0) + 1
        return self._times[number]


def same_pipeline(made: str, wanted: str) -> None:
    """Raise Incompatible where a worker's encoder makes other vectors than are wanted here."""
    if made != wanted:
        raise Incompatible(
            f"a worker's nw makes vectors of {made}, this one of {wanted}; they mean nothing to each other.",
            try_this="pip install newwave-cli    (the same version on every machine of the cluster)",
        )


@contextmanager
def joined(address: str, *, cores: int, on_cards: bool = False) -> Iterator[Cluster]:
    """The cluster at `address` ("auto": the one that this machine is part of) for the block.

    cores: of a worker, at most; as many workers are counted as fit at this moment. on_cards: each has a card
    too, where the cluster has any. Raises NotReady where Ray is not installed or no cluster answers.
    """
    ray = _ray()
    try:
        _knock(address)
        with _quiet():
            ray.init(address, log_to_driver=False, logging_level="ERROR")
    except (OSError, RuntimeError, ValueError) as problem:
        raise NotReady(
            f"no Ray cluster answers at {address!r} ({_first_line(problem)}), so nothing was spread.",
            try_this="ray start --head    (on this machine; it says what to type on the others)",
        ) from problem
    try:
        alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        yield shared_out(alive, cores, on_cards)
    finally:
        ray.shutdown()


def shared_out(machines: Sequence[dict[str, float]], cores: int, on_cards: bool = False) -> Cluster:
    """Workers for machines with these resources. Raises NotReady where no machine has a core.

    >>> shared_out([{"CPU": 4.0}, {"CPU": 16.0}], 8)
    Cluster(workers=5, cores=4, cards=0, together=4)
    >>> shared_out([{"CPU": 4.0}, {"CPU": 32.0, "GPU": 4.0}], 16, on_cards=True)
    Cluster(workers=4, cores=8, cards=1, together=4)
    """
    usable: list[tuple[int, int]] = []  # cores and cards of each machine
    for machine in machines:
        own = int(machine.get("CPU", 0))
        cards = int(machine.get("GPU", 0))
        if own:
            usable.append((own, cards))
    if not usable:
        raise NotReady("no machine of the Ray cluster offers a core.", try_this="ray status    (what it has)")
    with_cards = [(own, cards) for own, cards in usable if cards]
    # Ray starts the same worker on every machine, so the smallest says how large it is.
    if on_cards and with_cards:
        cores_a_card = [max(1, own // cards) for own, cards in with_cards]
        each = min(cores, *cores_a_card)
        counts = [cards for _, cards in with_cards]
        return Cluster(sum(counts), each, cards=1, together=max(counts))
    each = min(cores, *(own for own, _ in usable))
    counts = [own // each for own, _ in usable]
    return Cluster(sum(counts), each, cards=0, together=max(counts))


def in_items(values: Iterable[Value], size: int) -> Iterator[tuple[Value, ...]]:
    """So many values to an item, in their order; `itertools.batched` of Python 3.12."""
    rest = iter(values)
    while item := tuple(islice(rest, size)):
        yield item


def answers_for(
    cluster: Cluster, worker: type[Worker], given: tuple[Any, ...], waiting: Mapping[int, Any], size: int
) -> Iterator[Any]:
    """What `worker(*given)` makes of all that waits, `size` to an item; what did not come is asked for again.

    waiting: whoever takes an answer takes out of it what came. It is asked for no more where nothing of it
    comes, time and again, and stays there. Raises what stopped a worker.
    """
    in_vain = 0
    while waiting and in_vain < MOST_IN_VAIN:
        before = len(waiting)
        items = in_items(list(waiting.values()), size)
        for answer in answers(cluster, worker, given, items):
            if isinstance(answer, NewWaveError):
                raise answer
            yield answer
        in_vain = in_vain + 1 if len(waiting) == before else 0


def answers(
    cluster: Cluster, worker: type[Worker], given: tuple[Any, ...], items: Iterable[Any]
) -> Iterator[Any]:
    """What `worker(*given)` makes of the items, as it comes; those of one item in their order.

    Items, answers and what is given are pickled. Raises NotReady where the cluster is lost.
    """
    ray = _ray()
    from ray.data import ActorPoolStrategy, DataContext
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    context = DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False  # nw shows its own
    context.target_max_block_size = 1  # an answer is handed on when it is there
    rows = [{"number": number, "item": pickle.dumps(item)} for number, item in enumerate(items)]
    # Counted on this machine: elsewhere the whole run would end with the machine that counts.
    this_node = ray.get_runtime_context().get_node_id()
    here = NodeAffinitySchedulingStrategy(this_node, soft=False)
    begun = ray.remote(num_cpus=0, scheduling_strategy=here)(_Begun).remote()
    try:
        sent = ray.data.from_items(rows, override_num_blocks=len(rows))
        made = sent.map_batches(
            worker,
            fn_constructor_args=(begun, *given),
            batch_size=1,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(size=cluster.workers, max_tasks_in_flight_per_actor=1),
            num_cpus=cluster.cores,
            num_gpus=cluster.cards or None,
        )
        for block in made.iter_batches(batch_size=None, batch_format="pyarrow"):
            for content in block["answer"].to_pylist():
                yield pickle.loads(content)  # noqa: S301 - from our own workers
    except ray.exceptions.RayError as problem:
        raise NotReady(
            f"the Ray cluster was lost on the way ({_first_line(problem)}); what came is kept.",
            try_this="ray status    (then the same command again goes on where it stopped)",
        ) from problem


def _knock(address: str) -> None:
    """Raise OSError where nobody listens at host:port, for which Ray would look for minutes."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdecimal() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=10).close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Ray's core writes what it takes for errors to stderr, unless it finds this when it starts."""
    before = os.environ.get(_CORE_LOG)
    os.environ[_CORE_LOG] = before or "fatal"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CORE_LOG]


_CORE_LOG = "RAY_BACKEND_LOG_LEVEL"


def _ray() -> Any:
    """The `ray` module, silent about what it imports. Raises NotReady where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what Ray itself imports
            import ray.data

        logging.getLogger("ray.data").setLevel(logging.ERROR)
    except ImportError as problem:
        raise NotReady(
            "--ray needs Ray, which is not installed here.",
            try_this="pip install 'newwave-cli[cluster]'    (the same on every machine of the cluster)",
        ) from problem
    return ray


def _first_line(problem: BaseException) -> str:
    lines = str(problem).strip().splitlines()
    return lines[0] if lines else type(problem).__name__
