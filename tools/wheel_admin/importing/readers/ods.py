"""OpenDocument spreadsheets (.ods): the text that each cell shows stands in the file.

Source: OpenDocument 1.3, part 3, chapter 9 (tables).
"""

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from kiosk.core.errors import InputError
from wheel_admin.importing.limits import MAX_COLUMNS
from wheel_admin.importing.readers.number_formats import EXACT_BELOW, plain_number
from wheel_admin.importing.readers.sheet_builder import Progress, SheetBuilder, SheetNames, refuse_sheets
from wheel_admin.importing.readers.xlsx_archive import XlsxArchive
from wheel_admin.importing.tables import Cell, Kind, Sheet

_NS = "{urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT, _STYLE = (f"{_NS}{name}:1.0}}" for name in ("table", "office", "text", "style"))
_CELLS = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "Err:")
_GROUPS = re.compile(r"\d[,.']\d{3}(?!\d)")
_DECIMALS = re.compile(r"\d[.,](?:\d{1,2}|\d{4,})(?!\d)")


def read_ods(name: str, data: bytes, wanted: Sequence[str], progress: Progress) -> Iterator[Sheet]:
    """Yield the sheets of an OpenDocument spreadsheet, as `read_xlsx` does.

    Raises:
        InputError: a limit is crossed, none of the named sheets is there, or it has a password.
        Exception: nearly any other, where the file is damaged.
    """
    archive = XlsxArchive(data)
    if "meta-inf/manifest.xml" in archive:
        with archive.open("meta-inf/manifest.xml") as manifest:
            if b"encryption-data" in manifest.read():
                raise InputError(
                    f"{name} is protected with a password.",
                    remedy="Open it, save it without a password (File, Save As), and import that file.",
                )
    names = _sheet_names(archive)
    refuse_sheets(name, [title for title, _ in names])
    chosen = set(SheetNames(name, names).chosen(wanted))
    builder = SheetBuilder(name, progress)
    for place, (title, hidden) in enumerate(names):
        if place not in chosen:
            continue
        if hidden and not wanted:
            yield Sheet(name=title, hidden=True)
        else:
            builder.begin(title)
            yield _sheet(builder, archive, place)


def _sheet_names(archive: XlsxArchive) -> list[tuple[str, bool]]:
    hidden_styles: set[str] = set()
    names: list[tuple[str, bool]] = []
    inside = False
    with archive.open("content.xml") as stream:
        for event, element in ElementTree.iterparse(stream, ("start", "end")):  # noqa: S314 - the gate lets none pass
            if element.tag == f"{_TABLE}table":
                if inside and event == "start":
                    raise ValueError(names)  # one within another: rows would be counted to the wrong one
                inside = event == "start"
            if event == "start" and element.tag == f"{_TABLE}table":
                style = element.get(f"{_TABLE}style-name", "")
                names.append((element.get(f"{_TABLE}name", ""), style in hidden_styles))
            elif event == "end" and element.tag == f"{_STYLE}style":
                for child in element.iter(f"{_STYLE}table-properties"):
                    if child.get(f"{_TABLE}display") == "false":
                        hidden_styles.add(element.get(f"{_STYLE}name", ""))
                element.clear()
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                element.clear()
    return names


def _sheet(builder: SheetBuilder, archive: XlsxArchive, wanted: int) -> Sheet:
    place = -1
    number = 1
    merged: list[tuple[int, int, int]] = []
    with archive.open("content.xml") as stream:
        for event, element in ElementTree.iterparse(stream, ("start", "end")):  # noqa: S314 - the gate lets none pass
            if event == "start":
                place += element.tag == f"{_TABLE}table"
            elif element.tag == f"{_TABLE}table-row":
                if place == wanted:
                    number = _row(builder, element, number, merged)
                element.clear()
            elif element.tag == f"{_TABLE}table" and place == wanted:
                break
    return builder.end(merged=merged)


def _row(
    builder: SheetBuilder, element: "ElementTree.Element[str]", number: int, merged: list[tuple[int, int, int]]
) -> int:
    """Take one row element, which may stand for many equal ones, and return the number of the row behind it."""
    cells: list[tuple[int, Cell]] = []
    column = 0
    for child in element:
        if child.tag not in _CELLS:
            continue
        times = int(child.get(f"{_TABLE}number-columns-repeated", "1"))
        cell = _cell(child) if child.tag == f"{_TABLE}table-cell" else None
        if cell is not None:
            if column < MAX_COLUMNS:
                cells.extend((place, cell) for place in range(column, min(column + times, MAX_COLUMNS)))
            elif not cells:  # that there is something, is all that matters of it
                cells.append((column, cell))
            spanned = int(child.get(f"{_TABLE}number-columns-spanned", "1"))
            if spanned > 1 and column < MAX_COLUMNS:
                merged.append((number, column, min(column + spanned, MAX_COLUMNS) - 1))
        column += times
    repeated = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
    hidden = element.get(f"{_TABLE}visibility", "visible") != "visible"
    if cells:
        for place in range(repeated):
            builder.row(number + place, cells, hidden=hidden)
    return number + repeated


def _cell(element: "ElementTree.Element[str]") -> Cell | None:
    shown = "\n".join(map(_shown, element.findall(f"{_TEXT}p")))
    kind = element.get(f"{_OFFICE}value-type", "")
    if shown.startswith(_ERRORS) and (kind != "string" or element.get(f"{_TABLE}formula")):
        return Cell(Kind.ERROR, shown)
    if kind == "boolean":
        return Cell(Kind.BOOLEAN, "TRUE" if element.get(f"{_OFFICE}boolean-value") == "true" else "FALSE")
    if kind in {"date", "time"}:
        return Cell(Kind.DATE, element.get(f"{_OFFICE}{kind}-value", shown))
    if kind in {"float", "percentage", "currency"}:
        return _number(kind, float(element.get(f"{_OFFICE}value", "nan")), shown)
    if not shown.strip():
        return None
    return Cell(Kind.TEXT, shown)


def _number(kind: str, value: float, shown: str) -> Cell:
    plain = plain_number(value)
    if not abs(value) < EXACT_BELOW:
        return Cell(Kind.INEXACT, plain)
    if kind != "float":
        return Cell(Kind.PERCENT if kind == "percentage" else Kind.MONEY, plain)
    text = shown.strip() or plain
    bare = text.replace("\u202f", " ").replace("\xa0", " ")
    if "E" in bare.upper() and plain not in bare and any(sign in bare.upper() for sign in ("E+", "E-")):
        return Cell(Kind.SCIENTIFIC, plain)
    if value != int(value) or _DECIMALS.search(bare):
        return Cell(Kind.DECIMAL, plain)
    if _GROUPS.search(bare):
        return Cell(Kind.GROUPED, plain)
    return Cell(Kind.NUMBER, text, plain if plain != text else "")


def _shown(paragraph: "ElementTree.Element[str]") -> str:
    """Return a paragraph's text with its spaces and tabs, without the notes and readings in it."""
    parts = [paragraph.text or ""]
    for child in paragraph:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * min(int(child.get(f"{_TEXT}c", "1")), 100))
        elif child.tag in {f"{_TEXT}tab", f"{_TEXT}line-break"}:
            parts.append(" ")
        elif child.tag == f"{_TEXT}ruby":
            parts.extend(_shown(base) for base in child.findall(f"{_TEXT}ruby-base"))
        elif child.tag != f"{_OFFICE}annotation":
            parts.append(_shown(child))
        parts.append(child.tail or "")
    return "".join(parts)
