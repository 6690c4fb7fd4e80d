"""A connection to Milvus: where, with which token, and what went wrong in our words.

The token is read from NW_MILVUS_TOKEN each time and kept nowhere: an address that holds one is refused, so
that none ends up in a manifest, an error or the history of a shell.
"""

import contextlib
import functools
import logging
import os
import re
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalog.atomic import make_folder
from catalog.errors import Damaged, Incompatible, NewWaveError, StoreError, WrongUse, quoted

TOKEN = "NW_MILVUS_TOKEN"
TIMEOUT_S = 20.0  # gRPC's own is none: an address that swallows packets would be waited for without end
LOCKED = "Open local milvus failed"
"""As milvus-lite says that another process has a file open."""
LOCKED_S = 10.0  # seconds that another process may hold a local file before we give up
OLDEST = (2, 3)
"""The oldest server that is known to understand what is asked here."""
SCHEMES = ("http", "https", "tcp")
_NOT_FOUND = 100  # Milvus' code for a collection that is not there
_UNREACHABLE = 2


def checked(address: str) -> str:
    """The address of a server, or the absolute path of a local file. Raises WrongUse."""
    if "://" not in address:
        return _local(address)
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise _wrong("that is no address") from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise WrongUse(
            "the address of the store holds a name, a password or a token, which would be kept and shown.",
            try_this=f"read -rs {TOKEN} && export {TOKEN}    (asks for it; then name the store without it)",
        )
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise _wrong(f"{address!r} is no address of a Milvus server")
    return address


def _local(address: str) -> str:
    if not address.endswith(".db"):
        raise _wrong(f"{address!r} is neither an address nor a file that ends in .db")
    return str(Path(address).expanduser().absolute())


def _wrong(what: str) -> WrongUse:
    return WrongUse(
        f"{what}, so there is no store to put vectors into.",
        try_this="nw index --store milvus:http://localhost:19530    (or milvus:vectors.db, a local file)",
    )


def connected(address: str) -> Any:
    """A client, the same one for all who ask in this process. Raises WrongUse, StoreError, Incompatible."""
    return _connected(address, os.environ.get(TOKEN, ""))


def forget() -> None:
    """Close all connections; who asks next makes a new one."""
    _connected.cache_clear()


@functools.lru_cache
def _connected(address: str, token: str) -> Any:
    """A client for an address. Raises WrongUse without pymilvus, StoreError, Incompatible."""
    is_local = "://" not in address
    needed = ["pymilvus", "milvus_lite"] if is_local else ["pymilvus"]
    if any(find_spec(module) is None for module in needed):
        raise WrongUse(
            "vectors in Milvus need pymilvus, and a local file milvus-lite too; they are not installed.",
            try_this="python -m pip install 'newwave-cli[milvus]'    (or: pip install pymilvus milvus-lite)",
        )
    client_of = _quietly_imported()
    if is_local:
        make_folder(Path(address))  # milvus-lite would let everybody read it
    with explained(address):
        client = _opened(client_of, address, token, patience_s=LOCKED_S if is_local else 0.0)
        _require_version(address, str(client.get_server_version(timeout=TIMEOUT_S)))
    return client


def _opened(client_of: Any, address: str, token: str, patience_s: float) -> Any:
    """A client; whoever has a local file open may be about to end, as an `nw index` that was waited for."""
    until = time.monotonic() + patience_s
    while True:
        try:
            return client_of(address, token=token, timeout=TIMEOUT_S)
        except Exception as problem:
            is_locked = LOCKED in str(problem)
            if not is_locked or time.monotonic() > until:
                raise
            time.sleep(0.2)


def _quietly_imported() -> Any:
    """MilvusClient, without the .env file that its import reads and without its log on the terminal."""
    quiet = {"PYTHON_DOTENV_DISABLED": "1", "GRPC_VERBOSITY": "NONE"}
    mine = {name: value for name, value in quiet.items() if name not in os.environ}  # what a person set stays
    os.environ.update(mine)
    try:
        from pymilvus import MilvusClient
    finally:
        for name in mine:
            del os.environ[name]
    for name in ("pymilvus", "milvus_lite", "grpc"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return MilvusClient


def _require_version(address: str, version: str) -> None:
    numbers = re.search(r"(\d+)\.(\d+)", version)
    if "lite" in version or numbers is None:
        return
    major, minor = int(numbers[1]), int(numbers[2])
    if (major, minor) < OLDEST:
        needed = ".".join(map(str, OLDEST))
        raise Incompatible(
            f"the Milvus server at {address} is of version {version}; this nw needs {needed}.",
            try_this="nw index --store local    (or upgrade the server)",
        )


def dropped(address: str, collection: str) -> Damaged:
    """The error for a collection that somebody took away."""
    return Damaged(
        f"the collection {collection} is no longer at {address}, so nothing can be found in it.",
        try_this="nw index --rebuild    (writes it again from the catalog)",
    )


@contextlib.contextmanager
def explained(address: str, collection: str = "") -> Iterator[None]:
    """Turn what pymilvus and gRPC raise into errors that say what to do."""
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except NewWaveError:
        raise
    except (MilvusException, grpc.RpcError) as error:
        raise _explanation(address, collection, error) from error


def _explanation(address: str, collection: str, error: Any) -> NewWaveError:
    """What a client of Milvus raised, as an error that says what to do."""
    message = str(getattr(error, "message", "") or error)
    said = message.strip().splitlines()[0]  # behind it stands a dump of the request
    code = error.code() if callable(error.code) else error.code  # gRPC's is a method, pymilvus' a number
    if code == _NOT_FOUND:
        return dropped(address, collection)
    if "UNIMPLEMENTED" in f"{code} {said}":
        return Incompatible(
            f"the server at {address} does not understand what was asked ({said}): it is of another version.",
            try_this="nw index --store local    (or upgrade the server)",
        )
    if LOCKED in said:
        return StoreError(
            f"{address} cannot be opened: another process has it open, for a local file serves one alone.",
            try_this=f"milvus-lite server --host 127.0.0.1 --data-dir {quoted(address)}"
            "    (then nw index --store milvus:http://localhost:19530)",
        )
    if re.search(r"auth|token|credential|permission|privilege", said, re.IGNORECASE):
        return StoreError(
            f"the Milvus server at {address} does not let this nw in.",
            try_this=f"export {TOKEN}=USER:PASSWORD    (or an API key, then the same command again)",
        )
    is_away = re.search(r"UNAVAILABLE|DEADLINE|[Tt]ime ?out|Fail connecting", f"{code} {said}")
    if is_away or code == _UNREACHABLE:
        return StoreError(
            f"the Milvus server at {address} cannot be reached, so nothing can be looked up there.",
            try_this="the same again when it runs    (or nw index --store local)",
        )
    return StoreError(
        f"the Milvus server at {address} says: {said}.", try_this="nw doctor    (looks at everything)"
    )
