"""Other machines: the hub (through huggingface_hub's own client) and plain http(s) servers.

Bytes are fetched by ordinary range requests on the hub's `resolve` addresses, so hf-xet (which keeps a cache
of its own beside any disk budget) is never used.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from huggingface_hub import HfApi, errors, get_session, hf_hub_url, utils
from huggingface_hub.errors import (
    GatedRepoError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from catalog.errors import NewWaveError, SourceError
from catalog.shards.listing import Listing, ShardFile

# The client's own names for these depend on its version: httpx, then httpx2.
HTTPError: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]
_CLIENT = import_module(HTTPError.__module__.partition(".")[0])
UNASKABLE: tuple[type[Exception], ...] = (_CLIENT.InvalidURL, ImportError, FileNotFoundError)
"""What the client raises before it asks: an address or a proxy that is none, SOCKS without its package,
SSL_CERT_FILE without the file."""
raise_for_status: Callable[[Any], None] = utils.hf_raise_for_status  # type: ignore[attr-defined]
login_headers: Callable[[], dict[str, str]] = utils.build_hf_headers  # type: ignore[attr-defined]

TIMEOUT_S = 30.0
"""For a connection and for the next bytes of an answer; a whole answer may take as long as it likes."""


def list_hub(
    source: str, repository: str, revision: str | None, folder: str, *, endpoint: str | None = None
) -> Listing:
    """The files below `folder` of a hub data set, by name, pinned to the commit that `revision` means now.

    Raises SourceError: no such data set, gated, no network.
    """
    api = HfApi(endpoint=endpoint)
    with explained(repository):
        info = api.dataset_info(repository, revision=revision, timeout=TIMEOUT_S)
        below = folder.strip("/") or None
        tree = api.list_repo_tree(repository, below, recursive=True, revision=info.sha, repo_type="dataset")
        entries = [entry for entry in tree if isinstance(entry, RepoFile)]  # folders are listed too
    files = []
    for entry in entries:
        place = hf_hub_url(repository, entry.path, repo_type="dataset", revision=info.sha, endpoint=endpoint)
        # Large files lie outside git, which then holds a pointer of 130 bytes in their place.
        size, digest = entry.size, f"git:{entry.blob_id}"
        if entry.lfs:
            size, digest = entry.lfs.size, f"sha256:{entry.lfs.sha256}"
        files.append(ShardFile(name=entry.path, size=size, place=place, digest=digest))
    files.sort(key=lambda file: file.name)
    return Listing(source, tuple(files), revision=info.sha or "")


def list_addresses(source: str, addresses: Sequence[str]) -> Listing:
    """Files on plain web servers; each is asked for its size. Raises SourceError."""
    files = [_head(address) for address in addresses]
    return Listing(source, tuple(files))


def _head(address: str) -> ShardFile:
    """What a server says of a file: its size, and a mark that changes with it. Raises SourceError."""
    whole = {"Accept-Encoding": "identity"}  # compressed on its way, a file would have another size
    with explained(address):
        answer = get_session().head(address, headers=whole, timeout=TIMEOUT_S)
        size = answer.headers.get("Content-Length", "")
        if answer.status_code in (403, 405, 501) or not size.isdigit():  # no HEAD, or none worth having
            first_byte = whole | {"Range": "bytes=0-0"}
            with get_session().stream("GET", address, headers=first_byte, timeout=TIMEOUT_S) as answer:
                # "bytes 0-0/1234": what stands last is the size of the whole.
                size = answer.headers.get("Content-Range", size).rpartition("/")[2]
        raise_for_status(answer)
    if not size.isdigit():
        raise SourceError(
            f"the server does not say how large {address} is, so it cannot be kept under a disk budget.",
            try_this=f"download it yourself, then name the file in place of {address}",
        )
    etag = answer.headers.get("ETag", "")
    strong = "" if etag.startswith("W/") else etag  # a weak one does not promise equal bytes
    _, _, name = address.partition("://")
    return ShardFile(name, int(size), address, etag=strong)


@contextmanager
def opened(file: ShardFile, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
    """Ask for the bytes of a file from `start` on: (where they really start, the pieces).

    A server that cannot continue, or has another version by now, starts at 0. Raises the client's errors.
    """
    headers = login_headers() if file.digest else {}  # only the hub names digests, and gets the token
    headers["Accept-Encoding"] = "identity"
    if start:
        headers["Range"] = f"bytes={start}-"
        if file.etag:
            headers["If-Range"] = file.etag  # else all of it, where the file is another by now
    with get_session().stream("GET", file.place, headers=headers, timeout=TIMEOUT_S) as answer:
        if answer.status_code >= 400:
            answer.read()
        raise_for_status(answer)
        began_at = start if answer.status_code == 206 else 0  # a server may send all of it
        yield began_at, answer.iter_bytes(1 << 16)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn the client's errors into one that a user can act on."""
    try:
        yield
    except (HTTPError, OfflineModeIsEnabled) as error:
        raise explain(what, error) from error
    except UNASKABLE as error:
        raise SourceError(
            f"{what} cannot be asked for ({error}): the address or a setting of the network is wrong.",
            try_this="env | grep -i -E 'proxy|ssl'    (shows the settings)",
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # a page of HTML, JSON of another kind
        raise SourceError(
            f"what was asked for {what} answered with something that is no listing.",
            try_this="open the address in a browser: does the network want a login? else try again later",
        ) from error


def explain(what: str, error: Exception) -> NewWaveError:
    """The client's error as one that a user can act on."""
    if isinstance(error, OfflineModeIsEnabled):
        return offline(what)
    if isinstance(error, GatedRepoError):
        return SourceError(
            f"{what} is gated: its owner wants you to agree to the terms before it can be downloaded.",
            try_this="agree on the data set's page with your account, then: hf auth login",
        )
    if isinstance(error, RevisionNotFoundError):
        return SourceError(f"{what} has no such revision.", try_this="leave the @revision away, or check it")
    if isinstance(error, RepositoryNotFoundError):
        return SourceError(
            f"the hub has no data set {what}, or it is private and you are not logged in.",
            try_this="check the name; for a private one: hf auth login",
        )
    if (status := status_of(error)) is not None:
        return SourceError(
            f"the server refused {what} (status {status}).",
            try_this="check the address, and that you may read it (hf auth login); else try again later",
        )
    kind = type(error).__name__
    said = str(error).strip() or "no answer"
    return SourceError(
        f"{what} cannot be reached ({kind}: {said}).",
        try_this="check the network, then run the same command again: what is downloaded stays",
    )


def offline(what: str) -> SourceError:
    """The error for a download that `--offline` forbids."""
    return SourceError(
        f"{what} is not on this machine, and nw is offline.",
        try_this="NW_OFFLINE=0 nw …    (once, without --offline)",
    )


def status_of(error: Exception) -> int | None:
    """The HTTP status of the answer that caused an error, None where there was no answer."""
    answer: Any = getattr(error, "response", None)
    return None if answer is None else int(answer.status_code)


def retry_after_s(error: Exception) -> float | None:
    """The seconds that the server asked to wait (Retry-After as a number), None where it did not."""
    answer: Any = getattr(error, "response", None)
    value = "" if answer is None else answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
