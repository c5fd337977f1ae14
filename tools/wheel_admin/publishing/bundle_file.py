"""The format of a bundle: one file that holds a home, encrypted with a passphrase.

Invariant: pure; bytes in, bytes out. A bundle is a tar archive in an age file: `age -d backup.wheel | tar x` opens it
without wheel-admin. The first member is `bundle.json`, which says what it is; the others are the files of the home by
their paths in it. All of it is encrypted, because the lists name people.
"""

import io
import re
import tarfile
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from kiosk.core.errors import InputError
from wheel_admin.publishing.age_file import COST, decrypt, encrypt

MAX_BUNDLE_BYTES = 1 << 30
_LABEL = "bundle.json"
_PATH = re.compile(r"(admin|snapshots|kiosk)(/(?!\.)[^/\0\\]+){1,2}")


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `bundle.json` says: see `Contents`."""

    created_at: str
    kiosk: str
    seq: int
    head: str
    format: Literal["wheel-bundle/1"] = "wheel-bundle/1"


class Stored(msgspec.Struct, frozen=True):
    """One file: its permission bits and its bytes."""

    mode: int
    data: bytes


class Contents(msgspec.Struct, frozen=True):
    """What a bundle holds.

    Attributes:
        created_at: UTC, RFC 3339.
        kiosk: id of the kiosk that the ledger is of; "" if it has none yet.
        seq: number of the ledger's last record, and
        head: its hash.
        files: by path relative to the home.
    """

    created_at: str
    kiosk: str
    seq: int
    head: str
    files: dict[str, Stored]


def seal(contents: Contents, passphrase: str, *, random_bytes: Callable[[int], bytes], cost: int = COST) -> bytes:
    """Return the bundle's bytes; `cost` is the logarithm of scrypt's N."""
    label = Label(contents.created_at, contents.kiosk, contents.seq, contents.head)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, _LABEL, Stored(0o600, msgspec.json.encode(label) + b"\n"))
        for name, stored in contents.files.items():
            _add(tar, name, stored)
    return encrypt(archive.getvalue(), passphrase, random_bytes=random_bytes, cost=cost)


def unseal(data: bytes, passphrase: str) -> Contents:
    """Open a bundle.

    Raises:
        InputError: it is not a bundle.
        TrustError: the passphrase is wrong, or the file was changed.
    """
    opened = decrypt(data, passphrase)
    try:
        files = _files_in(opened)
        label = msgspec.json.decode(files.pop(_LABEL).data, type=Label)
    except KeyError as error:
        raise InputError(f"That is not a bundle of wheel-admin: it has no {_LABEL}.") from error
    # What a reader of archives may raise over one that was made to break it is not documented.
    except (tarfile.TarError, msgspec.MsgspecError, ValueError, EOFError, OSError, IndexError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"The bundle is damaged: {error}.") from error
    check_paths(files)
    return Contents(label.created_at, label.kiosk, label.seq, label.head, files)


def check_paths(files: Mapping[str, Stored]) -> None:
    """Make sure that every file would be written into a home.

    Raises:
        InputError: one would not.
    """
    for path in files:
        if not _PATH.fullmatch(path) or ".." in path.split("/"):
            raise InputError(f"The bundle holds {path!r}, which does not belong into a home.")


def _add(tar: tarfile.TarFile, name: str, stored: Stored) -> None:
    member = tarfile.TarInfo(name)
    member.mode, member.size = stored.mode, len(stored.data)
    tar.addfile(member, io.BytesIO(stored.data))


def _files_in(archive: bytes) -> dict[str, Stored]:
    """Return the members of a tar archive; nothing is written anywhere.

    Raises:
        InputError: one is not a plain file, or is there twice.
    """
    files: dict[str, Stored] = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
        for member in tar:
            # A sparse file of a few bytes may be as large as it likes.
            content = tar.extractfile(member) if member.isreg() and not member.issparse() else None
            if content is None or member.name in files:
                raise InputError(f"The bundle holds {member.name!r}, which is not a plain file or is there twice.")
            files[member.name] = Stored(member.mode & 0o777, content.read())
    return files
