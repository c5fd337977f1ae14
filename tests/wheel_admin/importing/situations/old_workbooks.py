"""Workbooks in Excel's binary formats, written with the few records that a list needs.

Sources: [MS-CFB] for the container of .xls, [MS-XLS] and [MS-XLSB] for the records.
"""

import io
import struct
import zipfile
from collections.abc import Sequence

from tests.wheel_admin.importing.conftest import Formatted

Value = str | float | Formatted
Rows = Sequence[Sequence[Value]]
_SECTOR = 512
_END_OF_CHAIN, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def xls(rows: Rows, *, hidden: Sequence[int] = ()) -> bytes:
    """Return a workbook of Excel 97 with one sheet."""
    codes = _codes(rows)
    body = [_biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))]
    for number, row in enumerate(rows):
        flags = 0x20 if number + 1 in hidden else 0
        body.append(_biff(0x0208, struct.pack("<HHHHHHHH", number, 0, len(row), 255, 0, 0, flags, 0)))
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 1 + _style(value, codes))
            if isinstance(value, str):
                body.append(_biff(0x0204, place + _string(value, "<H")))
            else:
                body.append(_biff(0x0203, place + struct.pack("<d", _number(value))))
    sheet = b"".join(body) + _biff(0x000A, b"")
    before = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x05, 0, 0, 0, 0))
    before += _biff(0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0, 400, 0, 0, 0, 0, 0) + _string("Arial", "<B"))
    before += b"".join(_biff(0x041E, struct.pack("<H", 164 + n) + _string(code, "<H")) for n, code in enumerate(codes))
    before += _biff(0x00E0, struct.pack("<HHH14x", 0, 0, 0xFFF5))
    before += b"".join(_biff(0x00E0, struct.pack("<HHH14x", 0, key, 1)) for key in (0, *range(164, 164 + len(codes))))
    name = _string("List", "<B")
    offset = len(before) + 4 + 6 + len(name) + 4
    before += _biff(0x0085, struct.pack("<IBB", offset, 0, 0) + name) + _biff(0x000A, b"")
    return _container(before + sheet)


def xlsb(rows: Rows, *, hidden: Sequence[int] = ()) -> bytes:
    """Return a binary workbook with one sheet."""
    codes = _codes(rows)
    records = b"".join(
        binary_row(number, hidden=number + 1 in hidden)
        + b"".join(_cell(column, value, codes) for column, value in enumerate(row))
        for number, row in enumerate(rows)
    )
    return binary_workbook(records, codes=codes)


def binary_workbook(
    records: bytes,
    *,
    behind: bytes = b"",
    codes: Sequence[str] = (),
    strings: Sequence[str] = (),
    since_1904: bool = False,
    state: int = 0,
) -> bytes:
    """Return a binary workbook with one sheet of records.

    Args:
        records: of its rows and cells.
        behind: records behind them.
        codes: number formats; the styles 1, 2... have them.
        strings: that cells share.
        since_1904: whether days are counted from 1904.
        state: of the sheet: 0 is visible, 1 is hidden.
    """
    formats = b"".join(binary(44, struct.pack("<H", 164 + n) + wide(code)) for n, code in enumerate(codes))
    styles = b"".join(
        binary(47, struct.pack("<HHHHHBB4x", 0, key, 0, 0, 0, 0, 0)) for key in (0, *range(164, 164 + len(codes)))
    )
    count = struct.pack("<I", 1 + len(codes))
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _relations(("rId1", "officeDocument", "xl/workbook.bin")),
        "xl/_rels/workbook.bin.rels": _relations(
            ("rId1", "worksheet", "worksheets/sheet1.bin"),
            ("rId2", "styles", "styles.bin"),
            ("rId3", "sharedStrings", "sharedStrings.bin"),
        ),
        "xl/workbook.bin": binary(131, b"")
        + binary(153, struct.pack("<I", since_1904) + bytes(4) + wide(""))
        + binary(143, b"")
        + binary(156, struct.pack("<II", state, 1) + wide("rId1") + wide("List"))
        + binary(144, b"")
        + binary(132, b""),
        "xl/worksheets/sheet1.bin": binary(129, b"")
        + binary(148, struct.pack("<IIII", 0, 99, 0, 99))
        + binary(145, b"")
        + records
        + binary(146, b"")
        + behind
        + binary(130, b""),
        "xl/sharedStrings.bin": binary(159, struct.pack("<II", len(strings), len(strings)))
        + b"".join(binary(19, b"\0" + wide(text)) for text in strings)
        + binary(160, b""),
        "xl/styles.bin": binary(278, b"")
        + binary(615, struct.pack("<I", len(codes)))
        + formats
        + binary(616, b"")
        + binary(617, count)
        + styles
        + binary(618, b"")
        + binary(279, b""),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return out.getvalue()


def binary_row(number: int, *, hidden: bool = False) -> bytes:
    """Return the record that begins a row of a binary workbook; `number` counts from 0."""
    return binary(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0x10 if hidden else 0, 0, 0))


def binary(kind: int, body: bytes) -> bytes:
    """Return a record of a binary workbook."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = b"", len(body)
    while left > 0x7F:
        size, left = size + bytes([left & 0x7F | 0x80]), left >> 7
    return head + size + bytes([left]) + body


def wide(text: str) -> bytes:
    """Return a text of a binary workbook: its length, and UTF-16."""
    units = text.encode("utf-16-le")
    return struct.pack("<I", len(units) // 2) + units


def _codes(rows: Rows) -> list[str]:
    return list(dict.fromkeys(value.code for row in rows for value in row if isinstance(value, Formatted)))


def _style(value: Value, codes: list[str]) -> int:
    return 1 + codes.index(value.code) if isinstance(value, Formatted) else 0


def _number(value: float | Formatted) -> float:
    return value.value if isinstance(value, Formatted) else float(value)


def _biff(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _string(text: str, length: str) -> bytes:
    units = text.encode("utf-16-le")
    return struct.pack(length, len(units) // 2) + b"\1" + units


def _container(stream: bytes) -> bytes:
    """Return a compound file with one stream, `Workbook`, that is long enough to have sectors of its own."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(stream) // _SECTOR
    chain = [_FAT, _END_OF_CHAIN, *range(3, 2 + sectors), _END_OF_CHAIN]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(_SECTOR, b"\xff")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END_OF_CHAIN, 0, _END_OF_CHAIN, 0, 0
    )
    header = header.ljust(_SECTOR, b"\xff")
    entries = _entry("Root Entry", 5, 1, _END_OF_CHAIN, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    return header + fat + entries.ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    spelt = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBBIII", len(spelt), kind, 1, _FREE, _FREE, child)
    return spelt.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def _cell(column: int, value: Value, codes: list[str]) -> bytes:
    place = struct.pack("<II", column, _style(value, codes))
    if isinstance(value, str):
        return binary(6, place + wide(value))
    return binary(5, place + struct.pack("<d", _number(value)))


def _relations(*relations: tuple[str, str, str]) -> str:
    listed = "".join(f'<Relationship Id="{a}" Type="{_OFFICE}/{b}" Target="{c}"/>' for a, b, c in relations)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )
