"""`wheel-admin certificate`: a page that runs nothing, fetches nothing, and says what the ledger says."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.snapshot.model import Entry
from tests.support import snapshot
from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.test_messages import Room
from wheel_admin.commands.results.certificate import page_of
from wheel_admin.ledger_report.ledger_view import Draw

ROOT = Path(__file__).resolve().parents[2]
EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """What is on a page: its tags, its attributes, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def draw(**changes: object) -> Draw:
    fields: dict[str, object] = {
        "at": "2026-05-04T09:30:00.125Z",
        "generation": 42,
        "snapshot": "a" * 64,
        "spin": 3,
        "mode": "natural",
        "ticket": "E0001",
        "shown": True,
        "seq": 17,
    }
    return Draw(**fields | changes)  # type: ignore[arg-type]


def assert_harmless(page: str) -> Page:
    seen = Page(page)
    assert not set(seen.tags) & {"script", "img", "link", "iframe", "object", "embed", "form", "svg", "a", "base"}
    assert {name for name, _ in seen.attributes} <= {"lang", "charset", "http-equiv", "content", "class", "dir"}
    assert "url(" not in page
    assert "@import" not in page
    return seen


def test_everything_that_people_wrote_is_escaped() -> None:
    people = (Entry(ticket=EVIL[:40], name=EVIL), Entry(ticket="T2", name="x"))
    content = snapshot(people=people, title=EVIL)
    page = page_of(
        draw(ticket=EVIL[:40], mode="fixed", reason=EVIL, fallback=EVIL, entropy=f"audience:{EVIL}"),
        content,
        record_hash="b" * 64,
    )

    seen = assert_harmless(page)
    assert seen.text.count(EVIL) >= 4


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_name_and_no_reason_adds_anything_to_the_page(name: str, reason: str) -> None:
    content = snapshot(people=(Entry(ticket="E0001", name=name),))

    assert_harmless(page_of(draw(mode="fixed", reason=reason), content, record_hash="b" * 64))


def test_the_page_says_what_was_set_beforehand_and_how_far_the_entropy_convinces() -> None:
    content = snapshot()
    fixed = Page(page_of(draw(mode="fixed", reason="a notary's draw"), content, record_hash="b" * 64)).text
    public = Page(
        page_of(draw(entropy="lottery:1 2 3", entropy_counts=True, absent=True), content, record_hash="b" * 64)
    ).text
    too_early = Page(page_of(draw(entropy="lottery:1 2 3"), content, record_hash="b" * 64)).text

    assert "set beforehand by the organiser" in fixed
    assert "a notary's draw" in fixed
    assert "public: anybody can look the entropy up" in public
    assert "not in the room" in public
    assert "sealed:" in too_early


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    desk.do("import", desk.workbook("p.xlsx", [("Ticket", "Name"), *((f"T{n}", f"Jane {n}") for n in range(5))]))
    desk.do("publish")
    room = Room(desk)
    room.adopt()
    room.spin()
    room.spin()
    room.ledger.close()
    return desk


def test_the_commands_on_the_page_do_what_the_page_says(drawn: Desk) -> None:
    path = drawn.files / "c.html"
    answer = drawn.do("certificate", "--spin", "1", "-o", path)
    page = Page(path.read_text("utf-8")).text
    commands = [line for line in page.splitlines() if line.startswith(("python3 ", "sed "))]
    commands = [
        one.replace("python3", sys.executable).replace("verify_", f"{ROOT}/tools/verify/verify_") for one in commands
    ]

    said = [
        subprocess.run(["sh", "-c", one], cwd=drawn.home.root, capture_output=True, text=True, check=True).stdout
        for one in commands
    ]

    assert answer["spin"] == 1
    assert len(said) == 4
    assert said[0].split()[0] in page
    assert said[1].split()[0] in page
    assert said[2].endswith("\nVERIFIED\n")
    assert said[3].endswith("\nSIGNED\n")
    assert next(line for line in said[2].splitlines() if line.startswith("1 1 ")) in page


def test_without_a_spin_there_is_no_certificate(desk: Desk, drawn: Desk) -> None:
    assert "No spin 9 of generation 1" in drawn.error("certificate", "--spin", "9", code=4)["message"]
