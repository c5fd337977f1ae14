"""Tickets are what the spreadsheet shows, and what it does not show as a ticket is rejected."""

import pytest

from tests.wheel_admin.importing.conftest import Formatted, workbook
from tests.wheel_admin.importing.situations.situation import Situation, entries, table

OTHERS = [["X1", "Omar Reid"], ["X2", "Pia Lund"]]


@pytest.mark.parametrize(
    ("value", "code", "ticket"),
    [
        (7, '"T-"0000', "T-0007"), (12345, "000-000", "012-345"), (42, "00000", "00042"), (9, '0000" A"', "0009 A"),
        (11, "0000_)", "0011"), (7, "T\\-0000", "T-0007"), (42, '"A"0', "A42"), (42, '0"/2026"', "42/2026"),
        (8, "0000;-0000", "0008"), (9, "[Red]0000", "0009"), (3, '"No. "00', "No. 03"), (42, "[$-407]000000", "000042"),
        (101, "General", "101"), (10, "00##", "0010"),
    ],
)  # fmt: skip
def test_a_ticket_has_the_zeros_and_letters_that_its_format_shows(value: float, code: str, ticket: str) -> None:
    data = workbook([["Ticket", "Name"], [Formatted(value, code), "Nora Vance"], *OTHERS])

    Situation("", "l.xlsx", data, entries((ticket, "Nora Vance"), ("X1", "Omar Reid"), ("X2", "Pia Lund"))).check()


def test_series_that_only_their_formats_tell_apart_stay_apart() -> None:
    rows = [[Formatted(n, f'"{series}-"000'), f"Guest {series}{n}"] for series in "AB" for n in (1, 2)]
    wanted = [(f"{series}-00{n}", f"Guest {series}{n}", 1) for series in "AB" for n in (1, 2)]

    Situation("", "l.xlsx", workbook([["Ticket", "Name"], *rows]), wanted).check()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Formatted(0.5, "0%"), "a percentage"), (Formatted(5, '"$"#,##0.00'), "money"),
        (Formatted(123456789012, "0.00E+00"), "scientific"), (Formatted(46000, "d-mmm"), "a date"),
        (Formatted(0.4, "h:mm"), "a date"), (Formatted(1234, "#,##0"), "separators"), (102.5, "decimals"),
        (1e19, "exact"), (True, "yes/no"), (Formatted(0.5, "# ?/?"), "a fraction"), (Formatted(7, ";;;"), ""),
    ],
)  # fmt: skip
def test_what_is_shown_as_something_else_is_rejected_by_its_cell(value: object, reason: str) -> None:
    data = workbook([["Ticket", "Name"], [value, "Nora Vance"], *OTHERS, ["X3", "Quim Sol"]])

    wanted = entries(("X1", "Omar Reid"), ("X2", "Pia Lund"), ("X3", "Quim Sol"))
    Situation("", "l.xlsx", data, wanted, rejected=[2], says=["column A", reason]).check()


@pytest.mark.parametrize(
    "cell", ["1.23E+11", "12-Mar", "Mar-26", "50%", "$5.00", "######", "#REF!", "10:30", "02/11/2026", "1.5"]
)
def test_what_a_spreadsheet_made_of_a_ticket_in_a_text_file_is_rejected(cell: str) -> None:
    data = table("Ticket|Name", f"{cell}|Nora Vance", "101|Omar Reid", "102|Pia Lund", "103|Quim Sol")

    Situation(
        "", "l.csv", data, entries((101, "Omar Reid"), (102, "Pia Lund"), (103, "Quim Sol")), rejected=[2]
    ).check()


@pytest.mark.parametrize("written", ['="{}"', '"=""{}"""', "'{}", "{}"])
def test_zeros_before_a_ticket_stay_however_they_are_kept(written: str) -> None:
    data = f"Ticket,Name\n{written.format('00123')},Nora Vance\n{written.format('00124')},Omar Reid\n"

    Situation("", "l.csv", data, entries(("00123", "Nora Vance"), ("00124", "Omar Reid"))).check()


def test_numbers_stored_as_text_keep_their_zeros() -> None:
    data = workbook([["Ticket", "Name"], ["00101", "Nora Vance"], ["№102", "Omar Reid"], [" 103 ", "Pia Lund"]])

    Situation("", "l.xlsx", data, entries(("00101", "Nora Vance"), ("№102", "Omar Reid"), (103, "Pia Lund"))).check()
