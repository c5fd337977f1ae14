"""The gate before a workbook: what its zip directory admits to, and how each of its parts begins.

Invariant: pure. Nothing is unpacked but the first bytes of each part, whatever the directory claims. What passes may
still be damaged or too large to hold; that is found out by reading it, within limits.

A workbook is a zip archive of XML parts (ECMA-376, part 2). Excel writes no document type and no entities into any of
them, never packs a part twice, and packs with deflate. Each of these rules keeps out a known kind of bomb.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NoReturn
from xml.parsers import expat

from kiosk.core.errors import InputError
from wheel_admin.importing.limits import LIST_ALONE
from wheel_admin.importing.readers.xlsx_archive import spelt
from wheel_admin.importing.tables import shown

MAX_PARTS = 2000
"""A workbook with a hundred sheets and pictures has some hundreds."""
MAX_EXPANDED_BYTES = 100_000_000
"""What the parts may unpack to, as the directory declares; `zipfile` never unpacks more than declared."""
MAX_RATIO = 100
"""How many times its packed size a part may unpack to. XML of real sheets reaches 10 to 40."""
RATIO_FROM_BYTES = 1_000_000
"""Parts smaller than this when unpacked are harmless at any ratio."""
MAX_PROLOG_BYTES = 64 << 10
"""Where the root element must have begun; Excel's begins within 100 bytes."""


class Format(StrEnum):
    """Kinds of workbooks that are archives."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    ODS = "ods"


_LISTS = (".csv", ".xlsx", ".xls", ".ods", ".txt", ".tsv", ".xlsm", ".xlsb")
_OTHERS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    (
        "a Numbers spreadsheet of Apple's",
        "In Numbers: File, Export To, Excel. Import the .xlsx file that it makes.",
        lambda part: part == "index.zip" or (part.startswith("index/") and part.endswith(".iwa")),
    ),
    (
        "a Word document",
        "Copy the table in it, paste it into a new Excel workbook, save that as .xlsx and import it.",
        lambda part: part == "word/document.xml",
    ),
    (
        "a PowerPoint presentation",
        "Copy the table in it, paste it into a new Excel workbook, save that as .xlsx and import it.",
        lambda part: part == "ppt/presentation.xml",
    ),
)
SAVE_AS_XLSX = "Open it in Excel or LibreOffice, save it as .xlsx, and import that file."
_DIRECTORY_ENTRY = b"PK\x01\x02"
_CHUNK = 4096
_ENCRYPTED = 0x1


def damaged(name: str) -> InputError:
    """Return the error for a file that no spreadsheet program writes."""
    return InputError(f"{name} is damaged or was not written by a spreadsheet program.", remedy=SAVE_AS_XLSX)


def check_archive(name: str, data: bytes) -> Format:
    """Return which kind of workbook it is; refuse what is none, or what no spreadsheet program would have written.

    Args:
        name: the file's name, for messages.
        data: its content, which begins as a zip archive does.

    Raises:
        InputError: damaged, encrypted, another kind of document, too many or too large parts, packed too densely,
            parts that overlap, or a part with a document type (the way to entity bombs).
    """
    if data.count(_DIRECTORY_ENTRY) > MAX_PARTS:  # before `zipfile` makes an object of each
        raise InputError(f"{name} is an archive of more than {MAX_PARTS} parts.", remedy=LIST_ALONE)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(name, archive.infolist(), len(data))
            found = _format(name, archive)
            for part in archive.infolist():
                _check_beginning(name, part, _beginning(archive, part))
            return found
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise damaged(name) from error


def _check_directory(name: str, parts: list[zipfile.ZipInfo], size: int) -> None:
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise InputError(f"{name} is an encrypted archive.", remedy="Save it without a password, and import that file.")
    expanded = sum(part.file_size for part in parts)
    if expanded > MAX_EXPANDED_BYTES:
        raise InputError(
            f"{name} would unpack to {expanded / 1e6:.0f} MB, at most {MAX_EXPANDED_BYTES / 1e6:.0f} MB are read.",
            remedy=LIST_ALONE,
        )
    for part in parts:
        if part.file_size > max(RATIO_FROM_BYTES, MAX_RATIO * part.compress_size):
            raise InputError(
                f"{name} would unpack to more than {MAX_RATIO} times its size, as no list of people does.",
                remedy=LIST_ALONE,
            )
    twice = len({part.filename for part in parts}) < len(parts)
    overlapping = sum(part.compress_size for part in parts) > size
    foreign = any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts)
    if twice or overlapping or foreign:
        raise damaged(name)


def _format(name: str, archive: zipfile.ZipFile) -> Format:
    parts = {spelt(part) for part in archive.namelist()}
    if "mimetype" in parts and b"opendocument.spreadsheet" in _first(archive, "mimetype"):
        return Format.ODS
    if "xl/workbook.bin" in parts:
        return Format.XLSB
    if "[content_types].xml" in parts and any(part.startswith("xl/") for part in parts):
        return Format.XLSX
    inside = next((part for part in archive.namelist() if part.casefold().endswith(_LISTS)), "")
    for what, remedy, known in _OTHERS:
        if any(known(part) for part in parts):
            raise InputError(f"{name} is {what}, not a spreadsheet file.", remedy=remedy)
    if inside:
        raise InputError(
            f"{name} is a zip archive with {shown(inside)} in it.",
            remedy="Unpack (extract) it: double-click it in the file manager. Then import the file in it.",
        )
    raise InputError(
        f"{name} is a zip archive or another kind of document, not a workbook.",
        remedy="Unpack (extract) it if it is an archive, and import the .xlsx or .csv file in it.",
    )


def _first(archive: zipfile.ZipFile, part: str) -> bytes:
    with archive.open(part) as stream:
        return stream.read(80)


def _beginning(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the part's first bytes, as many as somebody asks for up to `MAX_PROLOG_BYTES`."""
    with archive.open(part) as stream:
        for _ in range(MAX_PROLOG_BYTES // _CHUNK):
            chunk = stream.read(_CHUNK)
            yield chunk
            if not chunk:
                return


class _Known(Exception):
    """Raised through expat to end its work: what follows need not be looked at, and must not be if it is entities."""


def _check_beginning(name: str, part: zipfile.ZipInfo, chunks: Iterator[bytes]) -> None:
    """Refuse a document type: it can stand before the root element only, so nothing behind that need be unpacked."""

    def doctype(*_: object) -> NoReturn:
        raise _Known("declares entities (a document type)")

    def root(*_: object) -> NoReturn:
        raise _Known("")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        for chunk in chunks:
            parser.Parse(chunk, not chunk)
        problem = "has no beginning"
    except expat.ExpatError:
        return  # no XML: a picture, a macro; or broken, which matters only if it is read
    except _Known as known:
        problem = str(known)
    if problem:
        raise InputError(
            f"{name} was not written by a spreadsheet program: its part {part.filename[:60]!r} {problem}.",
            remedy=LIST_ALONE,
        )
