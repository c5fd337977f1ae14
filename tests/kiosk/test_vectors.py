"""docs/protocol.md's vectors, to the last digit: computed apart from the product, and run through the whole session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.draw.modes import NATURAL_STEP, fixed_step, mixed
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Press, entropy_digest
from kiosk.draw.short_digest import short
from kiosk.ledger.record import Claim, Open, Result
from kiosk.snapshot.requests import ClaimMessage, ClaimState
from tests.support import EVENT, SECRET, Desk, entries, fixed_bytes, listed, prize, rules, snapshot

S = "c2cfe839ea1a1e63bcf558071140eaf546eab8d7a58fc0059ebdb086369b0501"
A = "19781792b1e471f8aa96d632fbf2e0da69a80838c0ce34a4ef13977893f36126"
P = "dd4cc1b895b15ef4af40329ad257ad5df61f30292bfaf37fa74c8b9121e1a485"

NUMBERS = range(1, 21)
PEOPLE = entries(
    20,
    weights=[1 + number % 3 for number in NUMBERS],
    groups={f"E{number:04d}": "x" if number % 2 else "y" for number in NUMBERS},
    households={"E0002": 1, "E0003": 1, "E0007": 2, "E0010": 2, "E0011": 3, "E0013": 3},
)
LIST = snapshot(
    people=PEOPLE,
    prizes=(prize("grand"), prize("mugs", 3, reserves=1, per_press=2, groups=("x",)), prize("rest", 2)),
    event_rules=rules("event", household_once=True),
    entropy=("dice",),
    spins=mixed(*[NATURAL_STEP] * 5, fixed_step("E0016", "a notary's draw"), NATURAL_STEP, then="stop"),
)

SPINS = [
    # spin, prize, places, weight, pool, winners, rest, turns
    (
        (1, "grand", "1", 41, "60fc9287432ab6ce6bcb0d9dcb803f6ae66209d85faaf477f006c1c572e76adb"),
        (("E0013",), 2574277569, 7),
    ),
    (
        (2, "mugs", "1,2", 15, "2355af53fff073b6313f74817223b03ffa5a0f7c99b77e3ca084b1330fb948d0"),
        (("E0005", "E0007"), 1102857943, 5),
    ),
    (
        (3, "mugs", "3", 10, "3d27356870b242099b1131893247053f3436392828c60acf958bb2ee8d6b310a"),
        (("E0017",), 2933344134, 7),
    ),
    (
        (4, "mugs", "4", 7, "48932bf10bc106514e2ce032297b3ea1b23691d648fe973e16760b02a0d3650b"),
        (("E0019",), 3138613005, 5),
    ),
    (
        (5, "mugs", "1", 5, "a758389077aa0bfd64cda05f578fb8730726474d5800dcbf2319428b28ac05c5"),
        (("E0001",), 949757087, 5),
    ),
    (
        (6, "rest", "1", 22, "c16ca8b3021a1334f9e6961dd8776a6ae84f80be3b8eb1163da8622f15cf29e1"),
        (("E0016",), 3415131382, 6),
    ),
    (
        (7, "rest", "2", 20, "27500f63b605cdc165f62213316d7a33d850a39dc3852bab4d5ae0675a2cddff"),
        (("E0014",), 2913688042, 6),
    ),
]
SAMPLES = {
    # (spin, place): ticket, k, t, of, x
    (1, 1): ("E0013", 0, 24, 41, "22252f05dbeb417aeaab1bb139447e5a8f212ace51a00b8b10f82c05c8dd3c42"),
    (2, 1): ("E0005", 0, 3, 15, "f1e9713eae984f9d9355a5f019f73f49a2117a7ffa04e5baef343a29281a9c85"),
    (2, 2): ("E0007", 0, 3, 12, "77b4772294f574d445bb85d335639b8e11b61e325cd317b8dec8eea9f5245ac7"),
    (3, 3): ("E0017", 0, 5, 10, "2800cfd986fecc88b216dc67aaec2b1c8daa52af5fccbf7a1645cb2de18c53dd"),
    (4, 4): ("E0019", 0, 5, 7, "a9e2badb88594a44631169576ec6683bdac36732af6e392961357d58744a97b4"),
    (5, 1): ("E0001", 0, 0, 5, "95d7ec97c5ce06cfad50ccdbf9a443ec86a2e458c8fb91914fa1f40244a2fbc4"),
    (6, 1): ("E0016", 0, 18, 22, "2b40652eb2bdd778ac88e184ad4ab82a0aa340174b24877104dd9034b3ca8ad8"),
    (7, 2): ("E0014", 0, 14, 20, "5d964d41e2566caa6e63cb782c7d7b8265dab6ffa15cbde486436efda960bdce"),
}
SEGMENTS = {
    1: (2514127198, 2723637798),
    2: (858993460, 1717986919),
    3: (2147483648, 3435973837),
    4: (3067833783, 4294967296),
    5: (0, 1717986919),
    6: (3123612579, 3514064152),
    7: (2576980378, 3221225472),
}


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[tuple[Desk, list[Pool]]]:
    """The vectors' evening on a real ledger, and the pool of each spin."""
    with Desk(tmp_path, random_bytes=fixed_bytes(SECRET)) as desk:
        desk.adopt(listed(LIST, s=S))
        assert desk.enter("dice:3.1.6.6.2.4") is None
        pools = [desk.spin().pool for _ in range(4)]
        assert claim(desk, 2, "E0007", "absent") is None
        assert claim(desk, 1, "E0005", "declined") is None
        pools += [desk.spin().pool for _ in range(3)]
        yield desk, pools


def claim(desk: Desk, place: int, ticket: str, state: ClaimState) -> str | None:
    return desk.take(ClaimMessage(event=EVENT, prize="mugs", place=place, ticket=ticket, state=state))


def test_the_records_are_those_of_the_vectors(evening: tuple[Desk, list[Pool]]) -> None:
    desk, _ = evening
    opened = [body for body in desk.bodies() if isinstance(body, Open)]
    results = [body for body in desk.bodies() if isinstance(body, Result)]

    assert [(one.spin, one.prize, one.places, one.weight, one.pool) for one in opened] == [o for o, _ in SPINS]
    assert [(one.winners, one.rest, one.turns) for one in results] == [result for _, result in SPINS]
    assert {one.entropy for one in opened} == {P}
    assert [(one.mode, one.step) for one in opened] == [("fixed" if i == 6 else "natural", i) for i in range(1, 8)]
    assert [one.mode for one in results] == [one.mode for one in opened]
    assert desk.history.current is not None
    assert desk.history.current.anchor == A


def test_a_reserve_moves_in_or_the_place_is_open_again(evening: tuple[Desk, list[Pool]]) -> None:
    desk, _ = evening

    assert [(one.place, one.reserve) for one in desk.bodies() if isinstance(one, Claim)] == [(2, 4), (1, 0)]
    event = desk.history.events[EVENT]
    assert {place: held.ticket for (prize_id, place), held in event.holders.items() if prize_id == "mugs"} == {
        1: "E0001",
        2: "E0019",
        3: "E0017",
    }


def test_every_sample_and_segment_is_that_of_the_vectors(evening: tuple[Desk, list[Pool]]) -> None:
    desk, pools = evening
    opened = [body for body in desk.bodies() if isinstance(body, Open)]
    results = [body for body in desk.bodies() if isinstance(body, Result)]
    for pool, one, result in zip(pools, opened, results, strict=True):
        press = Press(S, one.spin, one.prize, one.pool, one.entropy)
        drawn = pool.draw(press, reveal=bytes.fromhex(result.reveal), places=one.place_numbers)
        for place in drawn:
            found = (pool.tickets[place.index], place.sample.k, place.sample.t, place.total, place.sample.x)
            if one.mode == "fixed":
                assert found[1:] == SAMPLES[one.spin, place.place][1:]
            else:
                assert found == SAMPLES[one.spin, place.place]
        index = pool.index_of(result.winners[0])
        assert index is not None
        assert pool.segments.bounds(index) == SEGMENTS[one.spin]


def test_p_is_the_digest_of_the_texts() -> None:
    assert entropy_digest(["dice:3.1.6.6.2.4"]) == P
    assert entropy_digest([]) == "none"


def test_the_anchors_short_form_is_that_of_the_vectors() -> None:
    assert short(A) == "35W1F4NHWHRZHAMPTRSFQWQ0V96"
