"""Text files: delimiters, quotation marks, encodings, and what exports do to cells."""

import pytest

from kiosk.core.errors import InputError
from tests.wheel_admin.importing.conftest import csv_of, imported
from wheel_admin.importing.readers.encodings import encoding_of
from wheel_admin.importing.settings import Settings, Unclear

PEOPLE = [("101", "Anna Berg"), ("102", "Ben Cole")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter_is_found(delimiter: str) -> None:
    assert imported("list.csv", csv_of([("Ticket", "Name"), *PEOPLE], delimiter)).people == PEOPLE


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_comma_in_every_line_does_not_hide_the_delimiter(delimiter: str) -> None:
    rows = [("Losnummer", "Name, Vorname"), ("101", "Berg, Anna"), ("102", "Cole, Ben")]

    assert imported("list.csv", csv_of(rows, delimiter)).people == [("101", "Berg, Anna"), ("102", "Cole, Ben")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_read(end: str) -> None:
    assert len(imported("list.csv", f"Ticket,Name{end}101,Anna B{end}102,Ben C{end}").people) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('Ticket,Name\n101,Anna\n102,"Big Ben\n103,Cy\n104,Di\n', 3),
        ('Ticket,Name\n101,"Big" Ben\n102,Cy\n', 2),
        ('Ticket,Name\n101,"An\nna"\n102,"Big Ben\n103,Cy\n', 4),
        ('Ticket,Name\n101,"Big Ben\n102,Cy\n103,Di"\n104,Eve\n', 2),
        ('sep=,\nTicket,Name\n101,"Big Ben\n102,Cy\n', 3),
    ],
)
def test_a_quotation_mark_that_swallows_rows_refuses_the_file_with_its_line(text: str, line: int) -> None:
    with pytest.raises(InputError, match=f"line {line}:"):
        imported("list.csv", text)


def test_line_breaks_and_delimiters_within_quotation_marks_belong_to_the_cell() -> None:
    data = 'Ticket,"Full\nname",Notes\n101,"Anna\nBerg","a\nb"\n102,"Cole, Ben",""\n'

    assert imported("list.csv", data).people == [("101", "Anna Berg"), ("102", "Cole, Ben")]


def test_a_row_with_a_cell_too_many_is_rejected() -> None:
    done = imported("list.csv", "Ticket,Name\n101,Anna B\n102,Cole, Ben\n103,Cy D\n104,Di E\n105,Eve F\n")

    assert done.rejected == [3]
    assert "more cells than the header" in done.receipt.rejected[0].reason


def test_rows_with_a_cell_too_many_refuse_the_file_with_the_command_that_reads_it() -> None:
    data = "Ticket,Name\n0001,Smith, John\n0002,Doe, Jane\n"
    with pytest.raises(Unclear) as caught:
        imported("list.csv", data)

    assert imported("list.csv", data, caught.value.choices[0].settings).people == [
        ("0001", "John Smith"), ("0002", "Jane Doe"),
    ]  # fmt: skip


def test_empty_cells_at_the_end_of_a_header_are_cells() -> None:
    assert len(imported("s.csv", "Ticket,Name,,\n101,Anna B,x,y\n102,Ben C,x,y\n").people) == 2


@pytest.mark.parametrize("cell", ['="00123"', '"=""00123"""', "'00123"])
def test_what_keeps_zeros_from_excel_is_no_part_of_the_ticket(cell: str) -> None:
    assert imported("list.csv", f"Ticket,Name\n{cell},Anna B\n").people == [("00123", "Anna B")]


@pytest.mark.parametrize("cell", ["1.23457E+11", "######", "12-Mar", "50%", "£5.00", "#N/A"])
def test_what_a_spreadsheet_ruined_is_rejected(cell: str) -> None:
    rows = [("Ticket", "Name"), *((str(n), f"Person {n}") for n in range(101, 107)), (cell, "Gus Hall")]

    assert imported("list.csv", csv_of(rows)).rejected == [8]


ENCODED = {
    "cp1252": "101;Müller Jürgen\n102;José Núñez\n",
    "cp1250": "101;Łukasz Wiśniewski\n102;Dvořák Jiří\n",
    "cp1251": "101;Иван Петров\n102;Мария Соколова\n",
    "cp1253": "101;Γιώργος Παπαδόπουλος\n102;Ελένη Νικολάου\n",
    "cp1254": "101;Ayşe Yılmaz\n102;Çağrı Öztürk\n",
    "cp1255": "101;דוד לוי\n102;רות כהן\n",
    "cp1256": "101;محمد علي\n102;فاطمة حسن\n",
    "cp850": "101;Müller Jürgen\n102;Größe Ute\n",
    "mac_roman": "101;José Núñez\n102;Jürgen Größe\n",
    "koi8_r": "101;Иван Петров\n102;Мария Соколова\n",
    "cp932": "101;山田 太郎\n102;佐藤 花子\n",
    "gbk": "101;张伟\n102;王秀英\n",
    "big5": "101;王小明\n102;陳大文\n",
    "cp949": "101;김철수\n102;이영희\n",
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_an_encoding_is_read_right_or_asked_for_never_read_as_garbage(encoding: str) -> None:
    text = f"Ticket;Name\n{ENCODED[encoding]}"
    data = text.encode(encoding)
    try:
        found, note = encoding_of("list.csv", data)
    except InputError as error:
        told = error.remedy
    else:
        told = f"{note} --encoding" if data.decode(found) == text else "garbage"
    assert "--encoding" in told
    assert imported("list.csv", data, Settings(encoding=encoding)).people[0][1] == ENCODED[encoding][4:].split("\n")[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_with_and_without_a_mark(encoding: str) -> None:
    data = "Ticket,Name\r\n101,Łukasz Żak\r\n102,Ben Cole\r\n".encode(encoding)

    assert imported("list.csv", data).people[0] == ("101", "Łukasz Żak")


def test_an_encoding_that_does_not_exist_or_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="no such encoding"):
        imported("list.csv", "Ticket,Name\n1,A B\n", Settings(encoding="utf-99"))
    with pytest.raises(InputError, match="not text in"):
        imported("list.csv", b"Ticket,Name\n1,\xff\xfe\n", Settings(encoding="utf-8"))
