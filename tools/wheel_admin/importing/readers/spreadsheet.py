"""Files that organisers have, read into tables.

Invariant: the content decides what a file is, never its name. A file is read whole or refused whole, and it is taken
for hostile until read: this runs in the reading process only. Nothing here knows drafts, tickets or names.
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

import msgspec

from kiosk.core.errors import InputError
from wheel_admin.importing.readers.foreign import ole_error, refuse_foreign
from wheel_admin.importing.readers.sheet_builder import Progress
from wheel_admin.importing.readers.zip_gate import Format, check_archive, damaged
from wheel_admin.importing.tables import Sheet

_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_EXPAT_NO_MEMORY = 1
_SECOND_READING = (
    "was read by a second program alone because the first found it damaged: number formats, hidden rows, merged cells "
    "and totals are not known, and no other program has checked the list. Compare it with the file."
)
_ROWS_ALONE = (
    "is damaged, and only its rows were read, as a second program reads them too: number formats, merged cells and "
    "totals are not known. Compare the list with the file."
)


def prepare() -> None:
    """Load the readers of .xlsx: a fifth of a second that can pass before there is a file."""
    from wheel_admin.importing.readers import second_reader, xlsx  # noqa: F401, PLC0415


def read_tables(
    name: str,
    data: bytes,
    *,
    sheets: Sequence[str] = (),
    encoding: str = "",
    check: bool = True,
    progress: Progress | None = None,
    checking: Callable[[], None] = lambda: None,
) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, or the one of a text file, in order.

    Args:
        name: the file's, for messages.
        data: its content.
        sheets: names of the sheets to read, in any case; none means all that are visible. A CSV file has no names and
            is read whatever they are.
        encoding: of a text file; empty to find it.
        check: read workbooks with a second program too, and mark cells that it reads differently; without it, a
            workbook that the first finds damaged is refused.
        progress: told as rows are read.
        checking: told when the second program begins.

    Raises:
        InputError: not a spreadsheet, encrypted, damaged, without the named sheets, or beyond a limit.
        MemoryError: beyond the process's limit.
    """
    told = progress or _no_progress
    if data.startswith(_ZIP_MAGICS):
        found = check_archive(name, data)
        first = _read_workbook(name, data, found, sheets, told, second=checking if check else None)
        if check and found is not Format.ODS and not any(sheet.note for sheet in first):
            checking()
            first = [_checked(data, sheet, found) for sheet in first]
        yield from first
        return
    if data.startswith(_OLE_MAGIC):
        error = ole_error(name, data)
        if error is not None:
            raise error
        yield from _read_workbook(name, data, None, sheets, told, second=checking if check else None)
        return
    refuse_foreign(name, data)
    from wheel_admin.importing.readers.text_file import read_text_file  # noqa: PLC0415 - workbooks do without

    yield read_text_file(name, data, encoding=encoding, progress=told)


def _no_progress(_rows: int) -> None:
    pass


def _read_workbook(
    name: str,
    data: bytes,
    found: Format | None,
    wanted: Sequence[str],
    progress: Progress,
    *,
    second: Callable[[], None] | None,
) -> list[Sheet]:
    sheets: list[Sheet] | None = None
    with contextlib.suppress(_Damaged), _TakenForDamage():
        sheets = list(_first_reader(name, data, found, wanted, progress))
    if sheets is None and second is None:
        raise damaged(name)
    if sheets is None and second is not None:
        second()
        try:
            with _TakenForDamage():
                sheets = _second_reader(name, data, found, wanted, progress)
        except _Damaged as error:
            raise damaged(name) from error
        if not any(sheet.rows for sheet in sheets):
            raise damaged(name)
    return sheets or []


def _first_reader(
    name: str, data: bytes, found: Format | None, wanted: Sequence[str], progress: Progress
) -> Iterator[Sheet]:
    match found:
        case Format.XLSX:
            from wheel_admin.importing.readers.xlsx import read_xlsx  # noqa: PLC0415 - see `prepare`

            return read_xlsx(name, data, wanted, progress)
        case Format.XLSB:
            from wheel_admin.importing.readers.xlsb import read_xlsb  # noqa: PLC0415 - few need it

            return read_xlsb(name, data, wanted, progress)
        case Format.ODS:
            from wheel_admin.importing.readers.ods import read_ods  # noqa: PLC0415 - few need it

            return read_ods(name, data, wanted, progress)
        case None:
            from wheel_admin.importing.readers.xls import read_xls  # noqa: PLC0415 - few need it

            return read_xls(name, data, wanted, progress)


def _second_reader(
    name: str, data: bytes, found: Format | None, wanted: Sequence[str], progress: Progress
) -> list[Sheet]:
    from wheel_admin.importing.readers.second_reader import confirmed, read_with_calamine  # noqa: PLC0415 - see above

    if found is not Format.XLSX:
        alone = read_with_calamine(name, data, wanted, progress)
        return [msgspec.structs.replace(sheet, note=_SECOND_READING) for sheet in alone]
    from wheel_admin.importing.readers.xlsx import read_xlsx  # noqa: PLC0415 - see `prepare`

    rows_alone = read_xlsx(name, data, wanted, progress, rows_only=True)
    return [msgspec.structs.replace(confirmed(data, sheet), note=_ROWS_ALONE) for sheet in rows_alone]


def _checked(data: bytes, sheet: Sheet, found: Format) -> Sheet:
    from wheel_admin.importing.readers.second_reader import UNCHECKED, checked  # noqa: PLC0415 - see `prepare`

    with contextlib.suppress(_Damaged), _TakenForDamage():
        return checked(data, sheet, overlooks=found is Format.XLSB)
    return msgspec.structs.replace(sheet, note=UNCHECKED)


class _Damaged(Exception):
    """A reader could not read the workbook."""


class _TakenForDamage:
    """Makes one error of the many that a damaged or hostile workbook raises; want of memory is another matter.

    The libraries raise nearly anything (KeyError, ParseError, zlib.error, a panic of Rust's...), and none of it is an
    error of ours. Their warnings are about what we do not read. Without memory nothing is done here: Python 3.11 tries
    for ever to leave a generator's `with` block when there is none left.
    """

    def __enter__(self) -> None:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, MemoryError):
            return
        self._warnings.__exit__(kind, error, traceback)
        if error is None or isinstance(error, InputError | KeyboardInterrupt | SystemExit | GeneratorExit):
            return
        if getattr(error, "code", None) == _EXPAT_NO_MEMORY:
            raise MemoryError from error
        raise _Damaged from error
