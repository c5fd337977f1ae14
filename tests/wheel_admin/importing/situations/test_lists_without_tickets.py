"""Names without tickets: numbers are given in file order, whatever the list was written with."""

import pytest

from tests.wheel_admin.importing.conftest import workbook
from tests.wheel_admin.importing.situations.situation import Situation, cases, entries, numbered, table

NAMES = "Nora Vance\nOmar Reid\nPia Lund\n"
PEOPLE = numbered("Nora Vance", "Omar Reid", "Pia Lund")


@cases(
    Situation("names under a header", "n.csv", f"Name\n{NAMES}", PEOPLE, says=["001 to 003"]),
    Situation("names alone", "n.txt", NAMES, PEOPLE),
    Situation("blank lines between names", "n.txt", NAMES.replace("\n", "\n\n"), PEOPLE),
    Situation(
        "a name that occurs twice stays two people",
        "n.txt",
        f"{NAMES}Omar Reid\n",
        numbered("Nora Vance", "Omar Reid", "Pia Lund", "Omar Reid"),
        says=["1 name occurs more than once, 2 entries together"],
    ),
    Situation(
        "somebody who stands in a line for each ticket",
        "n.txt",
        "Nora Vance\nNora Vance\nOmar Reid\nNora Vance\n",
        numbered("Nora Vance", "Nora Vance", "Omar Reid", "Nora Vance"),
        says=["each line is a name", "1 name occurs more than once, 3 entries together"],
    ),
    Situation(
        "a name twice beside tickets without a header",
        "n.csv",
        "101,Nora Vance\n102,Nora Vance\n103,Omar Reid\n",
        entries((101, "Nora Vance"), (102, "Nora Vance"), (103, "Omar Reid")),
    ),
    Situation("one name and nothing else", "n.txt", "Nora Vance\nNora Vance\nNora Vance\n", None),
    Situation(
        "a name twice in a workbook",
        "n.xlsx",
        workbook([["Name"], ["Omar Reid"], ["Omar Reid"], ["Pia Lund"]]),
        numbered("Omar Reid", "Omar Reid", "Pia Lund"),
        says=["more than once"],
    ),
    Situation(
        "parts of names beside an e-mail address",
        "n.xlsx",
        workbook([["First name", "Last name", "Email"], ["Nora", "Vance", "n@x.test"], ["Omar", "Reid", "o@x.test"]]),
        numbered("Nora Vance", "Omar Reid"),
        says=["not used: C 'Email'"],
    ),
    Situation(
        "the column of addresses when it is named",
        "n.xlsx",
        workbook([["Name", "Email"], ["Nora Vance", "n@x.test"], ["Omar Reid", "o@x.test"]]),
        entries(("n@x.test", "Nora Vance"), ("o@x.test", "Omar Reid")),
        typed="--ticket-column Email",
    ),
    Situation(
        "telephone numbers as text",
        "n.csv",
        table("Name|Number", "Nora Vance|07700 900123", "Omar Reid|07700 900124"),
        numbered("Nora Vance", "Omar Reid"),
    ),
    Situation(
        "telephone numbers as numbers",
        "n.xlsx",
        workbook([["Name", "Contact number"], ["Nora Vance", 7700900123], ["Omar Reid", 7700900124]]),
        numbered("Nora Vance", "Omar Reid"),
    ),
    Situation(
        "a title with a colon above the names",
        "n.txt",
        f"Our guests tonight:\n{NAMES}",
        PEOPLE,
        rejected=[1],
        says=["ends with a colon"],
    ),
    Situation(
        "a title with a blank line below it", "n.txt", f"Summer fair\n\n{NAMES}", None, says=["header or a part"]
    ),
    Situation("a title with a word for people", "n.txt", f"Guest list\n{NAMES}", None, says=["--header-row 1"]),
    Situation("a title with a word and a year", "n.txt", f"Participants 2026\n{NAMES}", None, says=["--header-row 1"]),
)
def test_names_without_tickets_get_numbers_in_file_order(situation: Situation) -> None:
    situation.check()


def test_one_name_more_than_the_wheel_holds_is_refused_with_both_numbers() -> None:
    names = "".join(f"Person {number}\n" for number in range(3001))

    Situation("3001 names", "n.csv", f"Name\n{names}", None, says=["3001", "3000"]).check()


@pytest.mark.parametrize("bullet", ["- ", "* ", "• ", "– ", "- [ ] ", "- [x] "])
@pytest.mark.parametrize("title", ["", "Our list:\n"])
def test_bullets_are_no_part_of_a_name(bullet: str, title: str) -> None:
    text = title + "".join(f"{bullet}{name}\n" for name in NAMES.splitlines())

    Situation("", "n.txt", text, PEOPLE, rejected=[1] if title else [], says=["has a bullet before each line"]).check()


@cases(
    Situation("a header above bullets", "n.txt", "Name\n- Nora Vance\n- Omar Reid\n",
              numbered("Nora Vance", "Omar Reid")),
    Situation("a header above numbers asks", "n.txt", "Guests:\n1. Nora Vance\n2. Omar Reid\n3. Pia Lund\n", None,
              says=["begin with a number each (1, 2, 3)"]),
    Situation("a title above bullets", "n.txt", "Party guests\n- Nora Vance\n- Omar Reid\n",
              numbered("Nora Vance", "Omar Reid"), typed="--header-row 1 --name-column A --give-numbers"),
    Situation("a title above bullets asks", "n.txt", "Party guests\n- Nora Vance\n- Omar Reid\n", None,
              says=["header or a participant", "A: Party guests, Nora Vance, Omar Reid"]),
    Situation("a title above numbers", "n.txt", "Guest list\n1. Nora Vance\n2. Omar Reid\n",
              entries((1, "Nora Vance"), (2, "Omar Reid")), typed="--header-row 1 --ticket-column A --name-column B"),
    Situation("a title above numbers asks", "n.txt", "Guest list\n1. Nora Vance\n2. Omar Reid\n", None,
              says=["header or a participant", "--header-row 1 --ticket-column A --name-column B"]),
    Situation("a title with a colon above numbers", "n.txt", "Our list:\n1. Nora Vance\n2. Omar Reid\n3. Pia Lund\n",
              entries((1, "Nora Vance"), (2, "Omar Reid"), (3, "Pia Lund")), rejected=[1], says=["ends with a colon"]),
    Situation("somebody without a bullet first", "n.txt", "Nora Vance\n- Omar Reid\n- Pia Lund\n", PEOPLE),
)  # fmt: skip
def test_a_first_line_alone_keeps_no_bullet_or_number_in_the_names_below(situation: Situation) -> None:
    situation.check()


@pytest.mark.parametrize("shape", ["{}. {}", "{}) {}", "{} {}", "{}: {}", "{} - {}"])
def test_numbers_before_all_names_are_their_tickets(shape: str) -> None:
    text = "".join(shape.format(number, name) + "\n" for number, name in enumerate(NAMES.splitlines(), 101))

    wanted = entries((101, "Nora Vance"), (102, "Omar Reid"), (103, "Pia Lund"))
    Situation("", "n.txt", text, wanted, says=["has a number before each line"]).check()


@cases(
    Situation("hyphens inside names", "n.txt", "Anne-Marie Po\nJean-Luc Bo\n",
              numbered("Anne-Marie Po", "Jean-Luc Bo")),
    Situation("a number that repeats before names", "n.txt", "1 Nora Vance\n1 Omar Reid\n2 Pia Lund\n", None),
    Situation("numbers behind names", "n.txt", "Nora Vance x2\nOmar Reid x1\nPia Lund x5\n", None),
    Situation(
        "numbers in a column of names",
        "n.csv",
        "Name\n101 Nora Vance\n102 Omar Reid\n103 Pia Lund\n",
        None,
        says=["begin with a number each (101, 102, 103)", "--give-numbers"],
    ),
    Situation("somebody called Gast first", "n.txt", "Peter Gast\nNora Vance\nOmar Reid\n",
              numbered("Peter Gast", "Nora Vance", "Omar Reid")),
    Situation("two spaces inside names", "n.txt", "Nora  Vance\nOmar  Reid\nPia  Lund\n", PEOPLE),
    Situation("user names alone", "n.txt", "@nora_v\n@omar_r\n@pia_l\n", numbered("@nora_v", "@omar_r", "@pia_l")),
    Situation("a comma in one of the names", "n.txt", "Nora Vance\nReid, Omar\nPia Lund\n",
              numbered("Nora Vance", "Reid, Omar", "Pia Lund")),
    Situation("all names in one line", "n.txt", "Nora Vance, Omar Reid, Pia Lund\n", None, says=["a line of its own"]),
    Situation("addresses alone", "n.txt", "n@x.test\no@x.test\np@x.test\n", None),
    Situation("a chat", "n.txt", "[02.11.26, 09:15] Nora: hi\n[02.11.26, 09:16] Omar: hi\n", None),
    Situation("fields of a directory", "n.txt", "dn: cn=Nora\ncn: Nora Vance\ndn: cn=Omar\ncn: Omar Reid\n", None),
    Situation(
        "an address behind each name is taken off",
        "n.txt",
        "Nora Vance <n@x.test>\nOmar Reid (o@x.test)\nPia Lund [p@x.test]\n",
        PEOPLE,
        says=["E-mail addresses were taken off 3 names"],
    ),
    Situation(
        "an address behind one name is taken off",
        "n.txt",
        "Nora Vance <n@x.test>\nOmar Reid\nPia Lund\n",
        PEOPLE,
        says=["E-mail addresses were taken off 1 name."],
    ),
    Situation(
        "an address for a name is warned of",
        "n.csv",
        table("Ticket|Name", "1|n@x.test", "2|Omar Reid", "3|Pia Lund"),
        entries((1, "n@x.test"), (2, "Omar Reid"), (3, "Pia Lund")),
        says=["an e-mail address or a telephone number"],
    ),
)  # fmt: skip
def test_lines_that_hold_more_than_a_name_are_told_apart(situation: Situation) -> None:
    situation.check()
