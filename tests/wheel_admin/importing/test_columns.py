"""Columns by header and content together: what is sure, what is refused, and the command that leads on."""

import shlex

import pytest

from tests.wheel_admin.importing.conftest import Book, csv_of, imported, workbook
from wheel_admin.importing.settings import Settings, Unclear, Wish, command_for


def refusal(name: str, data: bytes | str, settings: Settings | None = None) -> Unclear:
    with pytest.raises(Unclear) as caught:
        imported(name, data, settings)
    return caught.value


def test_names_alone_get_numbers_in_file_order() -> None:
    done = imported("names.csv", csv_of([["Name"], *([f"Person {n}"] for n in range(1, 413))]))

    assert done.people[0] == ("001", "Person 1")
    assert done.people[-1] == ("412", "Person 412")
    assert "001 to 412" in done.notes


def test_a_thousand_names_get_four_digits() -> None:
    done = imported("names.csv", csv_of([["Name"], *([f"Person {n}"] for n in range(1000))]))

    assert (done.people[0][0], done.people[-1][0]) == ("0001", "1000")


def test_same_names_stay_two_people() -> None:
    done = imported("names.csv", "Name\nAnna Berg\nBen Cole\nAnna Berg\n")

    assert [name for _, name in done.people] == ["Anna Berg", "Ben Cole", "Anna Berg"]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Email", ["a@x.test", "b@x.test", "c@x.test"]),
        ("Ticket", ["a@x.test", "b@x.test", "c@x.test"]),
        ("Phone", ["0151 2345671", "0151 2345672", "0151 2345673"]),
        ("Timestamp", ["2026/11/02 9:15:00", "2026/11/02 9:16:00", "2026/11/02 9:17:00"]),
        ("Born", ["01.02.1990", "03.04.1991", "05.06.1992"]),
    ],
)
def test_what_is_private_is_no_ticket_unless_named(header: str, values: list[str]) -> None:
    rows = [[header, "Name"], *([value, name] for value, name in zip(values, ("Anna B", "Ben C", "Cy D"), strict=True))]
    data = workbook(rows)

    assert [ticket for ticket, _ in imported("list.xlsx", data).people] == ["001", "002", "003"]
    named = imported("list.xlsx", data, Settings(wish=Wish(ticket=header)))
    assert [ticket for ticket, _ in named.people] == values


def test_a_ticket_column_with_types_gives_way_to_a_number() -> None:
    rows = [
        ("Ticket", "Number", "Name"),
        ("VIP", 1, "Anna B"),
        ("Std", 2, "Ben C"),
        ("Std", 3, "Cy D"),
        ("Std", 4, "Di E"),
    ]

    assert [ticket for ticket, _ in imported("list.xlsx", workbook(rows)).people] == ["1", "2", "3", "4"]


def test_a_ticket_column_with_types_alone_is_refused() -> None:
    error = refusal("list.csv", "Ticket,Name\nVIP,Anna B\nStd,Ben C\nStd,Cy D\nStd,Di E\n")

    assert "does not tell people apart" in error.message
    assert "--give-numbers" in error.remedy


@pytest.mark.parametrize("names", [["anonymous"] * 4, ["5501", "5502", "5503", "5504"]])
def test_a_name_column_without_names_is_refused(names: list[str]) -> None:
    error = refusal("list.csv", csv_of([["ID", "Name"], *([str(n), name] for n, name in enumerate(names, 1))]))

    assert "does not hold names" in error.message
    assert names[0] in error.message


def test_two_ids_are_refused_with_samples_and_a_command_for_each() -> None:
    error = refusal("members.csv", "Member ID,Employee ID,Name\nM-1,E-7,Anna B\nM-2,E-8,Ben C\nM-3,E-9,Cy D\n")

    assert "M-1, M-2, M-3" in error.message
    assert 'wheel-admin import members.csv --ticket-column "Member ID" --name-column Name' in error.remedy
    assert '--ticket-column "Employee ID"' in error.remedy
    assert "--give-numbers" in error.remedy


def test_child_and_parent_are_refused_and_each_choice_reads_its_own() -> None:
    data = "Ticket,Child's Name,Parent Name\n101,Anna B,Uwe B\n102,Ben C,Ida C\n103,Cy D,Kay D\n"
    error = refusal("class.csv", data)
    people = [imported("class.csv", data, choice.settings).people[0][1] for choice in error.choices]

    assert set(people) == {"Anna B", "Uwe B"}


@pytest.mark.parametrize("header", ["Quantity", "Tickets", "Menge", "Cantidad"])
def test_a_count_of_unclear_meaning_is_refused_with_both_choices(header: str) -> None:
    data = csv_of([["ID", "Name", header], [1, "Anna B", 3], [2, "Ben C", 1], [3, "Cy D", 10]])
    error = refusal("qty.csv", data)

    assert f"--weight-column {header}" in error.remedy
    assert "--one-chance-each" in error.remedy
    weights = [[entry[2] for entry in imported("qty.csv", data, choice.settings).entries] for choice in error.choices]
    assert weights == [[3, 1, 10], [1, 1, 1]]


@pytest.mark.parametrize("header", ["Number of tickets", "# of tickets", "Anzahl Lose", "Chances"])
def test_a_number_of_tickets_counts_as_chances_and_the_receipt_says_so(header: str) -> None:
    done = imported("qty.csv", csv_of([["Name", header], ["Anna B", 3], ["Ben C", 1]]))

    assert done.entries == [("001", "Anna B", 3), ("002", "Ben C", 1)]
    assert f"chances B {header!r}" in done.notes


def test_a_quantity_that_is_one_for_everybody_is_no_question() -> None:
    assert len(imported("o.csv", "Ticket,Name,Quantity\n1,Anna B,1\n2,Ben C,1\n").people) == 2


def test_full_name_wins_over_parts_and_parts_fill_its_gaps() -> None:
    done = imported("l.csv", "id,name,first_name,last_name\n1,Anna Berg,,\n2,Ben Cole,Ben,Cole\n3,,Cara,Diaz\n")

    assert [name for _, name in done.people] == ["Anna Berg", "Ben Cole", "Cara Diaz"]


def test_a_name_that_contradicts_its_parts_is_refused() -> None:
    refusal("l.csv", "Ticket,Name,First name,Last name\n1,Team Red,Anna,Berg\n2,Team Blue,Ben,Cole\n3,Team X,Cy,Diaz\n")


def test_blocks_side_by_side_are_refused() -> None:
    rows = [
        ("Ticket", "Name", None, "Ticket", "Name"),
        (101, "Anna B", None, 103, "Cy D"),
        (102, "Ben C", None, 104, "Di E"),
    ]
    error = refusal("print.xlsx", workbook(rows))

    assert "Cy D" in error.message
    assert "--name-column E" in error.remedy


def test_a_form_above_the_list_is_furniture() -> None:
    rows = [("Name", "Nr."), ("Spring Fair", 12), (), ("Ticket", "Participant"), (101, "Anna B"), (102, "Ben C")]
    done = imported("form.xlsx", workbook(rows))

    assert done.people == [("101", "Anna B"), ("102", "Ben C")]
    assert done.receipt.sheets[0].furniture == ((1, 2),)


def test_a_header_far_down_is_found() -> None:
    rows = [*([f"Rule {n}: be kind"] for n in range(60)), ("Ticket", "Name"), (101, "Anna B")]

    assert imported("r.xlsx", workbook(rows)).people == [("101", "Anna B")]


def test_a_header_merged_over_two_rows_is_one_header() -> None:
    rows = [("Ticket", None, None), (None, "First", "Last"), (101, "Anna", "Berg"), (102, "Ben", "Cole")]
    done = imported("m.xlsx", workbook(rows, merged=[(1, 1, 2, "Name")]))

    assert done.people == [("101", "Anna Berg"), ("102", "Ben Cole")]
    assert done.receipt.sheets[0].header == ((1, 2),)


def test_columns_beyond_iv_are_read() -> None:
    questions = [f"Question {n}" for n in range(300)]
    done = imported(
        "w.xlsx", workbook([(*questions, "Ticket", "Name"), (*["x"] * 300, 101, "Anna B"), (*["x"] * 300, 102, "Bo")])
    )

    assert done.people == [("101", "Anna B"), ("102", "Bo")]


def test_the_first_person_of_a_list_without_header_is_a_person() -> None:
    assert len(imported("n.csv", "Anna Berg\nBen Cole\nCara Diaz\n").people) == 3
    assert len(imported("n.xlsx", workbook([(101, "Anna B"), (102, "Ben C")])).people) == 2


def test_a_first_row_that_is_unlike_all_others_is_asked_about() -> None:
    error = refusal("n.csv", "Izena\nAnna Berg\nBen Cole\nCara Diaz\n")

    assert "header or a participant" in error.message
    assert "--header-row 0" in error.remedy


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "title",
    [
        "Tombola 2026",
        "Summer Raffle",
        "Weihnachtsfeier 24.12.2025",
        "Vereinsverlosung",
        "Rotary Club 2026",
        "Guest list",
        "Our colleagues",
        "Unsere Gäste",
        "Gästeliste",
        "Team Lunch Winners",
        "Impreza firmowa",
        "Festa de fim de ano",
        "Yılbaşı çekilişi",
        "Midsommar Fest",
        "Λαχειοφόρος αγορά",
        "سحب الجوائز",
        "年会抽奖名单",
        "송년회 추첨",
    ],
)
def test_a_title_directly_above_bare_names_is_asked_about_and_never_a_person(title: str, kind: str) -> None:
    names = ["Anna Berg", "Ben Cole", "Cara Diaz"]
    lines = [title, *names]
    data = workbook([(line,) for line in lines]) if kind == "xlsx" else "\n".join(lines).encode()
    error = refusal(f"n.{kind}", data)

    assert [name for _, name in imported(f"n.{kind}", data, error.choices[0].settings).people] == names


@pytest.mark.parametrize(
    "first", ["Anna Christmas-Berg", "Louis XIV", "Summer Raff", "Ziggy Starparty", "Ana Evangelista", "Jo Our"]
)
def test_a_first_name_that_is_like_a_title_only_somewhat_is_a_person(first: str) -> None:
    names = [first, "Ben Cole", "Cara Diaz"]

    assert [name for _, name in imported("n.csv", "\n".join(names)).people] == names


def test_the_choices_of_a_refusal_are_complete_commands_for_this_very_file() -> None:
    error = refusal("my list (2).csv", "Member ID,Employee ID,Name\nM-1,E-7,Anna B\nM-2,E-8,Ben C\nM-3,E-9,Cy D\n")
    words = shlex.split(command_for("my list (2).csv", error.choices[0].settings))

    assert words[:3] == ["wheel-admin", "import", "my list (2).csv"]


def test_several_sheets_that_fit_are_refused_and_one_that_fits_is_read() -> None:
    people = [("Ticket", "Name"), (101, "Anna B")]
    others = [("Ticket", "Name"), (201, "Ben C")]
    both = Book({"2026": people, "2025": others, "Prizes": [("Prize", "Donor"), ("Bike", "Shop")]}).bytes()

    assert "--sheet 2025" in refusal("raffle.xlsx", both).remedy
    assert imported("raffle.xlsx", both, Settings(sheets=("2026",))).people == [("101", "Anna B")]
    done = imported("raffle.xlsx", Book({"Summary": [("About", "x")], "List": people}).bytes())
    assert "Summary" in done.notes


def test_all_sheets_go_on_counting_and_refuse_the_one_that_does_not_fit() -> None:
    classes = Book({"3a": [("Name",), ("Anna B",), ("Ben C",)], "3b": [("Name",), ("Cy D",)]}).bytes()

    assert imported("c.xlsx", classes, Settings(all_sheets=True)).people == [
        ("001", "Anna B"), ("002", "Ben C"), ("003", "Cy D"),
    ]  # fmt: skip
    odd = Book({"3a": [("Name",), ("Anna B",)], "Map": [("x", 1), ("y", 2)]}).bytes()
    with pytest.raises(ValueError, match="sheet 'Map' does not fit"):
        imported("c.xlsx", odd, Settings(all_sheets=True))
