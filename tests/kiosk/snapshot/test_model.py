"""What a list may hold: every rule is named, and every limit can be reached."""

import msgspec
import pytest

from kiosk.core.canonical import NotCanonical
from kiosk.core.errors import SnapshotMalformed
from kiosk.draw.modes import NATURAL_STEP, Spins, Step, fixed, fixed_step, mixed
from kiosk.snapshot.model import (
    MAX_ENTRIES,
    MAX_GENERATION,
    MAX_GROUP,
    MAX_GROUPS,
    MAX_HOUSEHOLD,
    MAX_PER_PRESS,
    MAX_PRIZES,
    MAX_QUANTITY,
    MAX_REASON,
    MAX_RESERVES,
    MAX_STEPS,
    MAX_TICKET,
    MAX_TITLE,
    MAX_WEIGHT,
    Entry,
    Snapshot,
    Source,
    SourceFile,
    decode,
    encode,
    problems,
)
from kiosk.snapshot.sample import SAMPLE
from tests.kiosk.snapshot.lists import altered, steps, with_entry, with_event, with_prize
from tests.support import entries, prize, rules, snapshot


@pytest.mark.parametrize(
    "content",
    [
        snapshot(),
        snapshot(people=1),
        snapshot(MAX_GENERATION, people=MAX_ENTRIES),
        snapshot(spins=fixed("E0003", "notary's draw")),
        snapshot(spins=mixed(NATURAL_STEP, fixed_step("E0003", "rehearsal"), then="repeat")),
        snapshot(people=entries(2, weights=[MAX_WEIGHT, 1]), title="عيد سعيد 🎉"),
        snapshot(prizes=(prize("grand"), prize("mugs", 3, reserves=2, per_press=3, groups=("x",)))),
        snapshot(entropy=("dice", "drand:quicknet:7")),
        altered(source=Source((SourceFile("0" * 64, 3),), 2, 1)),
        SAMPLE.snapshot,
    ],
    ids=["ten", "one", "3000", "fixed", "mixed", "weights", "prizes", "entropy", "source", "sample"],
)
def test_decode_gives_back_what_was_encoded(content: Snapshot) -> None:
    assert decode(encode(content)) == content


@pytest.mark.parametrize(
    "content",
    [
        altered(generation=MAX_GENERATION, previous="a" * 64),
        with_event(title="t" * MAX_TITLE),
        with_entry(ticket="t" * MAX_TICKET),
        with_entry(group="g" * MAX_GROUP),
        with_entry(weight=MAX_WEIGHT, household=MAX_HOUSEHOLD),
        snapshot(people=MAX_ENTRIES),
        snapshot(spins=mixed(*[NATURAL_STEP] * MAX_STEPS, then="stop")),
        snapshot(spins=fixed("E0001", "r" * MAX_REASON)),
        with_prize(quantity=MAX_QUANTITY, reserves=MAX_RESERVES, per_press=MAX_PER_PRESS),
        with_prize(title="t" * MAX_TITLE, sponsor="s" * MAX_TITLE, picture="0" * 64 + ".webp"),
        with_prize(groups=tuple(f"g{number}" for number in range(MAX_GROUPS))),
        snapshot(prizes=tuple(prize(f"p-{number}") for number in range(MAX_PRIZES))),
    ],
    ids=[
        "generation",
        "title",
        "ticket",
        "group",
        "weight",
        "entries",
        "steps",
        "reason",
        "places",
        "texts",
        "groups",
        "prizes",
    ],
)
def test_a_list_at_a_limit_is_allowed(content: Snapshot) -> None:
    assert problems(content) == []


PROMISE = rules(predetermined=False)
NO_STEPS = "spins of mode {} have no steps and nothing that follows"
WRONG_PREVIOUS = "previous is not a SHA-256 in lowercase hex, or there is one before generation 1"
WRONG_SOURCE = "source file 1: its SHA-256 or its number of rows is wrong"
BROKEN = [
    (snapshot(MAX_GENERATION + 1), "generation 1000000 is outside 0..999999"),
    (altered(generation=-1), "generation -1 is outside 0..999999"),
    (with_event(title="t" * (MAX_TITLE + 1)), "the title has 121 characters, at most 120 are allowed"),
    (with_event(title=""), "the title is missing"),
    (with_event(id="0123456789ABCDEF"), "the event's id is not 16 lowercase hex digits"),
    (with_event(id=""), "the event's id is not 16 lowercase hex digits"),
    (altered(names=""), "names is not a SHA-256 in lowercase hex"),
    (altered(generation=2), WRONG_PREVIOUS),
    (altered(previous="a" * 64), WRONG_PREVIOUS),
    (altered(generation=2, previous="latest"), WRONG_PREVIOUS),
    (altered(created_at="yesterday"), "created_at is not a time in UTC like 2026-05-04T09:30:00.125Z"),
    (altered(created_at="2026-02-30T09:30:00Z"), "created_at is not a time in UTC like 2026-05-04T09:30:00.125Z"),
    (altered(entropy=("dice", "dice")), "the public entropy, item 2: dice is named twice"),
    (altered(entries=()), "the list has no entries"),
    (snapshot(people=MAX_ENTRIES + 1), "the list has 3001 entries, at most 3000 are allowed"),
    (with_entry(ticket="t" * (MAX_TICKET + 1)), "entry 1: the ticket has 41 characters, at most 40 are allowed"),
    (with_entry(ticket=""), "entry 1: the ticket is missing"),
    (with_entry(group="g" * 41), "entry 1 (E0001): the group has 41 characters, at most 40 are allowed"),
    (with_entry(group=" x"), "entry 1 (E0001): the group begins or ends with white space"),
    (with_entry(weight=0), "entry 1 (E0001): weight 0 is outside 1..1000000"),
    (with_entry(weight=-5), "entry 1 (E0001): weight -5 is outside 1..1000000"),
    (with_entry(weight=MAX_WEIGHT + 1), "entry 1 (E0001): weight 1000001 is outside 1..1000000"),
    (with_entry(household=-1), "entry 1 (E0001): household -1 is outside 0..999999"),
    (with_entry(household=MAX_HOUSEHOLD + 1), "entry 1 (E0001): household 1000000 is outside 0..999999"),
    (with_entry(ticket="E0003"), "entry 3: ticket E0003 is already entry 1"),
    (with_prize(id=""), "prize 1: the id is not 1 to 40 of a-z, 0-9 and hyphen"),
    (with_prize(id="Grand"), "prize 1: the id is not 1 to 40 of a-z, 0-9 and hyphen"),
    (with_prize(id="x" * 41), "prize 1: the id is not 1 to 40 of a-z, 0-9 and hyphen"),
    (snapshot(prizes=(prize("a"), prize("b"), prize("a"))), "prize 3: the id a is already that of prize 1"),
    (with_prize(title=""), "prize 1: the title is missing"),
    (with_prize(sponsor=" x"), "prize 1: the sponsor begins or ends with white space"),
    (with_prize(picture="grand.png"), "prize 1: the picture is not a SHA-256 and .png, .jpg or .webp"),
    (with_prize(picture="0" * 64), "prize 1: the picture is not a SHA-256 and .png, .jpg or .webp"),
    (with_prize(groups=("x", "x")), "prize 1: a group is named twice"),
    (with_prize(groups=("",)), "prize 1: the group is missing"),
    (with_prize(quantity=0), "prize 1: quantity 0 is outside 1..3000"),
    (with_prize(quantity=MAX_QUANTITY + 1), "prize 1: quantity 3001 is outside 1..3000"),
    (with_prize(reserves=-1), "prize 1: reserves -1 is outside 0..200"),
    (with_prize(reserves=MAX_RESERVES + 1), "prize 1: reserves 201 is outside 0..200"),
    (with_prize(per_press=0), "prize 1: per_press 0 is outside 1..200"),
    (with_prize(per_press=MAX_PER_PRESS + 1), "prize 1: per_press 201 is outside 1..200"),
    (
        snapshot(prizes=tuple(prize(f"p-{number}") for number in range(MAX_PRIZES + 1))),
        "the list has 201 prizes, at most 200 are allowed",
    ),
    (steps(), "the mixed list has 0 steps, 1 to 1000 are allowed"),
    (steps(*[NATURAL_STEP] * 1001), "the mixed list has 1001 steps, 1 to 1000 are allowed"),
    (steps(NATURAL_STEP, then=""), "the mixed list does not say what follows its last step"),
    (steps(Step("natural", "E0001", "")), "step 1 is natural, and names a ticket or a reason"),
    (
        snapshot(spins=Spins("natural", "", "", (), "stop")),
        "spins of mode natural have no steps and nothing that follows",
    ),
    (
        snapshot(spins=Spins("fixed", "E0001", "why", (NATURAL_STEP,), "")),
        NO_STEPS.format("fixed"),
    ),
    (snapshot(spins=Spins("natural", "E0001", "", (), "")), "spins of mode natural name no ticket and no reason"),
    (snapshot(spins=fixed("E9999", "why")), "the fixed ticket E9999 is not on the list"),
    (steps(NATURAL_STEP, fixed_step("E9999", "why")), "the fixed ticket E9999 is not on the list"),
    (snapshot(spins=fixed("E0001", "")), "the reason for fixing ticket E0001 is missing"),
    (
        snapshot(spins=fixed("E0001", "r" * 301)),
        "the reason for fixing ticket E0001 has 301 characters, at most 300 are allowed",
    ),
    (
        steps(fixed_step("E0001", "a"), NATURAL_STEP, fixed_step("E0001", "b")),
        "ticket E0001 is fixed 2 times, but can win only once",
    ),
    (
        snapshot(spins=fixed("E0001", "why"), event_rules=PROMISE),
        "a spin is fixed, but the rules promise that none is predetermined",
    ),
    (altered(source=Source((), -1, 0)), "the source has too many files, or counts fewer than no rows, or too many"),
    (altered(source=Source((SourceFile("x", 1),), 1, 0)), WRONG_SOURCE),
    (
        altered(source=Source((SourceFile("0" * 64, -1),), 1, 0)),
        WRONG_SOURCE,
    ),
]


@pytest.mark.parametrize(("content", "problem"), BROKEN, ids=lambda one: one[:60] if isinstance(one, str) else "")
def test_a_broken_rule_is_named(content: Snapshot, problem: str) -> None:
    assert problems(content) == [problem]
    with pytest.raises(SnapshotMalformed) as caught:
        decode(encode(content))
    assert caught.value.problems == (problem,)


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\x7f", "a\x85b", "\ud800"])
def test_a_control_character_is_named_and_cannot_even_be_written(text: str) -> None:
    content = altered(entries=(Entry(text, 1, "", 0),))

    assert problems(content)[0].startswith("entry 1: the ticket contains a ")
    with pytest.raises(NotCanonical):
        encode(content)


def test_fixing_a_ticket_twice_is_allowed_while_winners_stay() -> None:
    twice = mixed(fixed_step("E0001", "a"), fixed_step("E0001", "b"), then="repeat")

    assert problems(snapshot(spins=twice, event_rules=rules("never"))) == []
    assert problems(snapshot(spins=twice, event_rules=rules("prize"), prizes=(prize("a"), prize("b")))) == []
    assert problems(snapshot(spins=twice, event_rules=rules("prize")))


def test_every_broken_rule_is_reported_at_once() -> None:
    content = msgspec.structs.replace(
        snapshot(),
        generation=-1,
        event=msgspec.structs.replace(snapshot().event, title=""),
        entries=(Entry("A", 0, "", 0), Entry("A", 1, "", -1), Entry("", 1, "", 0)),
        prizes=(prize("BAD", 0),),
        spins=mixed(fixed_step("B", ""), then="stop"),
    )

    with pytest.raises(SnapshotMalformed) as caught:
        decode(encode(content))

    assert len(caught.value.problems) == 10
    assert caught.value.problems == tuple(problems(content))
