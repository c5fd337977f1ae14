"""fsspec's SFTP file system, talking only to servers whose key is known.

Invariant: a server with an unknown or changed key is refused before anything is said to it: it might keep our password.
(fsspec's own class accepts every key.)
"""

import io
import itertools
import stat
from pathlib import Path
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from kiosk.core.errors import UsageError
from kiosk.fetcher.transport.base import MOST_LISTED, SourceError

_SYSTEM_HOSTS = Path("/etc/ssh/ssh_known_hosts")


class CheckedSftp(SFTPFileSystem):  # type: ignore[misc]  # fsspec ships no types
    """An SFTP server; `known_hosts` is a file besides the user's and the system's own."""

    def __init__(self, host: str, *, known_hosts: Path | None = None, **options: Any) -> None:
        self._known_hosts = known_hosts
        super().__init__(host, **options)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.client.load_system_host_keys()
        for path in (_SYSTEM_HOSTS, self._known_hosts):
            if path is not None and path.is_file():
                self.client.load_system_host_keys(str(path))
        try:
            self.client.connect(self.host, **self.ssh_kwargs)
        except paramiko.AuthenticationException as error:
            raise SourceError(f"{self.host} does not let us in: user, password or key is wrong.") from error
        except paramiko.BadHostKeyException as error:
            raise SourceError(
                f"{self.host} has another host key than before: it may be another machine.",
                remedy="Ask whoever runs it; then replace its line in known_hosts.",
            ) from error
        except paramiko.SSHException as error:
            if "not found in known_hosts" not in str(error):
                raise
            raise SourceError(
                f"The host key of {self.host} is not known here.",
                remedy="Compare its fingerprint, then add it: ssh-keyscan HOST >> known_hosts",
            ) from error
        self.ftp = self.client.open_sftp()
        self.ftp.get_channel().settimeout(self.ssh_kwargs["timeout"])

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Describe a file without following links."""
        found = self.ftp.lstat(self._strip_protocol(path))
        return {"name": path, "size": found.st_size, "type": _kind(found.st_mode), "mtime": found.st_mtime}

    def ls(self, path: str, detail: bool = False, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002 - fsspec's signature
        """List a folder, up to one file more than may be looked at."""
        found = itertools.islice(self.ftp.listdir_iter(self._strip_protocol(path)), MOST_LISTED + 1)
        files = [{"name": one.filename, "size": one.st_size, "type": _kind(one.st_mode)} for one in found]
        return files if detail else [file["name"] for file in files]


def private_key(text: str) -> paramiko.PKey:
    """Return the key of a private key's text.

    Raises:
        UsageError: it is not one without a passphrase.
    """
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError):
            continue
    raise UsageError(
        "The private_key of the credential is not a private key without a passphrase.",
        remedy="Make one for this kiosk: ssh-keygen -t ed25519 -N '' -f wheel-key",
    )


def _kind(mode: int | None) -> str:
    if mode is None:
        return "other"
    return "directory" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"
