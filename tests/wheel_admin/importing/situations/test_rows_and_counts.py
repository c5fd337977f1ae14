"""Rows that are no people, tickets by the dozen, and numbers of chances."""

import pytest

from tests.wheel_admin.importing.conftest import workbook
from tests.wheel_admin.importing.situations.situation import Situation, cases, entries, numbered, table

TWO = entries((101, "Nora Vance"), (102, "Omar Reid"))
HEAD = ("Ticket|Name", "101|Nora Vance", "102|Omar Reid")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Total|2", "a total"), ("Grand Total|2", "a total"), ("Summe:|2", "a total"), ("|Average", "a total"),
        ("Total: 2|", "a total"), ("合計|2名", "a total"),
        ("Ticket|Name", "repeats the header"), ("---|---", "dashes"), ("-|-", "dashes"),
        ("e.g. 1|e.g. Jane Doe", "an example"), ("|Waiting list:", "a title"), ("Page 1 of 2|", "a note"),
        ("* paid|", "a note"), ("101|Pia Lund", "duplicate ticket"), ("103|", "name is missing"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_person_is_rejected_and_the_others_stay(row: str, reason: str) -> None:
    Situation("", "l.csv", table(*HEAD, row, "103|Quim Sol"), [*TWO, ("103", "Quim Sol", 1)], rejected=[4],
              says=[reason]).check()  # fmt: skip


@cases(
    Situation("people whose names hold such words", "l.csv",
              table("Ticket|Name", "1|Jean Total", "2|Summer Gesamt", "3|Sum Ting"),
              entries((1, "Jean Total"), (2, "Summer Gesamt"), (3, "Sum Ting"))),
    Situation("subtotals of teams", "l.csv",
              table("Name|Team|Chances", "Nora Vance|A|2", "A Total||2", "Omar Reid|B|3", "B Total||3",
                    "Grand Total||5"),
              [("001", "Nora Vance", 2), ("002", "Omar Reid", 3)], rejected=[3, 5, 6]),
    Situation("an average of chances", "l.csv", table("Name|Chances", "Nora Vance|2", "Omar Reid|4", "Average|3"),
              [("001", "Nora Vance", 2), ("002", "Omar Reid", 4)], rejected=[4]),
    Situation("a number of people", "l.csv", table("Name|Class", "Nora Vance|3a", "Omar Reid|3b", "2 participants|"),
              numbered("Nora Vance", "Omar Reid"), rejected=[4], says=["a number of people"]),
    Situation("a number of people without spaces", "l.csv", "姓名\n王伟\n李娜\n共2人\n", numbered("王伟", "李娜"),
              rejected=[4], says=["a total"]),
    Situation("section titles over several columns", "l.xlsx",
              workbook([["Name", "Club", "Age"], ["Rowing club", None, None], ["Nora Vance", "R", 9],
                        ["Chess club", None, None], ["Omar Reid", "C", 8]],
                       merged=[(2, 0, 2, "Rowing club"), (4, 0, 2, "Chess club")]),
              numbered("Nora Vance", "Omar Reid"), rejected=[2, 4]),
    Situation("section titles in two columns", "l.xlsx",
              workbook([["Name", "Age"], ["Group A", None], ["Nora Vance", 9], ["Group B", None], ["Omar Reid", 8],
                        ["Pia Lund", 8]]), numbered("Nora Vance", "Omar Reid", "Pia Lund"), rejected=[2, 4]),
    Situation("section titles among names alone", "l.txt", "Nora Vance\nOmar Reid\nGroup B\nPia Lund\n",
              numbered("Nora Vance", "Omar Reid", "Group B", "Pia Lund"), says=["the title of a section: "]),
    Situation("tables that take part themselves", "l.csv", "Name\nTable 1\nTable 2\nTable 3\n",
              numbered("Table 1", "Table 2", "Table 3")),
    Situation("numbers printed in advance", "l.xlsx",
              workbook([["No", "Name"], [1, "Nora Vance"], [2, "Omar Reid"], *([n] for n in range(3, 9))]),
              entries((1, "Nora Vance"), (2, "Omar Reid")), rejected=range(4, 10)),
    Situation("placeholders", "l.csv", table("Ticket|Name", "1|Nora Vance", "2|TBA", "3|n/a", "4|Pia Lund"),
              entries((1, "Nora Vance"), (2, "TBA"), (3, "n/a"), (4, "Pia Lund")), says=["a placeholder: "]),
    Situation("null and true are names", "l.csv", table("Ticket|Name", "1|Null", "2|None", "3|May", "4|#N/A"),
              entries((1, "Null"), (2, "None"), (3, "May")), rejected=[5]),
    Situation("two people in one cell", "l.xlsx",
              workbook([["Ticket", "Name"], [1, "Nora Vance\nOmar Reid"], [2, "Pia Lund & Quim Sol"]]),
              entries((1, "Nora Vance Omar Reid"), (2, "Pia Lund & Quim Sol")),
              says=["2 cells seem to name two people"]),
    Situation("names without letters", "l.csv", table("Ticket|Name", "1|4711", "2|4712", "3|4713"), None,
              says=["does not hold names"]),
    Situation("everybody has one name", "l.csv", table("ID|Name", "1|anonymous", "2|anonymous", "3|anonymous"), None,
              says=["anonymous"]),
    Situation("tickets of which half are given twice", "l.csv",
              table("Ticket|Name", "1|Nora Vance", "1|Omar Reid", "2|Pia Lund", "2|Quim Sol"), None,
              says=["does not tell people apart"]),
    Situation("names that were read in a wrong encoding", "l.csv",
              table("Ticket|Name", "1|JosÃ© NÃºÃ±ez", "2|Zo? M?ller", "3|O&#39;Hara", "4|Asa Orn"),
              entries((1, "JosÃ© NÃºÃ±ez"), (2, "Zo? M?ller"), (3, "O&#39;Hara"), (4, "Asa Orn")),
              says=["damaged by a wrong encoding (save the list as UTF-8): l.csv, row 2, l.csv, row 3, l.csv, row 4"]),
)  # fmt: skip
def test_what_is_no_person_does_not_become_one(situation: Situation) -> None:
    situation.check()


SOLD = "Ticket number;Name\n101, 102;Nora Vance\n103-105;Omar Reid\n106;Pia Lund\n"


@cases(
    Situation("a list and a range", "l.csv", SOLD, None, says=["101, 102; 103-105", "--split-tickets"]),
    Situation("a list and a range split", "l.csv", SOLD,
              entries((101, "Nora Vance"), (102, "Nora Vance"), (103, "Omar Reid"), (104, "Omar Reid"),
                      (105, "Omar Reid"), (106, "Pia Lund")), typed="--split-tickets"),
    Situation("slashes", "l.csv", table("Ticket|Name", "101/102/103|Nora Vance", "104/105|Omar Reid", "106|Pia Lund"),
              None, says=["101/102/103"]),
    Situation("spaces", "l.csv", table("Ticket|Name", "101 102|Nora Vance", "103|Omar Reid"), None, says=["101 102"]),
    Situation("lines in a cell", "l.xlsx", workbook([["Tickets", "Name"], ["101\n102", "Nora Vance"], ["103", "O R"]]),
              None, says=["--split-tickets"]),
    Situation("ranges of unequal length", "l.csv",
              table("Ticket numbers|Name", "1-25|Nora Vance", "26-50|Omar Reid", "51-100|Pia Lund"), None,
              says=["1-25; 26-50; 51-100"]),
    Situation("ranges in words under Lose", "l.csv", table("Lose|Name", "101 bis 105|Nora Vance", "106|Omar Reid"),
              None, says=["--split-tickets"]),
    Situation("ranges with a shortened end", "l.csv",
              table("Ticket|Name", "101-3|Nora Vance", "104-8|Omar Reid", "109|Pia Lund"), None,
              says=["101-3, 104-8", "101-103 for 101-3"]),
    Situation("a dash in single tickets", "l.csv", table("Ticket|Name", "101-1|Nora Vance", "101-2|Omar Reid",
              "102-1|Pia Lund"), entries(("101-1", "Nora Vance"), ("101-2", "Omar Reid"), ("102-1", "Pia Lund"))),
    Situation("a year in single tickets", "l.csv", table("Ticket|Name", "12-2026|Nora Vance", "13-2026|Omar Reid"),
              entries(("12-2026", "Nora Vance"), ("13-2026", "Omar Reid"))),
    Situation("a number of all in single tickets", "l.csv", table("Ticket|Name", "1/250|Nora Vance", "2/250|Omar Reid"),
              entries(("1/250", "Nora Vance"), ("2/250", "Omar Reid"))),
)  # fmt: skip
def test_several_tickets_in_a_cell_are_told_from_one(situation: Situation) -> None:
    situation.check()


@cases(
    Situation("Tickets holds counts", "l.csv", table("ID|Name|Tickets", "1|Nora Vance|3", "2|Omar Reid|1"), None,
              says=["--weight-column Tickets", "--one-chance-each"]),
    Situation("Tickets holds counts and is named", "l.csv",
              table("ID|Name|Tickets", "1|Nora Vance|3", "2|Omar Reid|1"),
              [("1", "Nora Vance", 3), ("2", "Omar Reid", 1)], typed="--weight-column Tickets"),
    Situation("two numbers of chances", "l.csv", table("Name|Tickets|Weight", "Nora Vance|2|3", "Omar Reid|1|1"), None,
              says=["--weight-column Tickets", "--weight-column Weight"]),
    Situation("Quantity", "l.csv", table("ID|Name|Quantity", "1|Nora Vance|3", "2|Omar Reid|1"), None),
    Situation("no ticket and chances", "l.csv", table("Name|Number of tickets", "Nora Vance|3", "Omar Reid|1"),
              [("001", "Nora Vance", 3), ("002", "Omar Reid", 1)], says=["chances B 'Number of tickets'"]),
    Situation("zero and words are no chances", "l.csv",
              table("Name|Chances", "A B|0", "C D|-1", "E F|", "G H|1.5", "I J|two", "K L|3", "M N|1", "O P|2"),
              [("001", "K L", 3), ("002", "M N", 1), ("003", "O P", 2)], rejected=[2, 3, 4, 5, 6]),
    Situation("whole numbers with decimals", "l.csv", "Name;Chancen\nNora Vance;2,0\nOmar Reid;3.00\n",
              [("001", "Nora Vance", 2), ("002", "Omar Reid", 3)]),
    Situation("thousands are no decimals", "l.csv", 'Name,Chances\nNora Vance,"1,000"\nOmar Reid,3\nPia Lund,1\n',
              [("001", "Omar Reid", 3), ("002", "Pia Lund", 1)], rejected=[2]),
    Situation("kilograms are no chances", "l.csv", table("Bib|Name|Weight (kg)", "1|Nora Vance|61", "2|Omar Reid|80"),
              entries((1, "Nora Vance"), (2, "Omar Reid")), says=["C 'Weight (kg)'"]),
    Situation("a fish's weight is no chance", "l.csv",
              table("No|Name|Weight", "1|Nora Vance|2.4", "2|Omar Reid|1.1", "3|Pia Lund|3.0"), None,
              says=["numbers with decimals", "--one-chance-each"]),
)  # fmt: skip
def test_numbers_of_chances_are_what_they_say(situation: Situation) -> None:
    situation.check()


@pytest.mark.parametrize(
    "question",
    ["How many tickets do you want?", "Combien de billets ?", "¿Cuántos boletos?", "Wie viele Lose möchten Sie?",
     "Hoeveel loten?", "Ile losów kupujesz?", "Quanti biglietti?", "Сколько билетов?", "何枚買いますか", "您要几张票"],
)  # fmt: skip
def test_a_question_for_how_many_tickets_asks_for_chances(question: str) -> None:
    data = table(f"Name|{question}", "Nora Vance|2", "Omar Reid|4")

    Situation("", "l.csv", data, [("001", "Nora Vance", 2), ("002", "Omar Reid", 4)]).check()


@pytest.mark.parametrize("question", ["How many guests?", "Points", "Room number", "Zorp"])
def test_other_numbers_are_neither_chances_nor_tickets(question: str) -> None:
    data = table(f"Name|{question}", "Nora Vance|2", "Omar Reid|4")

    Situation("", "l.csv", data, numbered("Nora Vance", "Omar Reid")).check()


@pytest.mark.parametrize(
    ("header", "values"),
    [("DNI", "12345678Z 12345679S"), ("Codice fiscale", "NRENNA80A01H501U BLUBRN80A01H501U"),
     ("PESEL", "80010150090 80010150091"), ("身份证号", "110101199003070000 110101199003070001"),
     ("TC Kimlik No", "12345678901 12345678902"), ("CPF", "123.456.789-00 123.456.789-01")],
)  # fmt: skip
def test_an_identity_number_is_no_ticket_that_everybody_sees(header: str, values: str) -> None:
    first, second = values.split()
    data = table(f"{header}|Name", f"{first}|Nora Vance", f"{second}|Omar Reid")

    Situation("", "l.csv", data, numbered("Nora Vance", "Omar Reid")).check()
    Situation("", "l.csv", data, entries((first, "Nora Vance"), (second, "Omar Reid")),
              typed=f'--ticket-column "{header}"').check()  # fmt: skip
