"""The file of `wheel-admin import --rejects`: the rejected rows as CSV.

Invariant: it replaces nothing but such a file of an earlier run, or a file without content.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kiosk.core.durable import PRIVATE, write_atomic
from kiosk.core.errors import HomeError, UsageError
from kiosk.core.regular_files import read_file
from wheel_admin.importing.formulas import as_csv
from wheel_admin.importing.rows.receipt import Rejection

_WORKBOOKS = frozenset(
    {".xlsx", ".xlsm", ".xlsb", ".xls", ".xltx", ".xltm", ".xlt", ".xlam", ".ods", ".ots", ".fods", ".numbers"}
)
"""Programs refuse a CSV file under these names."""
_MOST_BYTES = 64 << 20
"""The rejected rows of a file at every limit of `limits` take less."""


def check_rejects(path: Path, files: Sequence[Path]) -> None:
    """Check, before anything is read, that the rejected rows of `files` can be written to `path`.

    Raises:
        UsageError: it is one of the files, holds something else, has the name of a workbook, or is no place for a file.
    """
    if any(path.absolute() == one.absolute() or _is_same(path, one) for one in files):
        raise UsageError(f"--rejects names {path}, which is to be imported.", remedy="Choose another name.")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(f"--rejects cannot write {path}: no such place for a file.", remedy="Choose another path.")
    if path.suffix.lower() in _WORKBOOKS:
        raise UsageError(
            f"--rejects writes a CSV file, and {path.name} is the name of a workbook.",
            remedy=f"Choose a name that ends in .csv, for example {path.stem}.csv.",
        )
    _refuse_to_lose(path)


def write_rejects(path: Path, rejected: Sequence[Rejection]) -> None:
    """Write the rejected rows, in the place of those of an earlier run.

    Raises:
        UsageError: it cannot be written, or something else has come to be there since the check.
    """
    _refuse_to_lose(path)
    data = as_csv(Rejection.__struct_fields__, map(msgspec.structs.astuple, rejected))
    try:
        write_atomic(path.absolute(), data, mode=PRIVATE)
    except HomeError as error:
        raise UsageError(error.message, remedy="Choose another path for --rejects.") from error


def _refuse_to_lose(path: Path) -> None:
    if path.is_symlink():  # the link would be replaced, and it may be one of the system's: /dev/stdout
        raise UsageError(f"--rejects names {path}, which is a link.", remedy="Name a file of its own.")
    header = as_csv(Rejection.__struct_fields__, [])
    try:
        there = read_file(path, limit=_MOST_BYTES, links=True)
    except FileNotFoundError:
        return
    except OSError:  # a device, a pipe, or nobody can say what it holds
        there = b"?"
    if there and not there.startswith(header):
        raise UsageError(
            f"--rejects would replace {path}, which does not hold rejected rows of an earlier import.",
            remedy="Choose another name, or move that file away first.",
        )


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # one of them is not there
        return False
