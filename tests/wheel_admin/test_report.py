"""The report of an evening: everything that happened, in words that add up, and nothing that a page could run."""

import os
import re

import msgspec
import pytest
from openpyxl import load_workbook

from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of
from wheel_admin.cli.wording import rules_in_words
from wheel_admin.draft import DEFAULT_RULES

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def evening(desk: Desk) -> Desk:
    """A desk after an evening: hats with a reserve, a bike, an absence with a promotion, a redraw, a correction."""
    rows = "".join(f"T{n:02d},Person Number{n},{'staff' if n % 2 else 'guest'}\n" for n in range(12))
    desk.do("import", desk.text("people.csv", f"Ticket,Name,Group\n{rows}T99,Eve {EVIL},guest\n"))
    desk.do("prizes", "add", "Hat", "--quantity", "2", "--reserves", "1", "--per-press", "2", "--group", "staff")
    desk.do("prizes", "add", "Bike", "--sponsor", "Corner & Sons")
    desk.do("publish", "--yes")
    with room_of(desk, random_bytes=os.urandom) as room:
        room.adopt()
        for _ in range(3):
            room.spin()
        desk.do("claim", "hat", "1", "absent")
        assert room.look() == [None]
        desk.do("claim", "hat", "2", "confirmed")
        desk.do("claim", "bike", "1", "declined")
        assert set(room.look()) == {None}
        desk.do("entries", "rename", "T03", "Person Three")
        desk.do("publish", "--yes")
        room.adopt()
        room.spin()
    return desk


@pytest.mark.slow
def test_the_places_of_every_prize_add_up(evening: Desk) -> None:
    answer = evening.do("report", "-o", evening.files / "report.html")

    assert [tuple(account.values()) for account in answer["accounts"]] == [
        ("hat", "Hat", 3, 1, 1, 0, 0, 1),
        ("bike", "Bike", 1, 1, 0, 0, 0, 0),
    ]
    assert answer["verdict"]["sentence"].startswith("SIGNED up to record")


@pytest.mark.slow
def test_the_report_tells_what_happened_in_order_with_times(evening: Desk) -> None:
    evening.do("report", "-o", evening.files / "report.html")
    page = (evening.files / "report.html").read_text()
    timeline = page.partition("What happened, in order")[2].partition("<h2>")[0]

    for told in (
        "the first list is on the wheel: generation 1",
        "Hat, places 1-2: ",
        "pool: 6 entries",
        "moves up",
        "declined (by signed request); the place is open again",
        "a corrected list is on the wheel: generation 2",
        "Bike, place 1 (place 1 drawn again): ",
    ):
        assert told in timeline, told
    assert re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", timeline)
    assert "Whoever has won a place wins no other one in this event." in page
    assert "13 read = 13 accepted + 0 rejected" in page
    assert "people.csv" in page
    assert "verify_draw.py COPY --kiosk KEYID" in page
    assert page.count("Signature") == 3


@pytest.mark.slow
def test_the_page_needs_nothing_and_runs_nothing(evening: Desk) -> None:
    evening.do("report", "-o", evening.files / "report.html")
    page = (evening.files / "report.html").read_text()

    assert "default-src 'none'" in page
    assert not re.search(r"<script|<img|<link|\bsrc=|\bhref=|@import|url\(", page)


@pytest.mark.slow
def test_short_cells_and_hashes_are_not_broken_into_lines(evening: Desk) -> None:
    evening.do("report", "-o", evening.files / "report.html")
    page = (evening.files / "report.html").read_text()

    assert '<td class="short" dir="auto">confirmed</td>' in page
    assert re.search(r'<td class="short" dir="auto">\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d</td>', page)
    assert len(re.findall("<code>[0-9a-f]{64}</code>", page)) == len(re.findall("[0-9a-f]{64}", page)) > 4


@pytest.mark.slow
@pytest.mark.parametrize(("redact", "told"), [("short", r"Person N\."), ("ticket", "")])
def test_a_report_for_publication_has_no_full_name(evening: Desk, redact: str, told: str) -> None:
    files = evening.files
    evening.do("report", "-o", files / "r.html", "--xlsx", files / "r.xlsx", "--redact", redact)
    book = load_workbook(files / "r.xlsx")
    texts = (files / "r.html").read_text() + " ".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    )

    assert not re.search(r"Person (?:Number|Three)", texts)
    assert "people.csv" not in texts
    assert re.search(told, texts)


@pytest.mark.slow
def test_the_workbook_has_winners_places_draws_and_what_happened(evening: Desk) -> None:
    evening.do("report", "-o", evening.files / "r.html", "--xlsx", evening.files / "r.xlsx")
    book = load_workbook(evening.files / "r.xlsx")

    assert book.sheetnames == ["Summary", "Winners", "Places", "Draws", "Happened"]
    places = list(book["Places"].iter_rows(min_row=2, values_only=True))
    assert all(row[1] == sum(row[2:7]) and row[7] == "yes" for row in places)
    assert len(list(book["Winners"].iter_rows(min_row=2))) == 3


@pytest.mark.parametrize(
    ("win_once", "said"),
    [("event", "as households are on the list now."), ("never", "Of a household one entry at most wins in one press.")],
)
def test_the_rules_say_which_household_is_out(win_once: str, said: str) -> None:
    rules = msgspec.structs.replace(DEFAULT_RULES, win_once=win_once, household_once=True)
    assert any(sentence.endswith(said) for sentence in rules_in_words(rules, prizes=True))


@pytest.mark.slow
def test_a_report_of_an_event_that_is_not_known_names_those_that_are(evening: Desk) -> None:
    error = evening.error("report", "--event", "f" * 16, code=4)

    assert evening.draft.event.id in error["remedy"]


@pytest.mark.slow
def test_the_report_of_a_simple_wheel_counts_freed_places_as_spent(desk: Desk) -> None:
    for number in range(4):
        desk.do("entries", "add", f"T{number}", EVIL)
    desk.do("publish", "--yes")
    with room_of(desk) as room:
        room.adopt()
        room.spin()
        desk.do("absent")
        room.look()
        room.spin()
    answer = desk.do("report", "-o", desk.files / "r.html")

    assert [tuple(account.values()) for account in answer["accounts"]] == [("", "", 2, 1, 0, 0, 0, 1)]
    assert "<script" not in (desk.files / "r.html").read_text()


@pytest.mark.slow
def test_the_report_repeats_what_the_verifier_lists(evening: Desk) -> None:
    answer = evening.do("report", "-o", evening.files / "r.html", "--xlsx", evening.files / "r.xlsx")
    page = (evening.files / "r.html").read_text()
    summary = dict(load_workbook(evening.files / "r.xlsx")["Summary"].iter_rows(values_only=True))

    listed = [tuple(one) for one in answer["verdict"]["listed"]]
    adopts = [value for name, value in listed if name == "Adopt"]
    assert [value.partition(",")[0].split(": ")[1].split()[0] for value in adopts] == ["new", "correction"]
    assert adopts[1].endswith("generation 2 (0 skipped), 3 spins under the anchor before")
    assert ("Freed by request", "2") in listed
    assert all(value in page for _, value in listed)
    assert summary["Adopt"] == adopts[1]
    assert "sealed: you trust whoever runs the kiosk" in page.partition("<h2>Draws")[2].partition("<h2>")[0]


@pytest.mark.slow
def test_the_report_prints_what_a_prize_and_a_winner_were_called_at_the_draw(evening: Desk) -> None:
    ticket = evening.do("draws")["draws"][0]["draw"]["ticket"]
    evening.do("prizes", "set", "hat", "--title", "Umbrella")
    evening.do("entries", "rename", ticket, "Somebody Else")
    evening.do("publish", "--yes")
    with room_of(evening, random_bytes=os.urandom) as room:
        room.adopt()
    evening.do("report", "-o", evening.files / "r.html")
    page = (evening.files / "r.html").read_text()

    winners = page.partition("<h2>Winners")[2].partition("<h2>")[0]
    assert "Hat" in winners
    assert "Umbrella" not in winners
    assert "is now &#x27;Umbrella&#x27;" in page
