"""Prizes: planned in Excel or by command, and in the middle of an evening nothing that is drawn is rewritten."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from kiosk.core.home import picture_name
from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of
from wheel_admin.importing.columns.header_words import fold
from wheel_admin.importing.file_import import FileImport
from wheel_admin.importing.plan.prize_words import PrizeRole, is_sheet_of_prizes, rank_of
from wheel_admin.importing.settings import Settings
from wheel_admin.ledger_report.ledger_view import read_ledger

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PLAN: tuple[Sequence[object], ...] = (
    ("Order", "Prize", "Quantity", "Reserves", "Per press", "Groups", "Picture", "Sponsor"),
    (2, "Mug", 50, None, 50, None, "mug.png", "Corner Bakery"),
    (1, "City bike", 1, None, None, None, None, None),
    (3, "Day off", 10, 2, 10, "staff; crew", None, None),
    (None, "Total", 61, None, None, None, None, None),
)
PEOPLE = [
    ("Ticket", "Name", "Group"),
    *((f"T{n:03d}", f"Person {n}", "staff" if n % 2 else "guest") for n in range(30)),
]


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """A desk with thirty people, and the plan of the evening on the second sheet of their workbook."""
    (desk.files / "mug.png").write_bytes(PNG)
    desk.do("import", workbook(desk.files / "evening.xlsx", {"People": PEOPLE, "Prizes": PLAN}))
    return desk


def ids(desk: Desk) -> list[str]:
    return [prize.id for prize in desk.draft.prizes]


def test_a_sheet_of_prizes_is_read_with_the_list_in_its_order(planned: Desk) -> None:
    bike, mug, day = planned.draft.prizes

    assert [prize.id for prize in planned.draft.prizes] == ["city-bike", "mug", "day-off"]
    assert (mug.quantity, mug.reserves, mug.per_press, mug.groups, mug.sponsor) == (50, 0, 50, (), "Corner Bakery")
    assert (bike.quantity, bike.per_press, day.reserves, day.groups) == (1, 1, 2, ("staff", "crew"))
    assert (planned.home.snapshots / picture_name(mug.picture)).read_bytes() == PNG
    assert len(planned.draft.entries) == 30


def test_a_sheet_of_prizes_is_read_when_somebody_chooses_among_sheets(desk: Desk) -> None:
    people = [("Ticket", "Name"), ("1", "Ana Ruiz"), ("2", "Bo Li")]
    plan = [("Prize", "Quantity"), ("Bike", 1)]
    path = workbook(desk.files / "evening.xlsx", {"2025": people, "2026": people, "Prizes": plan})
    importing = FileImport(desk.reader, ask=lambda _name, unclear, _sheets: unclear.choices[1].settings)
    importing.add([path], Settings())

    found = importing.plan(())
    assert found is not None
    assert [one.prize.title for one in found.planned] == ["Bike"]
    assert [entry.name for entry in importing.intake.entries] == ["Ana Ruiz", "Bo Li"]


def test_the_receipt_of_prizes_accounts_for_every_row(desk: Desk) -> None:
    (desk.files / "mug.png").write_bytes(PNG)
    answer = desk.do("prizes", "import", workbook(desk.files / "plan.xlsx", {"Whatever": PLAN}))
    receipt = answer["receipt"]

    assert (receipt["read"], receipt["accepted"], receipt["rejected"]) == (3, 3, [])
    rows = receipt["sheets"][0]
    numbers = [n for kind in ("accepted", "rejected", "header", "blank", "hidden", "furniture") for n in rows[kind]]
    assert sorted(n for first, last in numbers for n in range(first, last + 1)) == [1, 2, 3, 4, 5]


def test_headers_of_prizes_are_known_in_many_languages(desk: Desk) -> None:
    desk.do(
        "prizes",
        "import",
        desk.text("gewinne.csv", "Nr;Gewinn;Anzahl;Ersatz;Gruppe\n1;Fahrrad;1;2;\n2;Tasse;50;;alle\n"),
    )

    assert [(p.title, p.quantity, p.reserves, p.groups) for p in desk.draft.prizes] == [
        ("Fahrrad", 1, 2, ()),
        ("Tasse", 50, 0, ()),
    ]
    assert all(map(is_sheet_of_prizes, ("Prizes", "Gewinne", "景品", "Призы")))
    assert rank_of(fold("Sponsoren"), PrizeRole.SPONSOR) is not None


def test_a_row_of_prizes_that_cannot_be_used_refuses_the_plan_with_its_row(desk: Desk) -> None:
    plan = desk.text("plan.csv", "Prize,Quantity\nBike,1\nMug,many\nMug,5\n,3\n")
    error = desk.error("prizes", "import", plan, code=4)

    assert desk.draft.prizes == ()
    assert [text.partition(": ")[0] for text in error["problems"]] == [
        "plan.csv, row 3, column B",
        "plan.csv, row 4, column A",
        "plan.csv, row 5, column A",
    ]


def test_a_file_of_prizes_alone_is_not_taken_for_people(desk: Desk) -> None:
    error = desk.error("import", workbook(desk.files / "plan.xlsx", {"Prizes": PLAN}), code=3)

    assert "wheel-admin prizes import" in error["remedy"]


def test_a_missing_picture_refuses_the_plan_and_says_where_it_is_looked_for(desk: Desk) -> None:
    error = desk.error("prizes", "import", workbook(desk.files / "plan.xlsx", {"Prizes": PLAN}), code=3)

    assert "row 2" in error["message"]
    assert str(desk.files) in error["remedy"]
    assert desk.draft.prizes == ()


def test_a_picture_is_published_under_its_digest_or_refused(planned: Desk) -> None:
    planned.do("prizes", "set", "city-bike", "--picture", planned.text("bike.jpg", b"\xff\xd8\xff" + bytes(9)))
    bike = planned.draft.prizes[0]
    assert bike.picture.endswith(".jpg")
    assert planned.error("prizes", "set", "mug", "--picture", planned.text("x.png", "no picture"), code=3)

    (planned.home.snapshots / picture_name(bike.picture)).unlink()
    assert planned.error("publish", code=4)["problems"] == ["the picture of prize city-bike is missing or damaged"]


def test_prizes_are_added_changed_moved_and_removed_by_id(planned: Desk) -> None:
    planned.do("prizes", "add", "Größer Preis", "--quantity", "3", "--per-press", "3", "--group", "staff", "--at", "1")
    planned.do("prizes", "set", "mug", "--quantity", "40", "--title", "Cup", "--sponsor", "")
    planned.do("prizes", "move", "day-off", "1")
    planned.do("prizes", "remove", "city-bike")

    assert ids(planned) == ["day-off", "grosser-preis", "mug"]
    cup = planned.draft.prizes[2]
    assert (cup.title, cup.quantity, cup.per_press, cup.sponsor) == ("Cup", 40, 50, "")
    assert (
        planned.error("prizes", "remove", "bike", code=4)["remedy"]
        == "The draft's prizes are: day-off, grosser-preis, mug."
    )


def test_a_plan_that_is_read_again_keeps_the_ids_of_its_prizes(planned: Desk) -> None:
    planned.do("prizes", "set", "mug", "--title", "Big mug")
    plan = planned.text("plan.csv", "Prize,Quantity\nBig mug,60\nHat,1\n")
    assert planned.error("prizes", "import", plan, code=2)

    planned.do("prizes", "import", plan, "--replace")
    assert ids(planned) == ["mug", "hat"]


def test_a_group_that_no_entry_has_is_named_before_publishing(planned: Desk) -> None:
    answer = planned.do("prizes", "set", "day-off", "--group", "Staff")

    assert "prize day-off is for group 'Staff', which no entry has; there is 'staff'" in answer["warnings"]
    assert answer["warnings"] == planned.do("publish")["warnings"]


def test_the_rules_are_shown_in_words_and_changed_one_by_one(desk: Desk) -> None:
    desk.do("rules", "set", "--win-once", "prize", "--household-once", "--order", "free", "--names", "short")
    answer = desk.do("rules", "set", "--no-presence")

    assert answer["rules"]["win_once"] == "prize"
    assert answer["rules"]["household_once"] is True
    assert answer["rules"]["presence"] is False
    assert "A winner does not have to be there." in desk.run("rules").out
    assert desk.error("rules", "set", code=2)


def test_the_correction_of_a_typo_brings_no_winner_back(planned: Desk) -> None:
    """Publishing a corrected name once started the draw from nothing: everybody who had won could win again."""
    planned.do("publish")
    with room_of(planned) as room:
        room.adopt()
        bike_winner = room.spin()
        planned.do("entries", "rename", "T004", "Person Four")
        assert planned.do("publish")["standing"] == "correction"
        room.adopt()
        room.spin()
        event = read_ledger(planned.home).history.event
        assert event is not None
        assert event.spins == 2
        assert [award.place for award in event.awards if award.prize == "city-bike"] == [1]
        mugs = [award.ticket for award in event.awards if award.prize == "mug"]
        assert len(mugs) == 29
        assert bike_winner not in mugs


def test_a_prize_added_in_the_middle_leaves_drawn_places_drawn(planned: Desk) -> None:
    planned.do("publish")
    with room_of(planned) as room:
        room.adopt()
        winner = room.spin()
        planned.do("prizes", "add", "Late hat", "--at", "1", "--quantity", "2", "--per-press", "2")
        planned.do("publish")
        room.adopt()
        room.spin()
        event = read_ledger(planned.home).history.event
        assert event is not None
        assert event.holders["city-bike", 1].ticket == winner
        assert {("late-hat", 1), ("late-hat", 2)} <= event.holders.keys()


@pytest.mark.slow
def test_what_may_not_change_is_named_when_it_is_changed_with_the_way_that_is_open(planned: Desk) -> None:
    planned.do("publish")
    with room_of(planned) as room:
        room.adopt()
        winner = room.spin()
    quantity = planned.do("prizes", "set", "city-bike", "--quantity", "2")
    assert quantity["refused"] == [
        "prize city-bike has a drawn place: its quantity, reserves, per_press and groups are fixed"
    ]
    assert "wheel-admin prizes add" in quantity["way"]
    planned.do("prizes", "set", "city-bike", "--quantity", "1")
    assert "rules" in planned.do("rules", "set", "--win-once", "never")["refused"][0]
    planned.do("rules", "set", "--win-once", "event")
    planned.do("entries", "remove", winner)
    error = planned.error("publish", "--dry-run", code=4)
    assert f"ticket {winner} got a place" in error["problems"][0]
    assert "wheel-admin withdraw" in error["remedy"]
    assert "wheel-admin claim" in error["remedy"]
    shown = planned.run("prizes", "list")
    assert f"Publishing this would be refused: ticket {winner}" in shown.err
