"""What tests of published files share."""

from pathlib import Path

from kiosk.core.errors import (
    SnapshotError,
)
from kiosk.intake.snapshot_files import (
    Floor,
    candidates,
    newest_good,
)
from tests.support import TRUSTED


def newest(directory: Path, floor: Floor | None = None) -> tuple[int | None, dict[str, type[SnapshotError]]]:
    """Return the generation that would be shown, and what was refused before it."""
    published, refusals = newest_good(candidates(directory), keys=TRUSTED, floor=floor or Floor())
    return published.generation if published else None, {one.path.name: type(one.error) for one in refusals}
