"""Number formats and kinds of files: what the organiser sees is what is read."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from kiosk.core.errors import InputError
from tests.wheel_admin.importing.conftest import Formatted, imported, workbook
from wheel_admin.importing.readers.number_formats import built_in, is_date_format, shown_number
from wheel_admin.importing.readers.spreadsheet import read_tables
from wheel_admin.importing.tables import Kind, unescape


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (7, '"T-"0000', "T-0007"),
        (7, r"T\-0000", "T-0007"),
        (12345, "000-000", "012-345"),
        (1234567, "000-000", "1234-567"),
        (10, "00##", "0010"),
        (5, "00##", "005"),
        (9, '0000" A"', "0009 A"),
        (42, '0"/2026"', "42/2026"),
        (11, "0000_)", "0011"),
        (11, "[Red]0000;[Blue]-0000", "0011"),
        (-11, "0000;-0000", "-0011"),
        (-11, "0000", "-0011"),
        (0, "0;-0;0000", "0000"),
        (42, "[$-407]000000", "000042"),
        (3, '"No. "00', "No. 03"),
        (5, "General", "5"),
        (5, 'General" pcs"', "5 pcs"),
        (8.0, "0", "8"),
        (7, '[<10]"0"0;00', "07"),
        (70, '[<10]"0"0;00', "70"),
        (5, "???", "5"),
        (5, "@", "5"),
        (5, "", "5"),
    ],
)
def test_a_ticket_is_the_text_that_excel_shows(value: float, code: str, shown: str) -> None:
    assert shown_number(value, code) == (Kind.NUMBER, shown)


@pytest.mark.parametrize(
    ("value", "code", "kind"),
    [
        (0.5, "0%", Kind.PERCENT),
        (5, '"$"#,##0.00', Kind.MONEY),
        (5, "[$€-407] 0", Kind.MONEY),
        (5, "0.00E+00", Kind.SCIENTIFIC),
        (1234, "#,##0", Kind.GROUPED),
        (5, "0.00", Kind.DECIMAL),
        (7.5, "0", Kind.DECIMAL),
        (7.5, "General", Kind.DECIMAL),
        (5, "# ?/?", Kind.FRACTION),
        (42, "0/2026", Kind.FRACTION),
        (5, "0,", Kind.UNSHOWN),
        (5, ";;;", Kind.UNSHOWN),
        (5, "[DBNum1]0", Kind.UNSHOWN),
        (45000, "yyyy-mm-dd", Kind.DATE),
        (0.5, "[h]:mm", Kind.DATE),
        (10**15, "0", Kind.INEXACT),
        (float("inf"), "0", Kind.INEXACT),
    ],
)
def test_a_number_that_is_shown_as_something_else_is_named(value: float, code: str, kind: Kind) -> None:
    assert shown_number(value, code)[0] is kind


@pytest.mark.parametrize("number", [14, 22, 27, 31, 36, 45, 47, 50, 57, 58, 71, 81])
def test_format_ids_of_dates_need_no_code_in_the_file(number: int) -> None:
    assert is_date_format(built_in(number))


@pytest.mark.parametrize("number", [0, 1, 2, 9, 12, 37, 49, 59, 67])
def test_other_format_ids_are_no_dates(number: int) -> None:
    assert not is_date_format(built_in(number))


@given(value=st.integers(-(10**12), 10**12), zeros=st.integers(1, 14), prefix=st.text("ABC-# ", max_size=3))
def test_a_zero_padded_format_shows_all_digits_and_no_others(value: int, zeros: int, prefix: str) -> None:
    kind, text = shown_number(value, f'"{prefix}"{"0" * zeros}')

    assert kind is Kind.NUMBER
    assert text == f"{'-' if value < 0 else ''}{prefix}{abs(value):0{zeros}d}".strip() or prefix.strip() != prefix


@pytest.mark.parametrize(
    ("stored", "text"),
    [("Ann_x0061_", "Anna"), ("a_x000D_b", "a\rb"), ("_x005F_x0061_", "_x0061_"), ("_x00_", "_x00_"), ("x", "x")],
)
def test_escaped_characters_of_a_workbook_are_the_characters(stored: str, text: str) -> None:
    assert unescape(stored) == text


def test_tickets_keep_the_formats_of_their_cells() -> None:
    rows = [
        ("Ticket", "Name"),
        (Formatted(1, '"A-"000'), "Anna B"),
        (Formatted(1, '"B-"000'), "Ben C"),
        (Formatted(0.5, "0%"), "Cy D"),
    ]
    done = imported("t.xlsx", workbook(rows))

    assert [ticket for ticket, _ in done.people] == ["A-001", "B-001"]
    assert "percentage" in done.receipt.rejected[0].reason


def test_chances_are_counted_by_their_value_not_by_their_format() -> None:
    rows = [
        ("Ticket", "Name", "Chances"),
        (1, "Anna B", Formatted(3, '0" tickets"')),
        (2, "Ben C", Formatted(2, "0.00")),
    ]

    assert [entry[2] for entry in imported("t.xlsx", workbook(rows)).entries] == [3, 2]


def rewritten(data: bytes, change: "dict[str, tuple[bytes, bytes]]", *, rename: str = "") -> bytes:
    """Return a workbook with texts replaced in its parts, and slashes in the names of parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            for part, (before, after) in change.items():
                if part in info.filename:
                    assert before in content, (part, content[:500])
                    content = content.replace(before, after)
            entry = zipfile.ZipInfo("x")
            entry.filename = info.filename.replace("/", rename) if rename else info.filename
            new.writestr(entry, content)
    return out.getvalue()


PEOPLE = [("Ticket", "Name"), (Formatted(7, "0000"), "Anna B"), ("A2", "Ben C")]
TRANSITIONAL = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
ODD = {
    "strict": rewritten(workbook(PEOPLE), {
        "xl/workbook.xml": (TRANSITIONAL, STRICT),
        "xl/worksheets": (TRANSITIONAL, STRICT),
        "xl/styles": (TRANSITIONAL, STRICT),
        "xl/sharedStrings": (TRANSITIONAL, STRICT),
    }),
    "backslashes": rewritten(workbook(PEOPLE), {}, rename="\\"),
    "empty fill": rewritten(workbook(PEOPLE), {"xl/styles": (b'<patternFill patternType="none"/>', b"")}),
    "absolute targets": rewritten(workbook(PEOPLE), {"workbook.xml.rels": (b'Target="', b'Target="/xl/')}),
    "other case": rewritten(workbook(PEOPLE), {"workbook.xml.rels": (b"sharedStrings", b"SharedStrings")}),
}  # fmt: skip


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_workbooks_of_other_programs_are_read_with_their_formats(data: bytes) -> None:
    assert imported("odd.xlsx", data).people == [("0007", "Anna B"), ("A2", "Ben C")]


def test_a_style_out_of_range_does_not_matter() -> None:
    data = rewritten(workbook([("Ticket", "Name"), ("A1", "Anna B")]), {"sheet1": (b'r="A2"', b'r="A2" s="99"')})

    assert imported("odd.xlsx", data).people == [("A1", "Anna B")]


FOREIGN = {
    "list.pdf": (b"%PDF-1.7", "PDF"),
    "list.json": (b'[{"ticket": 1}]', "JSON"),
    "list.gsheet": (b'{"url":"https://docs.google.com/open?id=a","doc_id":"a"}', "Google"),
    "page.xls": (b"<html><table></table></html>", "web page"),
    "old.slk": (b"ID;PWXL;N;E\r\n", "SYLK"),
    "2003.xml": (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "2003"),
    "card.vcf": (b"BEGIN:VCARD\nFN:Anna\n", "vCard"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_something_else_is_called_by_its_name(name: str) -> None:
    data, what = FOREIGN[name]
    with pytest.raises(InputError, match=what) as caught:
        imported(name, data)

    assert caught.value.remedy


_values = st.one_of(
    st.none(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e12, 1e12, allow_nan=False).map(lambda value: round(value, 4)),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=12),
)
_tables = st.lists(st.lists(_values, min_size=1, max_size=4), min_size=1, max_size=8)


def by_openpyxl(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = book.active.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # no formula, whatever it begins with
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rows=_tables, writer=st.sampled_from([workbook, by_openpyxl]))
def test_raw_values_are_those_that_another_reader_finds(rows: list[list[object]], writer: object) -> None:
    data = writer(rows)  # type: ignore[operator]
    (sheet,) = read_tables("any.xlsx", data, check=False)
    second = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)

    ours = {
        (row.number - 1, column): cell.number if cell.kind is not Kind.TEXT else cell.text
        for row in sheet.rows
        for column, cell in enumerate(row.cells)
        if cell.kind is not Kind.EMPTY
    }
    theirs = {
        (number, column): value
        for number, row in enumerate(second)
        for column, value in enumerate(row)
        if not (isinstance(value, str) and not value.strip())
    }
    assert ours.keys() == theirs.keys()
    for place, value in theirs.items():
        assert float(ours[place]) == value if isinstance(value, int | float) else ours[place] == unescape(str(value))


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(rows=_tables)
def test_two_readers_of_an_honest_workbook_do_not_differ(rows: list[list[object]]) -> None:
    (sheet,) = read_tables("any.xlsx", workbook(rows))

    assert sheet.differing == ()
