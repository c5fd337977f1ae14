"""A correction may not rewrite what happened: each rule, and that everything else may change."""

from typing import Any

import msgspec
import pytest

from kiosk.snapshot.corrections import Happened, problems
from kiosk.snapshot.model import Snapshot
from tests.support import entries, prize, rules, snapshot

LAST = snapshot(prizes=(prize("grand"), prize("mugs", 3, reserves=1, per_press=2, groups=("x",))))


def changed(content: Snapshot = LAST, **changes: Any) -> Snapshot:
    return msgspec.structs.replace(content, generation=2, **changes)


def after(spins: int = 1, placed: tuple[str, ...] = ("E0003",), drawn: tuple[str, ...] = ("mugs",)) -> Happened:
    return Happened(last=LAST, spins=spins, placed=frozenset(placed), drawn=frozenset(drawn))


NOTHING = after(0, (), ())


def with_mugs(**changes: Any) -> tuple[Any, ...]:
    grand, mugs = LAST.prizes
    return (grand, msgspec.structs.replace(mugs, **changes))


@pytest.mark.parametrize(
    "new",
    [
        changed(),
        changed(entries=entries(5)),
        changed(entries=entries(20, weights=[9] * 20)),
        changed(entries=LAST.entries[::-1]),
        changed(prizes=with_mugs(title="Cups", picture="0" * 64 + ".png", sponsor="Us")),
        changed(prizes=LAST.prizes[1:]),
        changed(prizes=(*LAST.prizes, prize("more"))),
        changed(entropy=("dice",)),
    ],
)
def test_what_did_not_happen_may_change(new: Snapshot) -> None:
    assert problems(new, after()) == []


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        (changed(entries=entries(2)), "ticket E0003 got a place and is not on the new list"),
        (changed(prizes=LAST.prizes[:1]), "prize mugs has a drawn place and is not on the new list"),
        (changed(prizes=()), "prize mugs has a drawn place and is not on the new list"),
        *(
            (
                changed(prizes=with_mugs(**change)),
                "prize mugs has a drawn place: its quantity, reserves, per_press and groups are fixed",
            )
            for change in ({"quantity": 4}, {"reserves": 2}, {"per_press": 1}, {"groups": ()}, {"groups": ("x", "y")})
        ),
        *(
            (changed(rules=rules(**change)), "the rules changed, and they are fixed from the event's first spin")
            for change in ({"household_once": True}, {"presence": False}, {"order": "free"}, {"names": "ticket"})
        ),
    ],
)
def test_what_happened_is_fixed(new: Snapshot, problem: str) -> None:
    assert problems(new, after()) == [problem]
    assert problems(new, NOTHING) == []


def test_a_promise_is_kept_from_the_first_list_on() -> None:
    promised = Happened(changed(rules=rules(predetermined=False)), 0, frozenset(), frozenset())
    taken_back = problems(changed(rules=rules(predetermined=True)), promised)

    assert taken_back == ["the event promised that no spin is predetermined, and the new list takes that back"]
    assert problems(changed(rules=rules(predetermined=False)), NOTHING) == []


def test_places_without_prizes_stay_without_prizes() -> None:
    simple = snapshot()
    drawn = Happened(simple, 1, frozenset({"E0001"}), frozenset({""}))

    assert problems(changed(simple), drawn) == []
    assert problems(changed(simple, prizes=LAST.prizes), drawn) == [
        "places were drawn without prizes, and the new list has prizes"
    ]
