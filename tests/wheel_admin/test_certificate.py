"""`wheel-admin certificate`: a page that runs nothing, fetches nothing, and says what the ledger says."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import entries, named, snapshot
from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of
from wheel_admin.commands.results.certificate import page_of
from wheel_admin.ledger_report.ledger_view import Draw
from wheel_admin.publishing.known_keys import kiosk_in
from wheel_admin.publishing.signing_key import load_signing_key

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
        "event": "0123456789abcdef",
        "generation": 42,
        "snapshot": "a" * 64,
        "spin": 3,
        "prize": "",
        "place": 3,
        "place_now": 3,
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
    ticket = EVIL[:40]
    people = (msgspec.structs.replace(entries(1)[0], ticket=ticket), entries(2)[1])
    content = snapshot(people=people, title=EVIL)
    page = page_of(
        draw(ticket=ticket, mode="fixed", reason=EVIL, fallback=EVIL, entropy=(f"audience:{EVIL}",), prize=EVIL),
        content,
        {ticket: EVIL},
        record_hash="b" * 64,
    )

    seen = assert_harmless(page)
    assert seen.text.count(EVIL) >= 4


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_name_and_no_reason_adds_anything_to_the_page(name: str, reason: str) -> None:
    page = page_of(draw(mode="fixed", reason=reason), snapshot(), {"E0001": name}, record_hash="b" * 64)

    assert_harmless(page)


def text_of(**changes: object) -> str:
    content = snapshot()
    return Page(page_of(draw(**changes), content, named(content.entries), record_hash="b" * 64)).text


def test_the_page_says_what_was_predetermined_and_how_far_the_entropy_convinces() -> None:
    fixed = text_of(mode="fixed", reason="a notary's draw")
    assert "predetermined by the organiser" in fixed
    assert "a notary's draw" in fixed
    assert "sealed" not in fixed
    assert "sealed: you trust whoever runs the kiosk" in text_of()
    drand = text_of(entropy=(f"drand:quicknet:1000:{'ab' * 48}",))
    assert "public, if you kept the anchor before its public text; drand round unchecked" in drand
    assert "live, if you were there" in text_of(entropy=("dice:1.2.3",))
    assert "public, if you kept" in text_of(entropy=("dice:1.2.3", "lottery:6aus49:1 2 3"))


def test_the_page_says_what_became_of_the_place() -> None:
    assert "absent: it was freed again" in text_of(state="absent")
    assert "moved up to place 1" in text_of(prize="mugs", place_now=1)
    assert "The place" not in text_of()


def test_a_page_without_names_shows_the_ticket() -> None:
    text = Page(page_of(draw(), snapshot(), {}, record_hash="b" * 64)).text
    assert "Ticket E0001" in text
    assert "(the name is not kept here)" in text


def test_the_page_names_no_key_to_trust() -> None:
    """A forger prints a page as well: the ids have to come from somewhere else."""
    text = text_of()
    assert "--kiosk KEYID --organiser KEYID" in text
    assert "They are not on this page" in text


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    desk.do("import", desk.workbook("p.xlsx", [("Ticket", "Name"), *((f"T{n}", f"Jane {n}") for n in range(5))]))
    desk.do("publish")
    with room_of(desk) as room:
        room.adopt()
        room.spin()
        room.spin()
    return desk


@pytest.mark.slow
def test_the_commands_on_the_page_do_what_the_page_says(drawn: Desk) -> None:
    path = drawn.files / "c.html"
    answer = drawn.do("certificate", "--spin", "1", "-o", path)
    page = Page(path.read_text("utf-8")).text
    commands = [line for line in page.splitlines() if line.startswith(("python3 ", "sed "))]
    keys = load_signing_key(drawn.home).public.keyid, kiosk_in(drawn.home)
    verifier = f"{ROOT}/tools/verify/verify_draw.py"
    commands = [
        one.replace("python3", sys.executable)
        .replace("verify_draw.py", verifier)
        .replace("--kiosk KEYID --organiser KEYID", f"--kiosk {keys[1]} --organiser {keys[0]}")
        for one in commands
    ]

    said = [
        subprocess.run(["sh", "-c", one], cwd=drawn.home.root, capture_output=True, text=True, check=True).stdout
        for one in commands
    ]

    assert (answer["spin"], answer["place"]) == (1, 1)
    assert len(said) == 3
    assert said[0].split()[0] in page
    assert said[1].split()[0] in page
    assert said[2].splitlines()[-1].startswith("SIGNED up to record ")
    (line,) = (line for line in said[2].splitlines() if ": spin 1 of event " in line)
    assert repr(answer["ticket"]) in line
    assert line.startswith(page.partition("begins with\n")[2].partition(", and end")[0])


def test_a_certificate_is_of_the_last_spin_unless_another_one_is_named(drawn: Desk) -> None:
    assert drawn.do("certificate", "-o", drawn.files / "c.html")["spin"] == 2


@pytest.mark.slow
def test_without_a_spin_there_is_no_certificate(drawn: Desk) -> None:
    assert "No spin 9 was shown" in drawn.error("certificate", "--spin", "9", code=4)["message"]
    assert "was shown" in drawn.error("certificate", "--event", "f" * 16, code=4)["message"]
