"""Pictures of prizes: each lies beside the lists, under a name made of its SHA-256.

Invariant: a list names a picture only once its file is in place. It is never decoded here: only its first bytes are
looked at, so that its suffix says what it is.
"""

import hashlib
from pathlib import Path

from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import InputError, SnapshotError, SnapshotTooLarge
from kiosk.core.home import Home, picture_name
from kiosk.core.regular_files import read_regular
from kiosk.fetcher.placing import MAX_PICTURE_BYTES

_REMEDY = "Save it as .png, .jpg or .webp, and name that file."


def keep_picture(home: Home, path: Path) -> str:
    """Put a picture beside the lists; returns what a prize says of it: SHA-256 and suffix.

    Raises:
        InputError: it cannot be read, is too large, or is not a PNG, JPEG or WebP.
        HomeError: it cannot be written.
    """
    try:
        data = read_regular(path, limit=MAX_PICTURE_BYTES)[0]
    except SnapshotTooLarge as error:
        raise InputError(
            f"{path} has more than {MAX_PICTURE_BYTES >> 20} MiB.", remedy="Make it smaller: 1200 pixels are enough."
        ) from error
    except SnapshotError as error:
        raise InputError(f"The picture {path} cannot be read: {error.message}", remedy="Check its name.") from error
    suffix = _suffix(data)
    if not suffix:
        raise InputError(f"{path} is not a PNG, JPEG or WebP picture.", remedy=_REMEDY)
    picture = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
    if not is_kept(home, picture):
        write_atomic(home.snapshots / picture_name(picture), data, mode=SHARED)
    return picture


def is_kept(home: Home, picture: str) -> bool:
    """Say whether a prize's picture lies beside the lists, whole."""
    try:
        data = read_regular(home.snapshots / picture_name(picture), limit=MAX_PICTURE_BYTES)[0]
    except SnapshotError:
        return False
    return hashlib.sha256(data).hexdigest() == picture.partition(".")[0]


def _suffix(data: bytes) -> str:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""
