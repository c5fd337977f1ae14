"""Hostile spreadsheets: each one a real file, written here part by part, and what the import must say to it.

Invariant: nothing is larger on the disk than 20 MB, and each is written in a blink. `expected` is a piece of the
message; an empty one means that the file is strange but honest, and its rows are read.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

TYPES = (
    f'{_PROLOG}<Types xmlns="{_TYPES}">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_XLSX}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_XLSX}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_XLSX}.sharedStrings+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_XLSX}.styles+xml"/></Types>'
)
ROOT_RELS = (
    f'{_PROLOG}<Relationships xmlns="{_RELS}"><Relationship Id="rId1" Type="{_DOC}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
WORKBOOK = (
    f'{_PROLOG}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>'
    '<sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
WORKBOOK_RELS = (
    f'{_PROLOG}<Relationships xmlns="{_RELS}">'
    f'<Relationship Id="rId1" Type="{_DOC}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_DOC}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="rId3" Type="{_DOC}/styles" Target="styles.xml"/></Relationships>'
)
STYLES = (
    f'{_PROLOG}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill><patternFill/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs></styleSheet>'
)
WORDS = ("Ticket", "Name", "A1", "Ana Ruiz")
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file.

    Attributes:
        name: under which it is imported.
        make: makes its bytes.
        expected: a piece of the message that it must meet; empty if it is read.
    """

    name: str
    make: Callable[[], bytes]
    expected: str

    @property
    def costly(self) -> bool:
        """Whether it aims at memory or time, so that both must be measured."""
        return self.name.startswith(_COSTLY)


def strings(*texts: str) -> str:
    """Return the part with the shared strings."""
    listed = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'{_PROLOG}<sst xmlns="{_MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{listed}</sst>'


def row(number: int, *indexes: int, column: int = 0) -> str:
    """Return one row of shared strings."""
    cells = "".join(
        f'<c r="{chr(65 + column + place)}{number}" t="s"><v>{index}</v></c>' for place, index in enumerate(indexes)
    )
    return f'<row r="{number}">{cells}</row>'


def sheet(*rows: str, dimension: str = "A1:B2", after: str = "") -> str:
    """Return the part with the sheet's rows: the header and one participant, unless others are given."""
    content = "".join(rows) or row(1, 0, 1) + row(2, 2, 3)
    return (
        f'{_PROLOG}<worksheet xmlns="{_MAIN}"><dimension ref="{dimension}"/><sheetData>{content}</sheetData>'
        f"{after}</worksheet>"
    )


def parts(**changes: str | bytes | None) -> dict[str, str | bytes]:
    """Return the parts of an honest workbook with `changes`: by the part's short name; None takes it out."""
    known = {
        "types": ("[Content_Types].xml", TYPES),
        "root_rels": ("_rels/.rels", ROOT_RELS),
        "workbook": ("xl/workbook.xml", WORKBOOK),
        "rels": ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS),
        "styles": ("xl/styles.xml", STYLES),
        "strings": (STRINGS, strings(*WORDS)),
        "sheet": (SHEET, sheet()),
    }
    found: dict[str, str | bytes] = {}
    for short, (name, content) in known.items():
        changed = changes.get(short, content)
        if changed is not None:
            found[name] = changed
    return found


def packed(content: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return the archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return file.getvalue()


def workbook(**changes: str | bytes | None) -> bytes:
    """Return an honest workbook with `changes`."""
    return packed(parts(**changes))


def _with(more: Mapping[str, str | bytes], **changes: str | bytes | None) -> bytes:
    return packed({**parts(**changes), **more})


def _before_the_root(declared: str, used: str, *, encoding: str = "utf-8") -> bytes:
    text = strings(*WORDS[:3], used).removeprefix(_PROLOG)
    prolog = f'<?xml version="1.0" encoding="{encoding}"?>\n<!DOCTYPE sst [{declared}]>\n'
    return workbook(strings=(prolog + text).encode(encoding))


def _laughs(*, encoding: str = "utf-8") -> bytes:
    declared = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return _before_the_root(declared, "&l9;", encoding=encoding)


def _quadratic() -> bytes:
    return _before_the_root(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 50_000)


def _external_entity() -> bytes:
    return _before_the_root('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")


def _lying_bomb() -> bytes:
    """Return an archive whose directory declares 1 kB for a part that unpacks to 20 MB."""
    data = bytearray(_with({}, sheet=sheet(after=" " * 20_000_000)))
    place = data.rindex(SHEET.encode()) - 46
    struct.pack_into("<I", data, place + 24, 1000)
    return bytes(data)


def _overlapping() -> bytes:
    """Return an archive in which 1500 parts share the same packed bytes."""
    name, size = b"xl/media/a", 900_000
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = bytes(size)
    body = deflate.compress(raw) + deflate.flush()
    fields = (20, 0, 8, 0, 0, zlib.crc32(raw), len(body), size)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", *fields, len(name), 0) + name + body
    entries = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *fields, len(name) + 5, 0, 0, 0, 0, 0, 0) + name + b"%05d" % number
        for number in range(1500)
    )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1500, 1500, len(entries), len(local), 0)
    return local + entries + end


def _encrypted_archive() -> bytes:
    data = bytearray(workbook())
    for magic, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.find(magic)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(magic, place + 4)
    return bytes(data)


def _twice() -> bytes:
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(zipfile.ZipInfo("xl/Workbook.xml"), WORKBOOK)
    return file.getvalue().replace(b"xl/Workbook.xml", b"xl/workbook.xml")


def _ole(*streams: str) -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + b"".join(name.encode("utf-16-le") for name in streams)


def _far_cell() -> bytes:
    return workbook(
        sheet=sheet(
            row(1, 0, 1),
            row(2, 2, 3),
            '<row r="1048576"><c r="XFD1048576" t="s"><v>3</v></c></row>',
            dimension="A1:XFD1048576",
        )
    )


def _many_rows(count: int, text: str) -> bytes:
    content = "".join(text.format(number) for number in range(3, count + 3))
    return workbook(sheet=sheet(row(1, 0, 1), row(2, 2, 3), content))


def _full_sheet() -> bytes:
    """Return twenty thousand rows of twenty cells: more than anybody needs, all of it honest."""
    rows = "".join(row(number, *([2, 3] * 10)) for number in range(1, 20_001))
    return workbook(sheet=sheet(rows))


def _many_people() -> bytes:
    """Return the most that is read of one file: both processes must hold it."""
    texts = [f"A person of the name {number}" for number in range(20_000)]
    rows = "".join(row(number, *(number + place for place in range(12))) for number in range(2, 19_990))
    return workbook(strings=strings("Ticket", "Name", *texts), sheet=sheet(row(1, 0, 1), rows))


def _one_string_everywhere() -> bytes:
    rows = "".join(row(number, 2, 3) for number in range(2, 3000))
    return workbook(strings=strings(*WORDS[:3], "N" * 32_000), sheet=sheet(row(1, 0, 1), rows))


def _deep(depth: int) -> str:
    return "<a>" * depth + "</a>" * depth


def _sheets(count: int, *, hidden: bool = False) -> bytes:
    state = ' state="hidden"' if hidden else ""
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}"{state} r:id="rId1"/>' for n in range(1, count + 1))
    return workbook(workbook=WORKBOOK.replace('<sheet name="List" sheetId="1" r:id="rId1"/>', listed))


def _styles(count: int) -> bytes:
    return packed(
        parts(styles=STYLES.replace("<xf/></cellXfs>", '<xf numFmtId="14"/>' * count + "</cellXfs>")),
        method=zipfile.ZIP_STORED,
    )


def _shifting(count: int) -> bytes:
    """Return shared formulas, each of which says again how the first one is shifted."""
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><f t="shared" si="0"{" ref=" + chr(34) + "A1:A9" + chr(34) if n == 3 else ""}>'
        f"{'+'.join(['A1'] * 2000) if n == 3 else ''}</f></c></row>"
        for n in range(3, count)
    )
    return workbook(sheet=sheet(row(1, 0, 1), row(2, 2, 3), rows))


def _csv(*lines: str) -> bytes:
    return "\r\n".join(("Ticket,Name", "A1,Ana Ruiz", *lines)).encode()


_COSTLY = (
    *("bomb-part", "bomb-strings", "bomb-lying", "laughs.", "laughs-q", "far-cell", "million-", "too-", "long-string-"),
    *("deep-m", "deep-s", "many-", "shared-", "text-huge", "text-one", "text-many", "text-emoji"),
)
_DAMAGED = "is damaged or was not written by a spreadsheet program"
_RATIO = "would unpack to more than 100 times its size"
_NO_TEXT = "is not a spreadsheet and not text"
_TOO_LONG = "takes more"
_ENTITIES = "declares entities (a document type)"

FILES = (
    Hostile("bomb-part.xlsx", lambda: workbook(sheet=sheet(after=" " * 20_000_000)), _RATIO),
    Hostile("bomb-strings.xlsx", lambda: workbook(strings=strings(*WORDS, "a" * 20_000_000)), _RATIO),
    Hostile("bomb-declared.xlsx", lambda: _with({"xl/media/a.png": bytes(101_000_000)}), "would unpack to 101 MB"),
    Hostile("bomb-lying.xlsx", _lying_bomb, _DAMAGED),
    Hostile("bomb-overlapping.xlsx", _overlapping, "would unpack to 1350 MB"),
    Hostile("bomb-nested.xlsx", lambda: _with({"xl/embeddings/b.zip": packed({"b": bytes(20_000_000)})}), ""),
    Hostile(
        "bomb-many-parts.xlsx", lambda: _with({f"xl/media/{n}": b"" for n in range(2_500)}), "more than 2000 parts"
    ),
    Hostile("bomb-other-packing.xlsx", lambda: packed(parts(), method=zipfile.ZIP_LZMA), _DAMAGED),
    Hostile("laughs.xlsx", _laughs, _ENTITIES),
    Hostile("laughs-utf16.xlsx", lambda: _laughs(encoding="utf-16"), _ENTITIES),
    Hostile("laughs-quadratic.xlsx", _quadratic, _ENTITIES),
    Hostile("entity-external.xlsx", _external_entity, _ENTITIES),
    Hostile(
        "laughs-in-a-part-of-another-name.xlsx",
        lambda: _with({"xl/a.bin": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        _ENTITIES,
    ),
    Hostile("comment-without-end.xlsx", lambda: _with({"xl/a.xml": "<!--" + "a b " * 100_000}), "has no beginning"),
    Hostile("far-cell.xlsx", _far_cell, ""),
    Hostile("declared-rows.xlsx", lambda: workbook(sheet=sheet(dimension="A1:XFD1048576")), ""),
    Hostile("million-empty-rows.xlsx", lambda: _many_rows(1_048_570, '<row r="{0}"/>'), _TOO_LONG),
    Hostile("rows-beyond-excel.xlsx", lambda: workbook(sheet=sheet(row(1, 0, 1), row(2_000_000_000, 2, 3))), _DAMAGED),
    Hostile("rows-backwards.xlsx", lambda: workbook(sheet=sheet(row(2, 2, 3), row(1, 0, 1))), ""),
    Hostile("too-many-cells.xlsx", _full_sheet, "cells with content"),
    Hostile("too-many-people.xlsx", _many_people, "at most 3000 fit"),
    Hostile("too-many-rows.xlsx", lambda: _many_rows(30_000, '<row r="{0}"><c t="n"><v>1</v></c></row>'), "20000 rows"),
    Hostile("long-string.xlsx", lambda: workbook(strings=strings(*WORDS[:3], "aé" * 5_000_000)), _RATIO),
    Hostile(
        "long-string-unpackable.xlsx",
        lambda: packed(parts(strings=strings(*WORDS[:3], "é" * 5_000_000)), method=zipfile.ZIP_STORED),
        "a cell has 5000000 characters",
    ),
    Hostile("long-string-everywhere.xlsx", _one_string_everywhere, "characters of text"),
    Hostile("string-out-of-range.xlsx", lambda: workbook(sheet=sheet(row(1, 0, 1), row(2, 2, 99))), _DAMAGED),
    Hostile("string-negative.xlsx", lambda: workbook(sheet=sheet(row(1, 0, 1), row(2, 2, -99))), _DAMAGED),
    Hostile(
        "number-endless.xlsx",
        lambda: workbook(sheet=sheet(row(1, 0, 1), f'<row r="2"><c r="A2"><v>{"9" * 100_000}</v></c></row>')),
        _DAMAGED,
    ),
    Hostile("deep-1000.xlsx", lambda: workbook(sheet=sheet(after=_deep(1000))), ""),
    Hostile(
        "deep-million.xlsx",
        lambda: packed(parts(sheet=sheet(after=_deep(1_000_000))), method=zipfile.ZIP_STORED),
        _TOO_LONG,
    ),
    Hostile(
        "deep-strings.xlsx",
        lambda: packed(parts(strings=strings(*WORDS, _deep(300_000))), method=zipfile.ZIP_STORED),
        _TOO_LONG,
    ),
    Hostile("many-sheets.xlsx", lambda: _sheets(5000), "more than 256 sheets"),
    Hostile("empty-part.xlsx", lambda: workbook(styles=""), _DAMAGED),
    Hostile("million-styles.xlsx", lambda: _styles(300_000), _TOO_LONG),
    Hostile("shared-formulas.xlsx", lambda: _shifting(2000), ""),
    Hostile("no-workbook.xlsx", lambda: workbook(workbook=None), _DAMAGED),
    Hostile("no-sheet.xlsx", lambda: workbook(sheet=None), _DAMAGED),
    Hostile("no-strings.xlsx", lambda: workbook(strings=None), _DAMAGED),
    Hostile("no-types.xlsx", lambda: workbook(types=None), "another kind of document"),
    Hostile(
        "cyclic.xlsx",
        lambda: workbook(
            rels=WORKBOOK_RELS.replace("worksheets/sheet1.xml", "workbook.xml"),
        ),
        "has no participants",
    ),
    Hostile("outside.xlsx", lambda: workbook(rels=WORKBOOK_RELS.replace("worksheets/", "../../../../etc/")), _DAMAGED),
    Hostile("part-twice.xlsx", _twice, _DAMAGED),
    Hostile("truncated.xlsx", lambda: workbook()[:-700], _DAMAGED),
    Hostile("archive-encrypted.xlsx", _encrypted_archive, "is an encrypted archive"),
    Hostile("password.xlsx", lambda: _ole("EncryptionInfo", "EncryptedPackage"), "is protected with a password"),
    Hostile("old-xls-named.xlsx", lambda: _ole("Workbook"), _DAMAGED),
    Hostile(
        "macros.xlsm",
        lambda: _with(
            {"xl/vbaProject.bin": _ole("VBA")},
            types=TYPES.replace(f"{_XLSX}.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        ),
        "",
    ),
    Hostile(
        "external-links.xlsx",
        lambda: _with(
            {
                "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{_MAIN}"/>',
                "xl/externalLinks/_rels/externalLink1.xml.rels": f'<Relationships xmlns="{_RELS}"><Relationship '
                f'Id="rId1" Type="{_DOC}/externalLinkPath" Target="http://127.0.0.1:9/" TargetMode="External"/>'
                "</Relationships>",
            },
            rels=WORKBOOK_RELS.replace(
                "</Relationships>",
                f'<Relationship Id="rId9" Type="{_DOC}/externalLink" Target="externalLinks/externalLink1.xml"/>'
                "</Relationships>",
            ),
        ),
        "",
    ),
    Hostile("text-nul.csv", lambda: _csv("A2,B\0o"), _NO_TEXT),
    Hostile("text-huge-field.csv", lambda: _csv("A2," + "x" * 9_000_000), "is not a CSV file"),
    Hostile("text-long-field.csv", lambda: _csv("A2," + "x" * 40_000), "a cell has 40000 characters"),
    Hostile("text-one-line.csv", lambda: b"a,b;" * 2_400_000, _TOO_LONG),
    Hostile("text-many-columns.csv", lambda: _csv("," * 9_000_000), _TOO_LONG),
    Hostile("text-too-long.csv", lambda: _csv("A2,B" * 3_000_000), "more than 10 MB of text"),
    Hostile("text-utf16-broken.csv", lambda: b"\xff\xfeT\0i\0c", _NO_TEXT),
    Hostile("text-utf32.csv", lambda: "Ticket,Name\nA1,Ana".encode("utf-32"), _NO_TEXT),
    Hostile("text-broken-utf8.csv", lambda: b"Ticket,Name\nA1,\x81\x8d\xff\n", "is not clear"),
    Hostile("text-quote-without-end.csv", lambda: _csv('A2,"' + "x\r\n" * 100_000), "line 3: a quotation mark"),
    Hostile("text-emoji.csv", lambda: _csv("A2,🎉" * 900_000), _TOO_LONG),
    Hostile("too-large.xlsx", lambda: b"PK\3\4" + bytes(20_000_000), "has more than 20 MB"),
)
