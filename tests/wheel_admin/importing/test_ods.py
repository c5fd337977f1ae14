"""Cells and sheets of OpenDocument spreadsheets, as LibreOffice writes them."""

import io
import zipfile

import pytest

from kiosk.core.errors import InputError
from wheel_admin.importing.limits import MAX_COLUMNS
from wheel_admin.importing.readers.spreadsheet import read_tables
from wheel_admin.importing.tables import Cell, Kind, Sheet

_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def ods(tables: str, *, styles: str = "", manifest: str = "") -> bytes:
    """Return a spreadsheet with these tables."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        )
        if manifest:
            archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def table(*rows: str, name: str = "List", style: str = "") -> str:
    """Return a table of rows."""
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'


def row(*cells: str, more: str = "") -> str:
    """Return a row of cells."""
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def cell(shown: str, more: str = 'office:value-type="string"') -> str:
    """Return a cell with its attributes and what it shows."""
    return f"<table:table-cell {more}><text:p>{shown}</text:p></table:table-cell>"


def number(value: str, shown: str, kind: str = "float") -> str:
    """Return a cell with a number."""
    return cell(shown, f'office:value-type="{kind}" office:value="{value}"')


def only(data: bytes, *sheets: str) -> Sheet:
    """Return the one sheet that is read."""
    (sheet,) = read_tables("l.ods", data, sheets=sheets)
    return sheet


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (number("42", "42"), Cell(Kind.NUMBER, "42")),
        (number("42", "0042"), Cell(Kind.NUMBER, "0042", "42")),
        (number("1234", "1,234"), Cell(Kind.GROUPED, "1234")),
        (number("12.5", "12.5"), Cell(Kind.DECIMAL, "12.5")),
        (number("12", "12.00"), Cell(Kind.DECIMAL, "12")),
        (number("1200000", "1.2E+06"), Cell(Kind.SCIENTIFIC, "1200000")),
        (number("1e16", "1E+16"), Cell(Kind.INEXACT, "10000000000000000")),
        (number("0.5", "50 %", "percentage"), Cell(Kind.PERCENT, "0.5")),
        (number("5", "5.00 €", "currency"), Cell(Kind.MONEY, "5")),
        (cell("TRUE", 'office:value-type="boolean" office:boolean-value="true"'), Cell(Kind.BOOLEAN, "TRUE")),
        (cell("no", 'office:value-type="boolean" office:boolean-value="false"'), Cell(Kind.BOOLEAN, "FALSE")),
        (cell("1 May", 'office:value-type="date" office:date-value="2026-05-01"'), Cell(Kind.DATE, "2026-05-01")),
        (cell("1:30", 'office:value-type="time" office:time-value="PT1H30M"'), Cell(Kind.DATE, "PT1H30M")),
        (cell("#N/A", 'office:value-type="string" table:formula="of:=NA()"'), Cell(Kind.ERROR, "#N/A")),
        (cell("#N/A"), Cell(Kind.TEXT, "#N/A")),
        (cell('Ann<text:s text:c="2"/>B<text:tab/>C'), Cell(Kind.TEXT, "Ann  B C")),
        (cell("Ann <text:span>van</text:span> Dyk"), Cell(Kind.TEXT, "Ann van Dyk")),
        (
            cell("<text:ruby><text:ruby-base>林</text:ruby-base><text:ruby-text>lín</text:ruby-text></text:ruby>森"),
            Cell(Kind.TEXT, "林森"),
        ),
        (cell("Ann<office:annotation><text:p>paid</text:p></office:annotation>"), Cell(Kind.TEXT, "Ann")),
    ],
)
def test_a_cell_of_an_ods_file_is_read_as_it_is_shown(written: str, read: Cell) -> None:
    sheet = only(ods(table(row(written))))

    assert [one.cells for one in sheet.rows] == [(read,)]


def test_rows_and_cells_that_are_stored_once_for_many_are_read_as_many() -> None:
    twice = cell("A", 'office:value-type="string" table:number-columns-repeated="2"')
    sheet = only(
        ods(
            table(
                row("<table:table-cell/>", more='table:number-rows-repeated="3"'),
                row(twice, cell("B"), more='table:number-rows-repeated="2"'),
                row("<other/>", cell("C"), more='table:visibility="filter"'),
            )
        )
    )

    assert [(one.number, [each.text for each in one.cells], one.hidden) for one in sheet.rows] == [
        (4, ["A", "A", "B"], False),
        (5, ["A", "A", "B"], False),
        (6, ["C"], True),
    ]


def test_a_merged_cell_of_an_ods_file_is_known_with_its_columns() -> None:
    wide = cell("Guests", 'office:value-type="string" table:number-columns-spanned="3"')
    sheet = only(ods(table(row(wide, "<table:covered-table-cell/>", "<table:covered-table-cell/>", cell("x")))))

    assert sheet.merged == ((1, 0, 2),)
    assert [one.text for one in sheet.rows[0].cells] == ["Guests", "", "", "x"]


HIDDEN = '<style:style style:name="gone"><style:table-properties table:display="false"/></style:style>'
TWO = ods(table(row(cell("A"))) + table(row(cell("B")), name="Old", style="gone"), styles=HIDDEN)


def test_a_hidden_sheet_of_an_ods_file_is_named_and_not_read() -> None:
    assert [(sheet.name, sheet.hidden, len(sheet.rows)) for sheet in read_tables("l.ods", TWO)] == [
        ("List", False, 1),
        ("Old", True, 0),
    ]


def test_a_hidden_sheet_of_an_ods_file_is_read_when_asked_for() -> None:
    assert only(TWO, "old").rows[0].cells == (Cell(Kind.TEXT, "B"),)


def test_an_ods_file_without_the_named_sheet_says_which_it_has() -> None:
    with pytest.raises(InputError) as caught:
        list(read_tables("l.ods", TWO, sheets=["Guests"]))

    assert "no sheet 'Guests'" in caught.value.message
    assert "'List', 'Old'" in caught.value.remedy


def test_an_ods_file_with_a_password_is_refused_with_the_way_out() -> None:
    data = ods(table(row(cell("A"))), manifest="<manifest><encryption-data/></manifest>")

    with pytest.raises(InputError) as caught:
        list(read_tables("l.ods", data))

    assert "password" in caught.value.message
    assert "Save As" in caught.value.remedy


def test_a_row_with_cells_in_far_columns_only_is_not_blank() -> None:
    far = cell("K4", more=f'office:value-type="string" table:number-columns-repeated="{MAX_COLUMNS + 5}"')
    empty = f'<table:table-cell table:number-columns-repeated="{MAX_COLUMNS}"/>'
    sheet = only(ods(table(row(cell("Ana")), row(empty, cell("K4")), row(far))))

    assert sheet.beyond == (2,)
    assert [one.number for one in sheet.rows] == [1, 3]


def test_a_table_within_a_table_is_not_read_as_one_without() -> None:
    inner = f"<table:table-cell>{table(row(cell('x')), name='x')}</table:table-cell>"
    with pytest.raises(InputError, match="damaged"):
        only(ods(table(row(cell("Ana")), row(cell("K2"), inner), row(cell("K3")))))
