"""What the import promises: a receipt that balances, a reason for every rejected row, and all or nothing."""

import csv
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from kiosk.snapshot.model import MAX_ENTRIES
from tests.wheel_admin.conftest import Desk, posix_only
from wheel_admin.commands.draft import import_files as importing
from wheel_admin.importing.reader_client import load
from wheel_admin.importing.readers.spreadsheet import read_tables
from wheel_admin.importing.rows.intake import Intake
from wheel_admin.importing.rows.receipt import Receipt
from wheel_admin.importing.settings import Settings, Wish

HEADER = ("Ticket", "Name", "Chances")


def _receipt(path: Path, wish: Wish | None = None) -> tuple[Intake, Receipt]:
    intake = Intake()
    loaded = load(path)
    settings = Settings(wish=wish or Wish())
    intake.add_file(loaded.name, loaded.sha256, read_tables(loaded.name, loaded.data), settings)
    return intake, intake.receipt()


def _rejection(desk: Desk, *row: object) -> tuple[str, str]:
    """Import one faulty row beside a good one; return (column, reason)."""
    answer = desk.do("import", desk.workbook("faulty.xlsx", [HEADER, ("G1", "Good", 1), row]))
    assert answer["receipt"]["accepted"] == 1
    (rejected,) = answer["receipt"]["rejected"]
    assert (rejected["file"], rejected["sheet"], rejected["row"]) == ("faulty.xlsx", "List", 3)
    return rejected["column"], rejected["reason"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ((None, "Ana", 1), "A", "ticket is missing"),
        (("A1", None, 1), "B", "name is missing"),
        (("G1", "Twin", 1), "A", "duplicate ticket, first in faulty.xlsx, sheet 'List', row 2"),
        (("A1", "A_x0007_na", 1), "B", "name contains a control character (U+0007)"),
        (("A1", "A\u202ena", 1), "B", "name contains a direction override (U+202E)"),
        (("A1", "x" * 121, 1), "B", "name has 121 characters, at most 120 are allowed"),
        (("T" * 41, "Ana", 1), "A", "ticket has 41 characters, at most 40 are allowed"),
        ((1234567890123456.0, "Ana", 1), "A", "ticket is a number too long to be exact"),
        ((7.5, "Ana", 1), "A", "ticket is a number with decimals"),
        ((date(2026, 5, 4), "Ana", 1), "A", "ticket is a date"),
        ((True, "Ana", 1), "A", "ticket is a yes/no value"),
        (("A1", "#N/A", 1), "B", "name is an Excel error"),
        (("#REF!", "Ana", 1), "A", "ticket is an Excel error"),
        (("=A2", "Ana", 1), "A", "ticket is a formula without a stored value"),
        (("A1", "Ana", 0), "C", "number of chances '0' is not valid, expected a whole number from 1 to 1000000"),
        (("A1", "Ana", 1.5), "C", "number of chances '1.5' is not valid"),
        (("A1", "Ana", "two"), "C", "number of chances 'two' is not valid"),
        (("A1", "Ana", 1_000_001), "C", "number of chances '1000001' is not valid"),
        (("A1", "Ana", None), "C", "number of chances is missing"),
        (("A1", "Ana", "0" * 11 + "19999999"), "C", "number of chances '0000"),
        (("A1", "Ana", "0" * 11 + "1" + "9" * 5000), "C", "number of chances '0000"),
        (("A\u200b1", "Ana", 1), "A", "ticket contains an invisible character (U+200B)"),
    ],
)
def test_a_faulty_row_is_rejected_with_its_column_and_reason(
    desk: Desk, row: Sequence[object], column: str, reason: str
) -> None:
    found_column, found_reason = _rejection(desk, *row)
    assert found_column == column
    assert found_reason.startswith(reason)


def test_a_row_with_two_faults_names_both(desk: Desk) -> None:
    assert _rejection(desk, None, None, 1) == ("A", "ticket is missing; name is missing")


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        (("TICKET #", "Full Name"), ("A1", "Ana Ruiz"), "Ana Ruiz"),
        (("Losnummer", "Vorname", "Nachname"), ("A1", "Ana", "Ruiz"), "Ana Ruiz"),
        (("Los-Nr.", "Name", "Vorname"), ("A1", "Ruiz", "Ana"), "Ana Ruiz"),
        (("Código", "Nombre", "Apellidos"), ("A1", "Ana", "Ruiz"), "Ana Ruiz"),
        (("N°", "Nom", "Prénom"), ("A1", "Ruiz", "Ana"), "Ana Ruiz"),
        (("Member ID", "Given name", "Surname"), ("A1", "Ana", None), "Ana"),
        (("No", "Ticket number (4 digits)", "Participant name"), ("x", "A1", "Ana Ruiz"), "Ana Ruiz"),
        (("номер", "ФИО"), ("A1", "Анна Руис"), "Анна Руис"),
        (("番号", "氏名"), ("A1", "山田 花子"), "山田 花子"),
    ],
)
def test_common_headers_are_recognised(desk: Desk, header: Sequence[str], row: Sequence[object], name: str) -> None:
    intake, _ = _receipt(desk.workbook("h.xlsx", [("Our party",), (), header, row]))
    assert [(entry.ticket, entry.name) for entry in intake.entries] == [("A1", name)]


@pytest.mark.parametrize(
    "wish",
    [
        Wish(ticket="Kürzel", names=("Mensch",)),
        Wish(ticket="kurzel", names=("B",)),
        Wish(ticket="A", names=("B",)),
    ],
)
def test_columns_can_be_named_by_header_or_letter(desk: Desk, wish: Wish) -> None:
    intake, _ = _receipt(desk.workbook("n.xlsx", [("Kürzel", "Mensch"), ("A1", "Ana")]), wish)
    assert [(entry.ticket, entry.name) for entry in intake.entries] == [("A1", "Ana")]


def test_letters_alone_never_take_the_first_participant_for_a_header(desk: Desk) -> None:
    path = desk.workbook("n.xlsx", [("A1", "Ana"), ("A2", "Bo")])
    answer = desk.do("import", path, "--ticket-column", "A", "--name-column", "B")
    assert answer["entries"] == 2
    answer = desk.do("import", path, "--ticket-column", "A", "--name-column", "B", "--header-row", "1", "--replace")
    assert answer["entries"] == 1


def test_a_list_without_a_header_is_read_when_its_content_is_clear(desk: Desk) -> None:
    answer = desk.do("import", desk.workbook("n.xlsx", [("A1", "Ana"), ("A2", "Bo")]))
    assert [entry["name"] for entry in answer["first"]] == ["Ana", "Bo"]


def test_a_list_that_is_not_clear_shows_its_first_row_and_the_commands(desk: Desk) -> None:
    error = desk.error("import", desk.workbook("n.xlsx", [("Ana", "Ulm"), ("Bo", "Bonn")]), code=3)
    assert "A 'Ana', B 'Ulm'" in error["message"]
    assert "n.xlsx --header-row 0 --name-column A --give-numbers" in error["remedy"]


def test_two_columns_that_fit_equally_well_are_refused(desk: Desk) -> None:
    error = desk.error("import", desk.workbook("n.xlsx", [("Ticket", "Name", "Name"), ("A1", "Ana", "Bo")]), code=3)
    assert "The name could be B (Name) or C (Name)" in error["message"]
    assert "--name-column C" in error["remedy"]


def test_tickets_keep_leading_zeros_and_lose_a_zero_fraction(desk: Desk) -> None:
    book = Workbook()
    sheet = book.active
    for row in [HEADER[:2], ("0042", "Text"), (7, "Padded"), (8.0, "Plain"), (9, "Long format")]:
        sheet.append(row)
    sheet["A3"].number_format = "0000"
    sheet["A5"].number_format = "[Red]000;-000"
    path = desk.files / "zeros.xlsx"
    book.save(path)
    intake, _ = _receipt(path)
    assert [entry.ticket for entry in intake.entries] == ["0042", "0007", "8", "009"]


def test_text_is_trimmed_and_made_nfc_and_every_script_survives(desk: Desk) -> None:
    rows = [HEADER[:2], (" A1 ", "  Zoe\u0308\n  Ruiz "), ("A2", "سمير 🎉"), ("A3", "Ana_x000D_\nRuiz")]
    intake, _ = _receipt(desk.workbook("t.xlsx", rows))
    assert [(entry.ticket, entry.name) for entry in intake.entries] == [
        ("A1", "Zoë Ruiz"),
        ("A2", "سمير 🎉"),
        ("A3", "Ana Ruiz"),
    ]


def test_a_blank_styled_cell_is_empty_and_an_empty_formula_result_too(desk: Desk) -> None:
    path = desk.workbook("s.xlsx", [HEADER[:2], ("A1", "Ana"), ("A2", "Bo"), ("=A9", "=B9")])
    book = load_workbook(path)
    book.active["A9"].number_format = "0000"  # a blank cell with a format, far below
    book.save(path)
    # What Excel writes for ="" in A4 and B4: a stored value that is the empty text.
    stored = '<c r="{0}4" t="str"><f>{0}9</f><v></v></c>'
    _patch_sheet(path, {f'<c r="{x}4"><f>{x}9</f><v /></c>': stored.format(x) for x in "AB"})
    _, receipt = _receipt(path)
    assert (receipt.read, receipt.accepted) == (2, 2)


def _patch_sheet(path: Path, changes: dict[str, str]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts["xl/worksheets/sheet1.xml"].decode()
    for old, new in changes.items():
        assert old in text, text
        text = text.replace(old, new)
    parts["xl/worksheets/sheet1.xml"] = text.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_what_openpyxl_warns_about_is_not_the_organisers_worry(desk: Desk) -> None:
    path = desk.workbook("w.xlsx", [HEADER[:2], ("A1", "Ana")])
    extension = '</sheetData><extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" /></extLst>'
    _patch_sheet(path, {"</sheetData>": extension})  # a data validation list, as Excel keeps it
    assert _receipt(path)[1].accepted == 1


def test_a_dimension_that_lies_hides_no_rows(desk: Desk) -> None:
    path = desk.workbook("d.xlsx", [HEADER[:2], ("A1", "Ana"), ("A2", "Bo")])
    _patch_sheet(path, {'<dimension ref="A1:B3" />': '<dimension ref="A1:A2" />'})
    assert _receipt(path)[1].accepted == 2


def test_several_files_and_sheets_are_one_list_and_duplicates_name_the_other_file(desk: Desk) -> None:
    book = Workbook()
    book.active.title = "Fri"
    for title, rows in {"Fri": [HEADER[:2], ("A1", "Ana")], "Sat": [HEADER[:2], ("A2", "Bo")], "Empty": []}.items():
        sheet = book.active if title == "Fri" else book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.create_sheet("Secret").sheet_state = "hidden"
    book["Secret"].append(("Ticket", "Name"))
    book["Secret"].append(("A9", "Hidden"))
    first = desk.files / "first.xlsx"
    book.save(first)
    second = desk.text("second.csv", "ticket;name\nA1;Ana again\nA3;Cy\n")
    assert "--all-sheets" in desk.error("import", first, second, code=3)["remedy"]
    answer = desk.do("import", first, second, "--all-sheets")
    assert [entry.ticket for entry in desk.draft.entries] == ["A1", "A2", "A3"]
    (rejected,) = answer["receipt"]["rejected"]
    assert rejected["reason"] == "duplicate ticket, first in first.xlsx, sheet 'Fri', row 2"
    notes = "\n".join(answer["receipt"]["notes"])
    assert "sheet 'Empty' is empty" in notes
    assert "sheet 'Secret' is hidden" in notes
    only = desk.do("import", first, "--sheet", "sat", "--replace")
    assert only["entries"] == 1
    assert "'Fri', 'Sat'" in desk.error("import", first, "--sheet", "Sun", "--replace", code=3)["remedy"]


@pytest.mark.parametrize(
    "content",
    [
        "Ticket,Name\r\n0042,Ana Ruiz\r\n",
        "\ufeffTicket;Name\n0042;Ana Ruiz\n",
        "Ticket\tName\n0042\tAna Ruiz\n",
        'sep=;\r\n"Ticket";"Name"\r\n"0042";"Ana Ruiz"\r\n',
    ],
)
def test_csv_is_read_with_any_usual_delimiter(desk: Desk, content: str) -> None:
    desk.do("import", desk.text("list.csv", content))
    assert [(entry.ticket, entry.name) for entry in desk.draft.entries] == [("0042", "Ana Ruiz")]


def test_csv_in_windows_1252_is_read_with_a_note(desk: Desk) -> None:
    answer = desk.do("import", desk.text("list.csv", "Ticket,Name\nA1,Zoë\n".encode("cp1252")))
    assert desk.draft.entries[0].name == "Zoë"
    assert "Windows-1252" in answer["receipt"]["notes"][0]


_OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.xlsx", b"", "is empty"),
        ("random.xlsx", bytes(range(256)) * 8, "not a spreadsheet and not text"),
        ("document.xlsx", b"%PDF-1.7 ...", "is a PDF document"),
        ("old.xlsx", _OLE + "Workbook".encode("utf-16-le"), "is damaged"),
        ("locked.xlsx", _OLE + "EncryptedPackage".encode("utf-16-le"), "is protected with a password"),
        ("page.xls", b"<html><table></table></html>", "is a web page"),
        ("torn.xlsx", b"PK\x03\x04" + bytes(200), "is damaged"),
        ("header.csv", b"Ticket,Name\n", "has no participants"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_whole(desk: Desk, name: str, content: bytes, message: str) -> None:
    before = desk.home.draft.read_bytes()
    error = desk.error("import", desk.text(name, content), code=3)
    assert message in error["message"]
    assert error["remedy"]
    assert desk.home.draft.read_bytes() == before


def test_missing_files_and_directories_are_refused(desk: Desk) -> None:
    assert "no file" in desk.error("import", desk.files / "none.xlsx", code=3)["message"]
    assert "is a directory" in desk.error("import", desk.files, code=3)["message"]


@posix_only
def test_a_missing_file_whose_name_is_no_text_is_named_in_json_too(desk: Desk) -> None:
    assert r"there\udcff.csv" in desk.error("import", desk.files / "there\udcff.csv", code=3)["message"]


def test_an_archive_that_would_unpack_to_absurd_size_is_refused(desk: Desk) -> None:
    path = desk.files / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/workbook.xml", "x" * 1000)
    data = bytearray(path.read_bytes())
    # Declare 400 MB for the last part in the central directory (its uncompressed size is at offset 24).
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, 400_000_000)
    path.write_bytes(data)
    assert "would unpack to 400 MB" in desk.error("import", path, code=3)["message"]


@pytest.mark.slow
def test_one_entry_too_many_is_refused_and_leaves_the_draft(desk: Desk) -> None:
    full = desk.text("full.csv", "Ticket,Name\n" + "".join(f"T{n},P {n}\n" for n in range(MAX_ENTRIES)))
    one = desk.text("one.csv", "Ticket,Name\nX1,One More\n")
    assert desk.do("import", full)["entries"] == MAX_ENTRIES
    before = desk.home.draft.read_bytes()
    assert "at most 3000" in desk.error("import", full, one, "--replace", code=3)["message"]
    assert "at most 3000" in desk.error("import", one, "--append", code=3)["message"]
    assert desk.home.draft.read_bytes() == before


def test_a_filled_draft_asks_for_replace_or_append(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(2))
    assert "--append" in desk.error("import", people(3), code=2)["remedy"]
    assert desk.do("import", people(3), "--append")["entries"] == 3
    assert (desk.draft.source.accepted, desk.draft.source.rejected) == (3, 2)
    assert desk.do("import", people(2), "--replace")["entries"] == 2
    assert "exclude each other" in desk.error("import", people(2), "--replace", "--append", code=2)["message"]


def test_appending_rejects_what_is_on_the_draft_already(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(2))
    answer = desk.do("import", people(3), "--append")
    assert {one["reason"] for one in answer["receipt"]["rejected"]} == {"duplicate ticket, on the draft already"}


def test_a_dry_run_and_a_strict_refusal_change_nothing(desk: Desk) -> None:
    path = desk.workbook("f.xlsx", [HEADER, ("A1", "Ana", 1), ("A2", None, 1)])
    before = desk.home.draft.read_bytes()
    assert desk.do("import", path, "--dry-run")["entries"] == 1
    error = desk.error("import", path, "--strict", code=4)
    assert error["problems"] == ["f.xlsx, sheet 'List', row 3, column B: name is missing"]
    assert desk.home.draft.read_bytes() == before


def test_a_list_without_one_good_row_is_refused(desk: Desk) -> None:
    error = desk.error("import", desk.workbook("f.xlsx", [HEADER, ("A1", None, 1)]), code=4)
    assert len(error["problems"]) == 1


def test_rejected_rows_go_to_a_csv_file_that_excel_cannot_run(desk: Desk) -> None:
    path = desk.text("f.csv", "Ticket,Name\nA1,Ana\n,Bo\nA1,\nA2,=\x07cmd\n")
    target = desk.files / "rejects.csv"
    desk.do("import", path, "--rejects", target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == ["3", "4", "5"]
    assert rows[2]["value"].startswith("'=")
    assert "is to be imported" in desk.error("import", path, "--rejects", path, "--replace", code=2)["message"]


def test_the_receipt_reads_as_a_sum_and_names_rows(desk: Desk) -> None:
    outcome = desk.run("import", desk.workbook("f.xlsx", [HEADER, ("A1", "Ana", 1), ("A2", None, 1)]))
    assert "2 rows read = 1 accepted + 1 rejected:" in outcome.out
    assert "f.xlsx, sheet 'List', row 3, column B: name is missing" in outcome.out
    assert "header in row 1; ticket A 'Ticket'; name B 'Name'; chances C 'Chances'." in outcome.out


def test_nothing_in_a_file_reaches_the_terminal_as_a_control_sequence(desk: Desk) -> None:
    outcome = desk.run("import", desk.text("f.csv", "Ticket,Name\nA1,Ana\nA2,\x1b[31mred\u202e\n"))
    assert "\x1b" not in outcome.out
    assert "\u202e" not in outcome.out
    assert "<U+001B>" in outcome.out


def test_a_long_import_shows_on_a_terminal_how_far_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.workbook("f.xlsx", [HEADER, ("A1", "Ana", 1)])
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert "Reading" not in desk.run("import", path).err
    monkeypatch.setattr(importing, "PROGRESS_FROM_BYTES", 0)
    assert "Reading" in desk.run("import", path, "--replace").err
