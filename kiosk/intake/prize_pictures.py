"""Finds the picture of a prize among the published files.

Invariant: a picture is the one that the list names by SHA-256, or there is none. A missing or wrong one is a notice and
stops nothing.
"""

import logging
from pathlib import Path

from kiosk.core.errors import SnapshotError
from kiosk.core.home import picture_name
from kiosk.core.regular_files import read_regular
from kiosk.draw.protocol import digest

logger = logging.getLogger(__name__)

MOST_BYTES = 8 << 20
"""As `kiosk.screen.themes.picture_file` has it."""


class PrizePictures:
    """Looks for pictures.

    Args:
        directories: where they may lie.

    Attributes:
        problem: what is wrong with the picture asked for last; "" if nothing is.
    """

    def __init__(self, *directories: Path) -> None:
        self._directories = directories
        self._found: dict[tuple[str, int, int], bool] = {}
        self.problem = ""

    def find(self, picture: str) -> Path | None:
        """Return the file of a picture as a list names it: SHA-256 and suffix, or "" for none."""
        self.problem = ""
        if not picture:
            return None
        for directory in self._directories:
            path = directory / picture_name(picture)
            if self._is(path, picture.partition(".")[0]):
                return path
        self.problem = f"The picture {picture_name(picture)} of this prize is missing or damaged."
        return None

    def _is(self, path: Path, wanted: str) -> bool:
        """Say whether the file has that digest; it is read only when it has changed."""
        try:
            status = path.stat(follow_symlinks=False)
        except OSError:
            return False
        key = (str(path), status.st_mtime_ns, status.st_size)
        if key not in self._found:
            self._found = {old: good for old, good in self._found.items() if old[0] != str(path)}
            self._found[key] = _has_digest(path, wanted)
        return self._found[key]


def _has_digest(path: Path, wanted: str) -> bool:
    try:
        return digest(read_regular(path, limit=MOST_BYTES)[0]) == wanted
    except SnapshotError as error:
        logger.warning("a prize's picture cannot be read: %s", error.message)
        return False
