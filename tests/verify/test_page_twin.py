"""The public page and verify_draw.py are two implementations of one verifier, and they agree.

`python -m tests.verify.page_twin` compares more evenings than these, and `make test-extended` a real browser.
"""

import json
import logging
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify import curve, odd_inputs
from tests.verify.acts import short, spun
from tests.verify.history import KIOSK, ORGANISER, OTHER_KIOSK, History
from tests.verify.list_parts import ENTRY_CHANGES, Change, prize
from tests.verify.manipulations import Stock, manipulated
from tests.verify.page_in_node import PageInNode, asked, difference, needs_node, packed, verifier_says
from tests.verify.page_twin import cases, compare
from tests.verify.test_keys import PEM, REFUSED_KEYS, odd_signatures
from tests.verify.test_rules import BROKEN, HONEST
from verify import verify_draw
from wheel_admin.publishing.public_page import page_script

pytestmark = needs_node
NAMED = {"kiosk": [KIOSK.id, short(OTHER_KIOSK.id)], "organiser": [ORGANISER.id]}


@pytest.fixture(scope="module")
def page() -> Iterator[PageInNode]:
    with PageInNode() as one:
        yield one


@pytest.mark.slow
@pytest.mark.parametrize("claim", HONEST)
def test_the_page_says_the_same_of_a_history_that_keeps_every_rule(page: PageInNode, claim: str) -> None:
    story = HONEST[claim]()
    assert isinstance(story, History)
    files = story.files_of_home()
    told = page.draw(files, **NAMED)
    assert told["report"]["verdict"] == "SIGNED"
    assert difference(told, verifier_says(files, **NAMED)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("claim", BROKEN)
def test_the_page_says_the_same_of_a_history_that_breaks_a_rule(page: PageInNode, claim: str) -> None:
    story = BROKEN[claim][0]()
    assert isinstance(story, History)
    story.checkpoint()
    files = story.files_of_home()
    told = page.draw(files, **NAMED)
    assert told["report"]["verdict"] == "BROKEN"
    assert difference(told, verifier_says(files, **NAMED)) == ""


@pytest.mark.parametrize("change", [change for change, _ in ENTRY_CHANGES.values()], ids=ENTRY_CHANGES)
def test_the_page_counts_the_same_entries_that_a_correction_changed(page: PageInNode, change: Change) -> None:
    story = spun(1)
    story.again(entries=change(story.list["entries"]))
    files = story.files_of_home()
    told = page.draw(files, **NAMED)
    assert any("the entries changed" in notice for notice in told["report"]["notices"])
    assert difference(told, verifier_says(files, **NAMED)) == ""


def test_the_page_says_the_same_of_manipulated_copies(page: PageInNode) -> None:
    stock, words = Stock(), set[str]()
    for number in range(400):
        done, files = manipulated(stock, random.Random(f"page {number}"))  # noqa: S311
        due = verifier_says(files, **NAMED)
        words.add(due["report"]["verdict"])
        assert difference(page.draw(files, **NAMED), due) == "", (number, done)
    assert words == {"BROKEN", "CONSISTENT", "SIGNED", "UNUSABLE"}


@pytest.mark.slow
def test_the_page_says_the_same_of_random_evenings_and_edited_copies(tmp_path: Path) -> None:
    logging.disable()
    try:
        words, wrong = compare(cases(25, 7, tmp_path))
    finally:
        logging.disable(logging.NOTSET)
    assert wrong == []
    assert {"BROKEN", "CONSISTENT", "SIGNED"} <= set(words)


def test_the_page_says_the_same_of_what_the_auditor_kept(page: PageInNode) -> None:
    story = spun(2, "dice")
    files = story.files_of_home()
    numbered = ([f"{story.anchor}@1", story.head], [f"{story.head}@1"], [f"{story.anchor}@2"], [f"{story.anchor}@x"])
    for kept in (
        *numbered,
        [],
        [story.anchor],
        [short(story.head)],
        [short(story.anchor), story.head],
        ["ab" * 32],
        ["too short"],
    ):
        options = {**NAMED, "seen": kept}
        assert difference(page.draw(files, **options), verifier_says(files, **options)) == "", kept


def test_the_page_says_the_same_whatever_keys_are_named(page: PageInNode) -> None:
    files = spun(1, "dice").files_of_home()
    typed = ("", "1234", KIOSK.id[:63], short(KIOSK.id)[:-1] + "*", "I" * 27)
    for options in ({}, {"kiosk": [KIOSK.id]}, {"organiser": [KIOSK.id]}, *({"kiosk": [one]} for one in typed)):
        assert difference(page.draw(files, **options), verifier_says(files, **options)) == "", options


@pytest.mark.slow
def test_the_page_takes_the_same_odd_bytes(page: PageInNode) -> None:
    stock = odd_inputs.Stock()
    for number in range(3000):
        kind, data, _, taken = odd_inputs.odd_input(stock, random.Random(f"page {number}"))  # noqa: S311
        if kind == "payload":
            continue  # its envelope is made inside; the next test wraps one
        assert page.call(kind, packed(data)) == taken, (number, kind, data)


@pytest.mark.slow
def test_the_page_takes_the_same_odd_payloads(page: PageInNode) -> None:
    stock = odd_inputs.Stock()
    for number in range(2000):
        chance = random.Random(f"payload {number}")  # noqa: S311
        payload = chance.choice(stock.payloads)
        whole = odd_inputs.wrapped(odd_inputs.made_odd(payload, chance), payload["format"])
        assert page.call("envelope", packed(whole)) == odd_inputs.verifier_reads_envelope(whole), (number, whole)


@pytest.mark.slow
def test_the_page_takes_the_same_odd_signatures(page: PageInNode) -> None:
    for key, message, signature in odd_signatures():
        told = page.call("signature", *map(packed, (key, message, signature)))
        assert told == verify_draw.signature_holds(key, message, signature), (key.hex(), signature.hex())


def test_the_page_refuses_the_same_keys(page: PageInNode) -> None:
    assert page.call("key", packed(ORGANISER.public))
    assert not any(page.call("key", packed(raw)) for raw in [*curve.small_encodings(), bytes(31), b"\xff" * 32])
    files = {f"trusted/{number}.pem": data for number, data in enumerate([*REFUSED_KEYS.values(), PEM])}
    told = page.draw(files)
    assert len(told["refused"]) == len(REFUSED_KEYS)


def test_the_page_says_the_same_of_what_was_given_up_left_out_or_withdrawn_late(page: PageInNode) -> None:
    story = spun(1, "dice")
    for anchor, text in ((story.anchor, "dice:6"), ("ab" * 32, "dice:7")):
        told = {"event": story.event, "snapshot": story.s, "anchor": anchor, "kiosk": KIOSK.id, "text": text}
        story.request("wheel-entropy/2", **told)  # type: ignore[arg-type]
    left_out = spun(3, "dice").checkpoints[-1]
    story.withdraw("E0001")
    kept = [story.anchor]
    story.again(entropy=["lottery:saturday"])
    story.entropy("lottery:saturday:1 2")
    story.restored(OTHER_KIOSK)
    story.press()
    story.checkpoints += [left_out, b'{"payloadType":"wheel-checkpoint/2",' + b" " * 70000 + b"\n"]
    files = story.files_of_home()
    for seen in ([], [*kept, story.head], [*kept, story.anchor, story.head, short(story.s)], [f"{story.s}@1"]):
        due = verifier_says(files, **NAMED, seen=seen)
        assert difference(page.draw(files, **NAMED, seen=seen), due) == ""
    notices = "; ".join(verifier_says(files, **NAMED, seen=[*kept, story.head])["report"]["notices"])
    told_of = ("not in this ledger", "not recorded before the next", "withdrawn after", "not here", "list's S")
    assert [one for one in told_of if one not in notices] == []


def test_the_page_reads_the_same_files_of_a_folder(page: PageInNode, tmp_path: Path) -> None:
    names = ["ledger.jsonl", "checkpoints.jsonl", "a/b/list.json", "names-1.json", "k.pem", "x.txt", "a/ledger.jsonl"]
    names += ["d/" * deep + "list.json" for deep in (verify_draw.DEEPEST, verify_draw.DEEPEST + 1)]
    for more in ([], ["kiosk/ledger.jsonl", "kiosk/checkpoints.jsonl"]):
        for name in (*names, *more):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        found = {path.relative_to(tmp_path).as_posix() for path in verify_draw.found_under(tmp_path)}
        assert set(page.call("under", [*names, *more])) == found


def test_the_page_stops_reading_a_flooded_folder_where_the_verifier_does(page: PageInNode, tmp_path: Path) -> None:
    sizes = {f"snapshots/{number:03}.json": verify_draw.LARGEST_LIST for number in range(20)}
    sizes |= {"kiosk/adopted/list.json": 10, "kiosk/requests/large.json": verify_draw.LARGEST_LIST + 1}
    for name, size in sizes.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    due = [str(Path(name).relative_to(tmp_path)) for name in verify_draw.files_under([tmp_path]).refused]
    assert len(due) < len(sizes)
    assert set(page.call("sized", sorted(sizes.items()))) == set(due)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "limit"), [("trusted/a.pem", "LARGEST_KEY"), ("snapshots/1.json", "LARGEST_LIST")])
def test_the_page_has_the_verifiers_limits(page: PageInNode, name: str, limit: str) -> None:
    most = getattr(verify_draw, limit)
    reasons = [page.draw({name: bytes(size)})["refused"][0][1] for size in (most, most + 1)]
    assert [reason.startswith("larger") for reason in reasons] == [False, True]


def test_every_constant_and_table_of_the_page_is_the_verifiers(page: PageInNode) -> None:
    script = page_script()
    for lines in (verify_draw.MESSAGES, verify_draw.RECORDS):
        for name, kinds in lines.items():
            found = next(line.split() for line in script.splitlines() if line.split()[:1] == [name])
            assert [one.split(":")[0] for one in found[1:]] == list(kinds), name
    assert f"CHAIN_LENGTH = {verify_draw.CHAIN_LENGTH}" in script


def test_the_page_says_what_a_ticket_won(page: PageInNode) -> None:
    story = History().begin(prizes=[prize("mugs", 2, 1, 2)], entropy=[])
    first, second = story.press()
    (waiting,) = story.press()
    nobody = next(one["ticket"] for one in story.pool("mugs") if one["ticket"] not in {first, second, waiting})

    def told(ticket: str, event: str = "") -> list[str]:
        files = {name: packed(data) for name, data in story.files_of_home().items()}
        said: list[str] = page.call("result", files, asked(**NAMED), event or story.event, ticket)
        return said

    verdict = f"The verdict on the draw is: SIGNED up to record {len(story.lines)}, event open."
    assert told(first) == ["Won: Mugs, place 1 (held).", verdict]
    assert told(waiting)[0] == "Reserve 1 of Mugs (held)."
    assert told(nobody)[0] == "This ticket has won nothing so far."
    story.claim("mugs", 1, "absent")
    story.claim("mugs", 2, "confirmed")
    story.withdraw(nobody)
    assert told(first)[0] == "This ticket was drawn for Mugs, and its place fell free."
    assert told(second)[0] == "Won: Mugs, place 2 (confirmed)."
    assert told(waiting)[0] == "Won: Mugs, place 1 (held)."
    assert told(nobody)[0] == "This ticket was withdrawn."
    assert told(first, "0" * 16) == ["These files hold no draw of this event."]
    story.lines[-1] = story.lines[-1].replace(b"asked", b"asket")
    assert told(first) == ["The files of the draw are BROKEN, so they give no result."]


@pytest.mark.slow
def test_a_difference_between_the_two_would_be_noticed(page: PageInNode) -> None:
    files = spun(1, "dice").files_of_home()
    due = verifier_says(files, **NAMED)
    for changed in ({"level": "public"}, {"verdict": "SIGNED", "sentence": "SIGNED"}, {"notices": ["x"]}):
        told = json.loads(json.dumps(page.draw(files, **NAMED)))
        told["report"] |= changed
        assert difference(told, due) != "", changed
