"""Where a list stands: far down, to the right, side by side, under headers of two rows, on one of several sheets."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.wheel_admin.importing.conftest import Book, csv_of, workbook
from tests.wheel_admin.importing.situations.situation import Situation, cases, entries, numbered, table

LIST: list[Sequence[Any]] = [["Ticket", "Name"], [101, "Nora Vance"], [102, "Omar Reid"]]
PEOPLE = entries((101, "Nora Vance"), (102, "Omar Reid"))
FAR_DOWN = [*([f"Line {number} of the report"] for number in range(24)), *LIST]


@cases(
    Situation("no header", "l.xlsx", workbook(LIST[1:]), PEOPLE),
    Situation("no header and the ticket behind the name", "l.txt", "Nora Vance\t101\nOmar Reid\t102\n", PEOPLE),
    Situation("a title above the header", "l.xlsx", workbook([["Raffle"], ["2 November"], [], *LIST]), PEOPLE),
    Situation("fields of a form above the list", "l.xlsx",
              workbook([["Name", "Ticket"], ["Autumn fair", 50], [], ["Ticket", "Participant"], *LIST[1:]]), PEOPLE),
    Situation("the header in row 25", "l.xlsx", workbook(FAR_DOWN), PEOPLE),
    Situation("the header in row 25 named", "l.xlsx", workbook(FAR_DOWN), PEOPLE, typed="--header-row 25"),
    Situation("a report's lines above a text file's header", "l.csv", "Report\nFair\n\nTicket,Name\n101,Nora Vance\n"
              "102,Omar Reid\n", PEOPLE),
    Situation("gaps between columns and rows", "l.xlsx",
              workbook([[], [None, "Name", None, None, "Ticket"], [], [None, "Nora Vance", None, None, 101], [], [],
                        [None, "Omar Reid", None, None, 102]]), PEOPLE),
    Situation("columns right of Z", "l.xlsx", workbook([[*[None] * 300, *row] for row in LIST]), PEOPLE),
    Situation("an age beside them", "l.csv", table("Ticket|Name|Age", "101|Nora Vance|34", "102|Omar Reid|7"), PEOPLE,
              says=["C 'Age'"]),
    Situation("a first name that is a header's word, and a number with a sign", "shop.csv",
              table("Order|First name|Last name|Company|Paid", "#1001|Anne|Smith||paid", "#1002|Bo|Lee|Acme|paid",
                    "#1003|Cy|Fox|Acme|open"),
              [("#1001", "Anne Smith", 1), ("#1002", "Bo Lee", 1), ("#1003", "Cy Fox", 1)]),
    Situation("a guest without a name below the header", "l.xlsx",
              workbook([["Ticket", "Name"], ["No. 9", "Guest"], ["No. 10", "Anna Maria"], ["No. 11", "Bo Li"]]),
              [("No. 10", "Anna Maria", 1), ("No. 11", "Bo Li", 1)], rejected=[2], says=["belongs to the header"]),
    Situation("a header and nobody", "l.csv", "Ticket,Name\n", None, says=["l.csv"]),
    Situation("one person", "l.csv", "Ticket,Name\n1,Nora Vance\n", entries((1, "Nora Vance"))),
    Situation("a table of prizes below", "l.xlsx",
              workbook([*LIST, [], ["Prize", "Donor"], ["Bike", "Bike Shop"]]), PEOPLE, rejected=[5, 6],
              says=["belongs to another table, whose header is in row 5"]),
    Situation("a second list below with a header in other words", "l.xlsx",
              workbook([*LIST, [], ["Ticket No.", "Full name"], [103, "Pia Lund"]]), [*PEOPLE, ("103", "Pia Lund", 1)],
              rejected=[5], says=["repeats the header"]),
    Situation("the same people's columns in another order below", "l.xlsx",
              workbook([*LIST, [], ["Name", "Ticket"], ["Pia Lund", 103]]), PEOPLE, rejected=[5, 6]),
)  # fmt: skip
def test_a_list_is_found_where_it_stands(situation: Situation) -> None:
    situation.check()


@cases(
    Situation("two blocks", "l.xlsx",
              workbook([["Ticket", "Name", None, "Ticket", "Name"], [1, "Nora Vance", None, 3, "Pia Lund"],
                        [2, "Omar Reid", None, 4, "Quim Sol"]]), None, says=["Nora Vance", "Pia Lund"]),
    Situation("blocks without a header", "l.csv", "1,Nora Vance,3,Pia Lund\n2,Omar Reid,4,Quim Sol\n", None),
    Situation("a grid of tables", "l.csv", "Table 1,Table 2\nNora Vance,Pia Lund\nOmar Reid,Quim Sol\n", None),
    Situation("a list on its side", "l.csv", "Ticket,101,102,103\nName,Nora Vance,Omar Reid,Pia Lund\n", None),
    Situation("couples", "l.csv", table("Ticket|Name 1|Name 2", "1|Nora Vance|Omar Reid", "2|Pia Lund|Quim Sol"), None),
    Situation("two blocks with parts of names", "l.csv",
              table("First name|Last name||First name|Last name", "Uwe|Po||Nora|Vance", "Ida|Wu||Omar|Reid"), None,
              says=["D (First name) + E (Last name)"]),
    Situation("parts of two names in a row", "l.csv",
              table("First name 1|Last name 1|First name 2|Last name 2", "Uwe|Po|Nora|Vance",
                    "Ida|Wu|Omar|Reid"), None),
    Situation("several columns of tickets", "l.csv",
              table("Name|Ticket 1|Ticket 2|Ticket 3", "Nora Vance|101|102|103", "Omar Reid|104||"), None,
              says=["several columns hold tickets", "--split-tickets"]),
    Situation("first and last tickets", "l.csv",
              table("Name|First ticket|Last ticket", "Nora Vance|101|105", "Omar Reid|106|110"), None,
              says=["the first and the last ticket", "101-125"]),
    Situation("a book of tickets", "l.xlsx",
              workbook([["Book", "Seller", "From", "To"], [1, "Nora Vance", 1, 25], [2, "Omar Reid", 26, 50]]), None,
              says=["C (From) and D (To)"]),
)  # fmt: skip
def test_people_beside_the_first_column_are_not_lost_in_silence(situation: Situation) -> None:
    situation.check()


@cases(
    Situation("the name merged over its parts", "l.xlsx",
              workbook([["No.", None, None], [None, "First", "Last"], [101, "Nora", "Vance"], [102, "Omar", "Reid"]],
                       merged=[(1, 1, 2, "Name")]), PEOPLE),
    Situation("gaps in a text file's header", "l.csv", csv_of([["Ticket", "Name", ""], ["", "First", "Last"],
              [101, "Nora", "Vance"], [102, "Omar", "Reid"]]), PEOPLE),
    Situation("a title and two header rows", "l.xlsx",
              workbook([["Summer party", None, None], ["Ticket", None, None], [None, "First name", "Last name"],
                        [101, "Nora", "Vance"], [102, "Omar", "Reid"]], merged=[(1, 0, 2, "Summer party"),
                                                                             (2, 1, 2, "Person")]), PEOPLE),
)  # fmt: skip
def test_a_header_of_two_rows_is_read_as_one(situation: Situation) -> None:
    situation.check()


TWO = Book({"2026": LIST, "2025": [["Ticket", "Name"], [7, "Old Person"]], "Plan": [["x", 1], ["y", 2]]}).bytes()
CLASSES = Book({"3a": [["Name"], ["Nora Vance"], ["Omar Reid"]], "3b": [["Name"], ["Pia Lund"]]}).bytes()


@cases(
    Situation("two fit", "l.xlsx", TWO, None, says=["'2026', '2025'", "--sheet 2025", "--sheet 2026 --sheet 2025"]),
    Situation("one is named", "l.xlsx", TWO, PEOPLE, typed="--sheet 2026"),
    Situation("one fits", "l.xlsx", Book({"Summary": [["About this file"], ["x"]], "List": LIST}).bytes(), PEOPLE,
              says=["sheet 'Summary' is not a list of people"]),
    Situation("a sheet a class", "l.xlsx", CLASSES, None, says=["3a", "3b", "--all-sheets"]),
    Situation("a sheet a class and all asked for", "l.xlsx", CLASSES, numbered("Nora Vance", "Omar Reid", "Pia Lund"),
              typed="--all-sheets"),
    Situation("all asked for and one does not fit", "l.xlsx", TWO, None, typed="--all-sheets", says=["'Plan'"]),
    Situation("hidden and empty ones", "l.xlsx",
              Book({"A": LIST, "B": [["Ticket", "Name"], [9, "Hidden Person"]], "C": []}, hidden_sheets=["B"]).bytes(),
              PEOPLE, says=["sheet 'B' is hidden", "sheet 'C' is empty"]),
)  # fmt: skip
def test_sheets_are_chosen_or_asked_about(situation: Situation) -> None:
    situation.check()


@pytest.mark.parametrize("typed", ["", "--hidden-rows skip", "--hidden-rows include"])
def test_hidden_rows_are_refused_until_somebody_says_what_they_are(typed: str) -> None:
    data = workbook([*LIST, [103, "Pia Lund"]], hidden_rows=[3])
    wanted = {
        "": None,
        "--hidden-rows skip": entries((101, "Nora Vance"), (103, "Pia Lund")),
        "--hidden-rows include": entries((101, "Nora Vance"), (102, "Omar Reid"), (103, "Pia Lund")),
    }

    Situation(
        "", "l.xlsx", data, wanted[typed], typed=typed, says=[] if typed else ["1 row is hidden", "row 3"]
    ).check()
