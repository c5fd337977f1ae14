"""From the URL of a source to the transport that reaches it.

Invariant: the one place that knows the schemes. What a scheme needs is imported when a source uses it.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from kiosk.core.clock import Clock
from kiosk.core.errors import InputError, UsageError
from kiosk.fetcher.transport.base import Transport
from kiosk.fetcher.transport.credentials import NONE, Credential
from kiosk.fetcher.transport.folder import Folder

SCHEMES = ("http", "https", "sftp", "s3", "file")


def open_transport(
    url: str, *, timeout_s: float, clock: Clock, known_hosts: Path | None = None, credential: Credential = NONE
) -> Transport:
    """Return the transport for a source; nothing is connected yet.

    Args:
        url: `https://host/folder/`, `sftp://user@host/folder`, `s3://bucket/folder`, `file:///folder` or a path.
        timeout_s: for each file.
        clock: measures it.
        known_hosts: keys of SFTP servers, besides those that this machine knows.
        credential: what the source asks for.

    Raises:
        InputError: the libraries of the extra `remote` are not installed.
        UsageError: no such source can be, or its URL holds a password.
    """
    parts = urlsplit(url)
    if parts.password is not None:
        raise UsageError(f"The URL of {parts.hostname} holds a password.", remedy="Put it into a credential file.")
    if parts.scheme in {"", "file"}:
        return Folder(Path(unquote(parts.path)).expanduser())
    try:
        return _remote(url, parts, timeout_s=timeout_s, clock=clock, known_hosts=known_hosts, credential=credential)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{parts.scheme}:// needs libraries that are not installed ({error.name}).",
            remedy="Install wheel-kiosk with its extra remote, for example: pipx install --force '.[remote]'",
        ) from error


def _remote(
    url: str,
    parts: SplitResult,
    *,
    timeout_s: float,
    clock: Clock,
    known_hosts: Path | None,
    credential: Credential,
) -> Transport:
    match parts.scheme:
        case "http" | "https" if parts.hostname:
            from kiosk.fetcher.transport.http import Http  # noqa: PLC0415 - aiohttp takes 0.2 s

            folder = parts._replace(path=f"{parts.path.rstrip('/')}/", query="", fragment="").geturl()
            return Http(folder, timeout_s=timeout_s, headers=_authorisation(credential))
        case "sftp" if parts.hostname:
            return _sftp(parts, timeout_s, clock, known_hosts, credential)
        case "s3" if parts.netloc:
            return _s3(parts, timeout_s, clock, credential)
        case "memory":
            return _memory(parts, timeout_s, clock)
        case _:
            raise UsageError(f"{url} is not a source.", remedy=f"Use a folder or one of {', '.join(SCHEMES)}.")


def _memory(parts: SplitResult, timeout_s: float, clock: Clock) -> Transport:
    from fsspec.implementations.memory import MemoryFileSystem  # noqa: PLC0415 - of the extra remote

    from kiosk.fetcher.transport.file_system import FileSystem  # noqa: PLC0415 - likewise

    path = f"/{parts.netloc}{parts.path}"
    return FileSystem(MemoryFileSystem, path, label="memory", timeout_s=timeout_s, clock=clock, whole_writes=True)


def _authorisation(credential: Credential) -> Mapping[str, str]:
    if credential.token:
        return {"Authorization": f"Bearer {credential.token}"}
    if credential.user:
        pair = base64.b64encode(f"{credential.user}:{credential.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}


def _sftp(
    parts: SplitResult, timeout_s: float, clock: Clock, known_hosts: Path | None, credential: Credential
) -> Transport:
    from kiosk.fetcher.transport.file_system import FileSystem  # noqa: PLC0415 - of the extra remote
    from kiosk.fetcher.transport.sftp import CheckedSftp, private_key  # noqa: PLC0415 - paramiko is slow to import

    options: dict[str, Any] = {
        "port": parts.port or 22,
        "username": parts.username or credential.user or None,
        "password": credential.password or None,
        "timeout": timeout_s,
        "banner_timeout": timeout_s,
        "auth_timeout": timeout_s,
    }
    if credential.private_key:
        options["pkey"] = private_key(credential.private_key)
        options |= {"allow_agent": False, "look_for_keys": False}
    host = parts.hostname or ""
    return FileSystem(
        lambda: CheckedSftp(host, known_hosts=known_hosts, skip_instance_cache=True, **options),
        _remote_path(parts.path),
        label=host,
        timeout_s=timeout_s,
        clock=clock,
        whole_writes=False,
    )


def _remote_path(path: str) -> str:
    """Return the path on an SFTP server: `/~/lists` is below the login directory, as curl has it."""
    decoded = unquote(path)
    return decoded.removeprefix("/~/")


def _s3(parts: SplitResult, timeout_s: float, clock: Clock, credential: Credential) -> Transport:
    from s3fs import S3FileSystem  # noqa: PLC0415 - slow to import

    from kiosk.fetcher.transport.file_system import FileSystem  # noqa: PLC0415 - of the extra remote

    def opener() -> Any:
        config = {"connect_timeout": timeout_s, "read_timeout": timeout_s, "retries": {"max_attempts": 1}}
        keys = {"key": credential.access_key, "secret": credential.secret_key} if credential.access_key else {}
        return S3FileSystem(
            **keys, config_kwargs=config, use_listings_cache=False, skip_instance_cache=True, default_fill_cache=False
        )

    root = f"{parts.netloc}{unquote(parts.path)}"
    return FileSystem(opener, root, label=f"bucket {parts.netloc}", timeout_s=timeout_s, clock=clock, whole_writes=True)
