"""The public page in Chromium, from a file and from web servers: it says what verify_draw.py says and sends nothing."""

import json
import logging
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.snapshot.envelope import unsealed
from kiosk.snapshot.model import FORMAT, Snapshot, decode
from tests.support import KEY
from tests.verify.acts import short
from tests.verify.history import KIOSK, ORGANISER, History, sha
from tests.verify.list_parts import prize
from tests.verify.page_in_node import asked, needs_node, verifier_says, without_reasons
from tests.verify.page_twin import cases, compare
from wheel_admin.publishing.manifest import receipt_for, signed_manifest
from wheel_admin.publishing.public_page import PAGE_NAME, public_page

pytest.importorskip("selenium")

from tests.extended.page_in_chromium import ELSEWHERE, Browser, Served, programs

EVENINGS = 50
EVENINGS_IN_NODE = 500
SECRET = bytes(32)
NAMED = asked(kiosk=[short(KIOSK.id)], organiser=[ORGANISER.id])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = programs()
    if found is None:
        pytest.skip("apt-get install chromium chromium-driver")
    one = Browser(*found)
    yield one
    one.close()


@pytest.fixture
def story() -> History:
    """An evening of two winners and a reserve, live."""
    made = History().begin(prizes=[prize("mugs", 2, 1, 2)], entropy=["dice"])
    made.entropy("dice:3.1.6")
    made.press()
    made.press()
    return made


def list_of(story: History) -> tuple[str, Snapshot]:
    """Return S and the list of a story."""
    data = next(one for one in story.files.values() if b'"wheel-snapshot/2"' in one)
    payload = b64decode(json.loads(data)["payload"])
    return sha(payload), decode(unsealed(data, payload_types=(FORMAT,)).payload)


@pytest.fixture
def page(story: History, tmp_path: Path) -> Path:
    """The page for the story's list; the story's home is beside it."""
    s, content = list_of(story)
    path = tmp_path / "site" / PAGE_NAME
    path.parent.mkdir()
    path.write_bytes(public_page(signed_manifest(content, s, SECRET, key=KEY), KEY.public, title="Summer party"))
    story.write(tmp_path / "home")
    return path


def test_the_page_says_what_the_verifier_says_of_random_evenings(browser: Browser, page: Path, tmp_path: Path) -> None:
    browser.open(page.as_uri())
    words = set()
    logging.disable()
    try:
        for number, (files, options) in enumerate(cases(EVENINGS, 3, tmp_path / "evenings")):
            home = tmp_path / "homes" / f"{number}"
            for name, data in files.items():
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                (home / name).write_bytes(data)
            due = verifier_says(files, **options)
            browser.choose_folder(home)
            told = browser.check_draw(options)
            words.add(due["report"]["verdict"])
            if due["report"]["verdict"] in {"BROKEN", "UNUSABLE"}:
                assert told[-1].startswith(due["report"]["verdict"]), (number, told, due)
            else:
                assert without_reasons(told) == without_reasons(due["lines"]), number
    finally:
        logging.disable(logging.NOTSET)
    assert {"BROKEN", "CONSISTENT", "SIGNED", "WITNESSED"} <= words


@needs_node
def test_the_pages_script_in_node_says_the_same_of_many_more(tmp_path: Path) -> None:
    logging.disable()
    try:
        words, wrong = compare(cases(EVENINGS_IN_NODE, 4, tmp_path))
    finally:
        logging.disable(logging.NOTSET)
    assert wrong == []
    assert sum(words.values()) == 2 * EVENINGS_IN_NODE


def test_a_folder_that_is_dropped_reads_like_one_that_is_chosen(browser: Browser, page: Path, story: History) -> None:
    browser.open(page.as_uri())
    home = page.parent.parent / "home"
    due = verifier_says(story.files_of_home(), **NAMED)["lines"]
    assert due[-1].startswith("SIGNED")
    browser.choose_folder(home)
    assert browser.check_draw(NAMED) == due
    browser.drop(home)
    assert browser.check_draw(NAMED) == due
    browser.drop(*(path for path in home.rglob("*") if path.is_file()))
    assert browser.check_draw(NAMED) == due


def test_a_ticket_is_included_and_after_the_draw_has_its_result(browser: Browser, page: Path, story: History) -> None:
    s, content = list_of(story)
    winner = story.places[story.event, "mugs", 1][0]
    code = receipt_for(content, s, winner, SECRET).code
    group = next(one.group for one in content.entries if one.ticket == winner)
    browser.open(page.as_uri())
    verdict, why = browser.check_ticket(ticket=winner, code=code, group=group, keyid=short(KEY.public.keyid))
    assert verdict == "INCLUDED AND SIGNED"
    assert "After the draw" in why
    browser.choose_folder(page.parent.parent / "home")
    browser.check_draw(NAMED)
    assert "Won: Mugs, place 1 (held)." in browser.check_ticket()[1]


def test_the_page_works_from_a_web_server_and_sends_nothing(browser: Browser, page: Path, story: History) -> None:
    with Served(page.parent).running() as served:
        browser.open(f"http://localhost:{served.port}/{PAGE_NAME}")
        browser.choose_folder(page.parent.parent / "home")
        assert browser.check_draw(NAMED) == verifier_says(story.files_of_home(), **NAMED)["lines"]
        assert set(served.asked) <= {f"/{PAGE_NAME}", "/favicon.ico"}


def test_without_https_the_page_says_that_it_checked_no_signature(browser: Browser, page: Path, story: History) -> None:
    with Served(page.parent).running() as served:
        browser.open(f"http://{ELSEWHERE}:{served.port}/{PAGE_NAME}")
        browser.choose_folder(page.parent.parent / "home")
        told = browser.check_draw(NAMED)
    assert told[-1] == "CONSISTENT"
    assert any(line.startswith("not SIGNED: NO SIGNATURE WAS CHECKED") for line in told)


def test_the_pages_policy_forbids_every_request(browser: Browser, page: Path) -> None:
    with Served(page.parent).running() as served:
        browser.open(page.as_uri())
        address = f"http://localhost:{served.port}/x"
        told = browser.run(
            "const image = new Promise((done) => { const one = new Image(); one.onerror = () => done('refused');"
            "  one.onload = () => done('loaded'); one.src = arguments[0]; });"
            "return Promise.all([fetch(arguments[0]).then(() => 'sent', () => 'refused'), image])",
            address,
        )
        assert told == ["refused", "refused"]
        assert served.asked == []


def test_no_error_is_in_the_browsers_console(browser: Browser, page: Path) -> None:
    browser.open(page.as_uri())
    browser.driver.get_log("browser")
    browser.open(page.as_uri())
    browser.choose_folder(page.parent.parent / "home")
    browser.check_draw(NAMED)
    assert [one for one in browser.driver.get_log("browser") if one["level"] == "SEVERE"] == []
