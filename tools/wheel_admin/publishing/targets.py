"""Where lists are published besides this home: folders, SFTP servers and buckets that kiosks fetch from.

Invariant: files arrive in an order that keeps every moment whole: names and pictures, requests, lists, and the index
last. Only files that verify are sent; nothing at a target is deleted, and what a kiosk wrote there is not touched. The
signature is the trust: a target needs none.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from kiosk.core.clock import Clock
from kiosk.core.durable import write_atomic
from kiosk.core.errors import HomeError, SnapshotError, UsageError, WheelError
from kiosk.core.home import REQUEST_NAME, Home, names_name, picture_name
from kiosk.core.keys import TrustedKeys
from kiosk.core.permissions import mode_of
from kiosk.core.regular_files import read_file
from kiosk.draw.protocol import digest
from kiosk.fetcher.placing import MAX_PICTURE_BYTES
from kiosk.fetcher.transport.base import Transport
from kiosk.intake.request_files import read_message
from kiosk.intake.snapshot_files import candidates, read, survey
from wheel_admin.importing.tables import encodable

FORMAT: Literal["wheel-targets/1"] = "wheel-targets/1"
MOST_LISTS = 10
"""The newest lists that a target's index names; kiosks want the newest only, and `verify --from` the others."""
MOST_REQUESTS = 2000
_MOST_BYTES = 1 << 20
TIMEOUT_S = 20
_SCHEMES = frozenset({"file", "sftp", "s3", "memory"})
_WITH_HOST = frozenset({"sftp", "s3"})
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class Targets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: URLs in the order in which they were named first."""

    format: Literal["wheel-targets/1"] = FORMAT
    urls: tuple[str, ...] = ()


def load_targets(home: Home) -> tuple[str, ...]:
    """Return the remembered targets.

    Raises:
        HomeError: the file cannot be read or understood.
    """
    try:
        return msgspec.json.decode(read_file(home.targets, limit=_MOST_BYTES), type=Targets).urls
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise HomeError(f"Cannot read {home.targets}: {error.strerror}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HomeError(
            f"{home.targets} cannot be understood: {error}.", remedy="Move it away, and name the targets with --to."
        ) from error


def save_targets(home: Home, urls: tuple[str, ...]) -> None:
    """Remember targets; the caller holds the lock.

    Raises:
        HomeError: the file cannot be written.
    """
    if urls != load_targets(home):
        data = msgspec.json.format(msgspec.json.encode(Targets(urls=urls)), indent=1) + b"\n"
        write_atomic(home.targets, data, mode=mode_of(home, home.targets))


def normal_target(text: str) -> str:
    """Return a target as it is remembered: a URL, or a folder's absolute path.

    Raises:
        UsageError: it holds a password, is a web server or in the home of nobody, or cannot be remembered.
    """
    told = encodable(text)
    if told != text:  # the file that remembers it is UTF-8
        raise UsageError(f'The target "{told}" is not valid UTF-8.', remedy="Rename the folder, or name another one.")
    if not text.strip():
        raise UsageError("A target without a name was given.", remedy="Name a folder, or leave the option out.")
    if _DRIVE.match(text) or "://" not in text:
        try:
            return str(Path(text).expanduser().absolute())
        except RuntimeError as error:
            raise UsageError(f"{text} cannot be found: there is no such user.", remedy="Write the path out.") from error
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is none
    except ValueError as error:
        raise UsageError(f"{text} is no address: {error}.", remedy="Write it as sftp://host/directory, say.") from error
    if parts.password is not None:
        raise UsageError(
            f"The target on {parts.hostname} holds a password.",
            remedy="Use an SSH key (ssh-copy-id), or for a bucket AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    if parts.scheme in {"http", "https"}:
        raise UsageError(
            f"{parts.hostname} is a web server, which takes no files.",
            remedy="Publish to the folder that it serves, by sftp:// or as a folder, and let kiosks fetch it by https.",
        )
    if parts.scheme not in _SCHEMES or (parts.scheme in _WITH_HOST and not parts.netloc):
        raise UsageError(
            f"{text} is no target.", remedy="Name a folder, or write sftp://host/directory or s3://bucket."
        )
    return text.rstrip("/")


def reach(url: str, clock: Clock) -> Transport:
    """Return the transport to a target.

    Raises:
        InputError: the extra `remote` is not installed.
        UsageError: it is not a target.
    """
    if "://" not in url:
        from kiosk.fetcher.transport.folder import Folder  # noqa: PLC0415 - most homes have no target

        return Folder(Path(url))
    from kiosk.fetcher.transport.opening import open_transport  # noqa: PLC0415 - most homes have no target

    return open_transport(url, timeout_s=TIMEOUT_S, clock=clock)


def send(home: Home, url: str, keys: TrustedKeys, clock: Clock, *, sent: Callable[[str], None] = lambda _: None) -> int:
    """Bring a target up to date; returns how many files were written.

    Args:
        home: what is published here.
        url: of the target.
        keys: the trusted ones.
        clock: for time-outs.
        sent: told of each file.

    Raises:
        WheelError: the target cannot be used; what arrived there before is whole.
    """
    from kiosk.fetcher.index_file import INDEX_NAME, MAX_INDEX_BYTES, HintedFile, decode, encode  # noqa: PLC0415
    from kiosk.fetcher.transport.base import NotThere  # noqa: PLC0415 - as above

    transport, written = reach(url, clock), 0
    try:
        try:
            fetched = transport.fetch(INDEX_NAME, limit=MAX_INDEX_BYTES)
            there = {file.name: file.sha256 for file in decode(fetched.data)} if fetched else {}
        except (NotThere, SnapshotError):
            there = {}
        files = []
        for name, data in _files(home, keys):
            files.append(HintedFile(name, len(data), digest(data)))
            if there.get(name) != digest(data):
                transport.write(name, data)
                written += 1
                sent(name)
        transport.write(INDEX_NAME, encode(files))
    except WheelError as error:
        remedy = error.remedy or "Check the connection."
        remedy += " Then: wheel-admin send. To forget this target: wheel-admin targets --remove URL"
        raise HomeError(f"{url} is not up to date: {error.message}", remedy=remedy) from error
    finally:
        transport.close()
    return written


def _files(home: Home, keys: TrustedKeys) -> Iterator[tuple[str, bytes]]:
    """Yield the files that a target has to hold, in the order in which they are written."""
    lists = []
    for path in candidates(home.snapshots):
        try:
            lists.append(read(path, keys=keys))
        except SnapshotError:
            continue
        if len(lists) == MOST_LISTS:
            break
    lists.reverse()
    for published in lists:
        names = [names_name(published.snapshot.names)]
        names += [picture_name(prize.picture) for prize in published.snapshot.prizes if prize.picture]
        for name in dict.fromkeys(names):
            try:
                yield name, read_file(home.snapshots / name, limit=MAX_PICTURE_BYTES)
            except OSError:  # names that were erased; a picture that was never there
                continue
    for stamp in sorted(survey(home.snapshots, REQUEST_NAME), key=lambda one: one.modified_ns)[-MOST_REQUESTS:]:
        try:
            message = read_message(home.snapshots / stamp.name, keys=keys)
        except SnapshotError:
            continue
        yield message.name, message.envelope
    for published in lists:
        yield published.path.name, published.envelope
