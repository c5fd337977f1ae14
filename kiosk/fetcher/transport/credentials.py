"""What a source asks to know before it answers: passwords, tokens, keys.

Invariant: a credential comes from systemd (`LoadCredential=`) or from a file of mode 0600, never from a command line, a
URL or kiosk.toml. It is in no log, no message and no `repr`.

    # HOME/fetch/credentials/hall, mode 0600, for `credential = "hall"`
    user = "wheel"
    password = "..."
"""

import re
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kiosk.core.errors import UsageError
from kiosk.core.home import Home
from kiosk.core.toml_files import read_toml

NAME = re.compile("[a-z0-9][a-z0-9-]{0,39}")
"""What a credential may be called."""


class Credential(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A credential.

    Attributes:
        user: with `password`, for http(s) and sftp.
        token: for http(s): "Authorization: Bearer".
        private_key: for sftp, as OpenSSH writes it.
        access_key: with `secret_key`, for s3.
    """

    user: str = ""
    password: str = ""
    token: str = ""
    private_key: str = ""
    access_key: str = ""
    secret_key: str = ""

    def __repr__(self) -> str:
        return "Credential(...)"


NONE = Credential()


def load_credential(name: str, home: Home, environment: Mapping[str, str]) -> Credential:
    """Return the credential called `name`; `NONE` for "".

    Args:
        name: as `[[source]]` names it.
        home: its `fetch/credentials/` is looked at second.
        environment: `CREDENTIALS_DIRECTORY` is systemd's, and looked at first.

    Raises:
        UsageError: there is none of that name, others may read it, or it is not a credential.
    """
    if not name:
        return NONE
    if not NAME.fullmatch(name):
        raise UsageError(f"A credential cannot be called {name[:40]!a}.", remedy="Use a-z, 0-9 and hyphens.")
    directories = [Path(directory) for directory in (environment.get("CREDENTIALS_DIRECTORY"),) if directory]
    for directory in (*directories, home.credentials):
        path = directory / name
        if path.exists():
            return _read(path, ours=directory == home.credentials)
    raise UsageError(
        f"There is no credential {name}.", remedy=f"Write it to {home.credentials / name}, with mode 0600."
    )


def _read(path: Path, *, ours: bool) -> Credential:
    if ours and stat.S_IMODE(path.lstat().st_mode) & 0o077:
        raise UsageError(f"Others may read {path}.", remedy=f"chmod 600 {path}")
    try:
        content, _ = read_toml(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError:  # its text may quote the content
        raise UsageError(f"{path} is not TOML.") from None
    try:
        return msgspec.convert(content, Credential)
    except msgspec.ValidationError as error:
        known = ", ".join(field.name for field in msgspec.structs.fields(Credential))
        raise UsageError(f"{path} is not a credential: {error}.", remedy=f"Its keys: {known}; all are texts.") from None
