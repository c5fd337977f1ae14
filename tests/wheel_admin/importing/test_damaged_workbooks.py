"""Workbooks in which people would be lost or changed in silence: they are refused, or read right."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from kiosk.core.errors import InputError
from tests.torture.malicious_files.workbooks import STYLES, sheet, strings, workbook
from tests.wheel_admin.importing.conftest import Book, imported
from tests.wheel_admin.importing.situations.old_workbooks import xlsb
from tests.wheel_admin.importing.test_formats import rewritten
from tests.wheel_admin.importing.test_second_reader import DAMAGE
from wheel_admin.importing.readers import xlsb as xlsb_reader
from wheel_admin.importing.readers.second_reader import read_with_calamine
from wheel_admin.importing.readers.spreadsheet import read_tables
from wheel_admin.importing.rows.receipt import gaps
from wheel_admin.importing.settings import HiddenRows, Settings
from wheel_admin.importing.tables import Cell, Kind, Sheet

DAMAGED_STYLES = STYLES.replace("<xf/></cellXfs>", '<xf numFmtId="x"/></cellXfs>')
WORDS = strings("Ticket", "Name", "Ana Ruiz", "Bo Lee", "Cy Dee")


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def shared(reference: str, index: str) -> str:
    return f'<c r="{reference}" t="s"><v>{index}</v></c>'


def row(number: str, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


HEADER = row("1", inline("A1", "Ticket"), inline("B1", "Name"))


def listing(*rows: str, styles: str | None = None) -> bytes:
    """Return a workbook with tickets and names in these rows."""
    return workbook(sheet=sheet(HEADER, *rows), strings=WORDS, styles=styles or STYLES)


def person(number: int, name: str, ticket: str = "") -> str:
    return row(str(number), inline(f"A{number}", ticket or str(number)), inline(f"B{number}", name))


@pytest.mark.parametrize("styles", [None, DAMAGED_STYLES], ids=["alone", "and styles are damaged"])
@pytest.mark.parametrize("index", ["3.0", " ", "\n 3\n", "-3", "3e0", "0_3", "99", "2<!-- -->3"])
def test_a_broken_place_in_the_table_of_texts_is_never_another_text(index: str, styles: str | None) -> None:
    """Calamine takes the first text for it: `Ticket` was imported as a person."""
    data = listing(person(2, "Ana Ruiz"), row("3", inline("A3", "3"), shared("B3", index)), styles=styles)
    with pytest.raises(InputError, match=r"damaged|two programs read cell B3 differently") as caught:
        imported("l.xlsx", data)

    assert caught.value.remedy


def test_a_list_with_damaged_styles_is_read_and_says_what_is_not_known() -> None:
    done = imported(
        "l.xlsx", listing(person(2, "_x005F_x0041_na Ruiz", "K2"), person(3, "Bo", "K3"), styles=DAMAGED_STYLES)
    )

    assert done.people == [("K2", "_x0041_na Ruiz"), ("K3", "Bo")]
    assert "number formats, merged cells and totals are not known" in done.notes


def test_a_text_in_the_place_of_a_number_of_a_damaged_workbook_stays_a_text() -> None:
    data = listing(row("2", inline("A2", "K2"), '<c r="B2"><v>Ana Ruiz</v></c>'))

    assert imported("l.xlsx", data).people == [("K2", "Ana Ruiz")]


def test_hidden_rows_of_a_damaged_workbook_are_asked_about() -> None:
    rows = [("Ticket", "Name"), ("K2", "Ana"), ("K3", "Bo")]
    data = rewritten(Book({"List": rows}, hidden_rows=[3]).bytes(), DAMAGE)
    with pytest.raises(InputError, match="row is hidden"):
        imported("l.xlsx", data)

    assert imported("l.xlsx", data, Settings(hidden_rows=HiddenRows.SKIP)).people == [("K2", "Ana")]


def test_a_binary_workbook_that_calamine_alone_reads_says_that_nobody_checked_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def damaged(*_: Any) -> Iterator[Sheet]:
        raise ValueError

    monkeypatch.setattr(xlsb_reader, "read_xlsb", damaged)
    (read,) = read_tables("l.xlsb", xlsb([("Name",), ("_x0041_nn",), (7,)]))

    assert "no other program has checked the list" in read.note
    assert [one.cells for one in read.rows[1:]] == [(Cell(Kind.TEXT, "_x0041_nn"),), (Cell(Kind.UNSHOWN, "7"),)]


@pytest.mark.parametrize("wanted", [(), ("Old",)])
def test_a_hidden_sheet_that_calamine_alone_reads_is_read_when_asked_for(wanted: Sequence[str]) -> None:
    data = Book({"Guests": [("Ann",)], "Old": [("Ben",)]}, hidden_sheets=["Old"]).bytes()
    read = list(read_with_calamine("l.xlsx", data, wanted, lambda _: None))

    assert [(one.name, len(one.rows)) for one in read] == ([("Old", 1)] if wanted else [("Guests", 1), ("Old", 0)])


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([person(2, "Ana"), person(2, "Bo", "3")], "row 2 twice"),
        ([row("2", inline("A2", "2")), row("2", inline("B2", "Ana"))], "row 2 twice"),
        ([person(3, "Ana"), person(2, "Bo"), f"<row>{inline('A3', '4')}{inline('B3', 'Cy')}</row>"], "row 3 twice"),
        ([row("2", inline("A2", "2"), inline("B2", "Ana"), inline("B2", "Bo"))], "cell B2 twice"),
        ([row("2", inline("A2", "2"), inline("B2", "Ana"), inline("A2", "3"))], "cell A2 twice"),
        ([row("2.7", inline("A2", "2"), inline("B2", "Ana")), person(2, "Bo", "3")], "row 2 twice"),
    ],
)
@pytest.mark.parametrize("styles", [None, DAMAGED_STYLES], ids=["alone", "and styles are damaged"])
def test_a_row_or_cell_that_is_there_twice_refuses_the_file(rows: list[str], named: str, styles: str | None) -> None:
    """The later one took the place of the earlier one: of twenty people one was left."""
    with pytest.raises(InputError, match=named) as caught:
        imported("l.xlsx", listing(*rows, styles=styles))

    assert "everybody is there" in caught.value.remedy


@pytest.mark.parametrize("number", ["2.7", "2.0", "+2", "0_2", "\u0662", " 2", "", "-2", "0", "two"])
def test_a_row_whose_number_is_no_plain_number_refuses_the_file(number: str) -> None:
    data = listing(row(number, inline("A2", "2"), inline("B2", "Ana")), person(3, "Bo"))
    with pytest.raises(InputError, match="damaged"):
        imported("l.xlsx", data)


@pytest.mark.parametrize("reference", ["B2 ", " B2", "B\u0662", "\u017f2", "B", "$B$2", "2"])
def test_a_cell_whose_place_programs_read_differently_refuses_the_file(reference: str) -> None:
    with pytest.raises(InputError, match="damaged"):
        imported("l.xlsx", listing(row("2", inline("A2", "2"), inline(reference, "Ana")), person(3, "Bo")))


UNSEEN = {
    "without a type": "<c r=\"{0}\"><is><t>{1}</t></is></c>",
    "of the type for shared texts": '<c r="{0}" t="s"><is><t>{1}</t></is></c>',
    "of the type for results": '<c r="{0}" t="str"><is><t>{1}</t></is></c>',
    "in a fallback": f'<a:Fallback xmlns:a="urn:a">{inline("{0}", "{1}")}</a:Fallback>',
    "in an element of a value": '<c r="{0}" t="str"><v><b>{1}</b></v></c>',
    "in an element of a text": '<c r="{0}" t="inlineStr"><is><x><t>{1}</t></x></is></c>',
    "in another namespace": '<q:c xmlns:q="urn:q" r="{0}" t="inlineStr"><is><t>{1}</t></is></q:c>',
}  # fmt: skip


@pytest.mark.parametrize("written", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("styles", [None, DAMAGED_STYLES], ids=["alone", "and styles are damaged"])
def test_a_person_that_only_the_second_program_sees_refuses_the_file(written: str, styles: str | None) -> None:
    unseen = row("3", written.format("A3", "K3"), written.format("B3", "Bo Lee"))
    with pytest.raises(InputError, match=r"two programs read cell [AB]3 differently"):
        imported("l.xlsx", listing(person(2, "Ana Ruiz", "K2"), unseen, person(4, "Cy Dee", "K4"), styles=styles))


def test_a_remark_that_only_the_second_program_sees_is_no_matter() -> None:
    data = listing(
        row("2", inline("A2", "K2"), inline("B2", "Ana Ruiz"), UNSEEN["without a type"].format("C2", "a remark")),
        row("3", inline("A3", "K3"), inline("B3", "Bo Lee")),
    )

    assert imported("l.xlsx", data).people == [("K2", "Ana Ruiz"), ("K3", "Bo Lee")]


def test_a_header_that_only_the_second_program_sees_refuses_the_file() -> None:
    header = row("1", UNSEEN["without a type"].format("A1", "Ticket"), inline("B1", "Name"), inline("C1", "Number"))
    people = [row(str(n), *(inline(f"{x}{n}", text) for x, text in zip("ABC", texts, strict=True))) for n, texts in
              enumerate([("7", "Ana Ruiz", "12"), ("8", "Bo Lee", "13")], 2)]  # fmt: skip
    with pytest.raises(InputError, match="two programs read cell A1 differently"):
        imported("l.xlsx", workbook(sheet=sheet(header, *people)))


def test_a_sheet_that_only_the_second_program_finds_filled_refuses_the_file() -> None:
    data = workbook(sheet=sheet(HEADER, person(2, "Ana")))
    with pytest.raises(InputError, match="two programs read cell A1 differently"):
        imported("l.xlsx", _in_another_namespace(data))


def _in_another_namespace(data: bytes) -> bytes:
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return rewritten(data, {"sheet1.xml": (namespace, b"urn:another")})


PAIR, HIGH, LOW = "_xD83D__xDE00_", "_xD83D_", "_xDE00_"


@pytest.mark.parametrize("cell", [inline, lambda at, _: shared(at, "2")], ids=["inline", "shared"])
def test_two_surrogates_are_the_character_that_they_mean(cell: Callable[[str, str], str]) -> None:
    """They ended the process that reads files."""
    name = f"Ana {PAIR} Ruiz"
    rows = (row("2", inline("A2", PAIR), cell("B2", name)), person(3, "Bo"))
    data = workbook(sheet=sheet(HEADER, *rows), strings=strings("Ticket", "Name", name))

    assert imported("l.xlsx", data).people == [("\U0001f600", "Ana \U0001f600 Ruiz"), ("3", "Bo")]


@pytest.mark.parametrize("half", [HIGH, LOW, f"{LOW}{HIGH}", f"{HIGH}{HIGH}"])
def test_half_of_a_character_rejects_the_row_and_names_the_cell(half: str) -> None:
    data = listing(person(2, f"Ana {half}"), person(3, "Bo", f"K{half}"), person(4, "Cy"))
    done = imported("l.xlsx", data)

    assert done.people == [("4", "Cy")]
    assert [(one.row, one.column) for one in done.receipt.rejected] == [(2, "B"), (3, "A")]
    assert msgspec.json.encode(done.receipt)


def test_a_header_with_half_of_a_character_can_be_sent_to_the_other_process() -> None:
    header = row("1", inline("A1", "Ticket"), inline("B1", "Name"), inline("C1", f"Club {HIGH}"))
    read = list(read_tables("l.xlsx", workbook(sheet=sheet(header, person(2, "Ana")))))

    assert msgspec.msgpack.encode(read)


def test_each_run_of_a_text_is_a_text_of_its_own() -> None:
    runs = '<c r="B2" t="inlineStr"><is><r><t>Ana_x00</t></r><r><t>41_ R_x0075_iz</t></r></is></c>'
    emoji = f'<c r="B3" t="inlineStr"><is><r><t>Bo {HIGH}</t></r><r><t>{LOW}</t></r></is></c>'
    (read,) = read_tables("l.xlsx", listing(row("2", runs), row("3", emoji)), check=False)

    assert [one.cell(1).text for one in read.rows[1:]] == ["Ana_x0041_ Ruiz", "Bo \U0001f600"]


@pytest.mark.parametrize(
    "inside", [person(4, "Bo", "K4"), '<row r="4"/>', "<AlternateContent><is/></AlternateContent>"]
)
def test_a_cell_that_holds_what_none_can_hold_refuses_the_file(inside: str) -> None:
    cell = f'<c r="A3" t="s">{inside}</c>'
    with pytest.raises(InputError, match="damaged"):
        imported("l.xlsx", listing(person(2, "Ana", "K2"), row("3", cell, inline("B3", "Cy"))))


def test_a_row_with_cells_in_far_columns_only_is_rejected() -> None:
    far = row("3", inline("AMK3", "K3"), inline("AML3", "Bo"))
    empty = row("4", '<c r="AMK4" t="str"><f>A1</f><v></v></c>', inline("AML4", " "))
    done = imported("l.xlsx", listing(person(2, "Ana"), far, empty, person(5, "Cy")))

    assert done.people == [("2", "Ana"), ("5", "Cy")]
    assert [(one.row, one.reason[:43]) for one in done.receipt.rejected] == [
        (3, "the row has cells right of column AMJ only,")
    ]
    assert (done.receipt.sheets[0].rejected, done.receipt.sheets[0].blank) == (((3, 3),), ((4, 4),))


def test_cells_in_far_columns_do_not_matter_beside_others_or_above_the_header() -> None:
    above = row("1", inline("AMK1", "printed 2026"))
    header = row("2", inline("A2", "Ticket"), inline("B2", "Name"), inline("XFD2", "x"))
    people = row("3", inline("A3", "K3"), inline("B3", "Ana"), shared("AMK3", "99"))
    done = imported("l.xlsx", workbook(sheet=sheet(above, header, people)))

    assert (done.people, done.rejected) == ([("K3", "Ana")], [])


def test_a_cell_without_a_place_follows_the_empty_one_before_it() -> None:
    """It took the empty cell's own column: who had been referred by somebody was imported as that somebody."""
    cells = (inline("A3", "3"), '<c r="B3"/>', '<c t="inlineStr"><is><t>Friend</t></is></c>')
    data = listing(person(2, "Ana Ruiz"), row("3", *cells))
    (read,) = read_tables("l.xlsx", data)

    assert [cell.text for cell in read.rows[2].cells] == ["3", "", "Friend"]
    assert read.differing == ()


@pytest.mark.parametrize(
    "styles",
    [
        STYLES,
        STYLES.replace("<cellXfs", "<x").replace("</cellXfs", "</x"),
        STYLES.replace("<xf/></cellXfs>", '<xf/><xf numFmtId="164"/></cellXfs>'),
    ],
    ids=["no such style", "no styles", "no such format"],
)
def test_a_ticket_whose_format_is_lost_rejects_the_row(styles: str) -> None:
    """`T-0002` was imported as 2."""
    cells = ('<c r="A3" s="1"><v>2</v></c>', inline("B3", "Bo Lee"))
    done = imported("l.xlsx", listing(person(2, "Ana Ruiz", "K2"), row("3", *cells), styles=styles))

    assert done.people == [("K2", "Ana Ruiz")]
    assert [one.row for one in done.receipt.rejected] == [3]


@pytest.mark.parametrize("kind", ["", "/worksheets"])
def test_a_sheet_that_cannot_be_found_refuses_the_file(kind: str) -> None:
    data = listing(person(2, "Ana Ruiz"))
    two = b'<sheet name="List" sheetId="1" r:id="rId1"/><sheet name="More" sheetId="2" r:id="rId9"/>'
    change = {"xl/workbook.xml": (b'<sheet name="List" sheetId="1" r:id="rId1"/>', two)}
    if kind:
        change["workbook.xml.rels"] = (b"</Rel", b'<Relationship Id="rId9" Type="x/worksheets" Target="a.xml"/></Rel')
    with pytest.raises(InputError, match="damaged"):
        imported("l.xlsx", rewritten(data, change))


def test_the_main_part_is_the_one_that_the_package_names() -> None:
    data = rewritten(listing(person(2, "Ana Ruiz")), {"_rels/.rels": (b"xl/workbook.xml", b"xl/book.xml")})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name.replace("workbook.xml", "book.xml"), old.read(name))
    done = imported("l.xlsx", out.getvalue())

    assert done.people == [("2", "Ana Ruiz")]
    assert "was not checked with a second program" in done.notes  # calamine looks for one name only


@pytest.mark.parametrize(
    "cell", ['<c r="B3" t="S"><v>0</v></c>', '<c r="B3" t="inlineStr"><is><t>Bo</t><t>Lee</t></is></c>']
)
def test_a_cell_of_an_unknown_kind_or_with_two_texts_refuses_the_file(cell: str) -> None:
    with pytest.raises(InputError, match="damaged"):
        imported("l.xlsx", listing(person(2, "Ana Ruiz"), row("3", inline("A3", "3"), cell)))


def test_a_row_without_height_is_hidden() -> None:
    data = listing(person(2, "Ana Ruiz"), person(3, "Bo").replace('<row r="3"', '<row r="3" ht="0" customHeight="1"'))
    with pytest.raises(InputError, match="row is hidden"):
        imported("l.xlsx", data)


def test_the_files_of_these_tests_are_read_when_nothing_is_wrong_with_them() -> None:
    data = listing(person(2, "Ana Ruiz"), row("3", inline("A3", "3"), shared("B3", "3")))

    assert imported("l.xlsx", data).people == [("2", "Ana Ruiz"), ("3", "Bo Lee")]


@pytest.mark.parametrize(
    ("numbers", "last", "missing"),
    [((), 0, ()), ((), 2, ((1, 2),)), ((1, 2), 2, ()), ((2, 3, 7), 9, ((1, 1), (4, 6), (8, 9))), ((5,), 5, ((1, 4),))],
)
def test_blank_rows_are_the_numbers_between_the_others(
    numbers: Sequence[int], last: int, missing: tuple[tuple[int, int], ...]
) -> None:
    assert gaps(numbers, last) == missing
