"""Which record may come next: each rule of docs/protocol.md refuses what breaks it, and lets the right record pass."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.core.errors import RefusedError
from kiosk.draw.modes import NATURAL_STEP, fixed_step, mixed
from kiosk.draw.protocol import Chain, digest
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.record import (
    Adopt,
    Body,
    Claim,
    Close,
    Entropy,
    Note,
    Open,
    Rehearsal,
    Restored,
    Result,
    Shown,
    Void,
    Withdraw,
)
from tests.support import EVENT, Desk, listed, prize, snapshot

LIST = snapshot(
    people=12,
    prizes=(prize("grand"), prize("mugs", 3, reserves=2, per_press=3)),
    entropy=("dice",),
    spins=mixed(NATURAL_STEP, NATURAL_STEP, fixed_step("E0004", "a notary's draw"), then="natural"),
)
H = "a" * 64


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=60))
    monkeypatch.setattr(os, "fsync", lambda _: None)
    with Desk(tmp_path) as desk:
        yield desk


class Watched:
    """A desk on which no record is written before each changed form of it was refused."""

    def __init__(self, desk: Desk, changes: dict[type, list[dict[str, Any]]]) -> None:
        self.desk = desk
        self.tried: list[type] = []
        append = desk.ledger.append

        def watching(body: Body) -> Any:
            for change in changes.get(type(body), []):
                changed = msgspec.structs.replace(body, **change)
                if changed != body:
                    assert desk.ledger.problem_with(changed), changed
                    with pytest.raises(RefusedError, match="It cannot be recorded"):
                        append(changed)
                    self.tried.append(type(body))
            return append(body)

        desk.ledger.append = watching  # type: ignore[method-assign]


CHANGES: dict[type, list[dict[str, Any]]] = {
    Adopt: [{"event": "f" * 16}, {"generation": 9}, {"entries": 1}, {"weight": 1}, {"snapshot": H}],
    Entropy: [{"snapshot": H}, {"anchor": H}, {"text": "dice:six"}, {"text": "audience:x"}],
    Open: [
        *({"event": "f" * 16}, {"generation": 9}, {"spin": 9}, {"prize": ""}, {"prize": "cups"}, {"prize": "mugs"}),
        *(
            {"prize": "grand"},
            {"places": "1"},
            {"places": "2"},
            {"places": "1,2"},
            {"places": "3,2,1"},
            {"places": "9"},
        ),
        *({"mode": "fixed"}, {"mode": "natural"}, {"step": 0}, {"step": 9}, {"pool": H}, {"weight": 999}),
        *({"entropy": "none"}, {"entropy": H}),
    ],
    Result: [
        *({"spin": 9}, {"mode": "fixed"}, {"mode": "natural"}, {"reveal": H}, {"winners": ("E9999",)}),
        *({"winners": ("E0001", "E0001")}, {"winners": tuple(f"E{n:04d}" for n in range(1, 12))}),
        *({"reason": "because"}, {"fallback": "not in the pool"}),
    ],
    Shown: [{"spin": 9}],
    Claim: [
        *({"event": "f" * 16}, {"prize": "grand", "place": 9}, {"place": 9}, {"ticket": "E9999"}),
        *({"state": "collected"}, {"reserve": 0}, {"reserve": 4}, {"reserve": 5}, {"reserve": 1}),
    ],
    Withdraw: [{"event": "f" * 16}, {"ticket": "E9999"}],
    Close: [{"event": "f" * 16}],
}


def claim(desk: Desk, prize_id: str, place: int, state: Any) -> Claim:
    event = desk.history.events[EVENT]
    ticket = event.holders[prize_id, place].ticket
    reserve = event.reserve_for(LIST, prize_id, place, state)
    request = digest(f"{prize_id} {place} {state}".encode())
    return Claim(event=EVENT, prize=prize_id, place=place, ticket=ticket, state=state, reserve=reserve, request=request)


def test_every_field_that_a_rule_binds_is_held(desk: Desk) -> None:
    watched = Watched(desk, CHANGES)
    desk.adopt(LIST)
    desk.enter("dice:3")
    for _ in range(4):
        desk.spin()
    for body in (
        claim(desk, "grand", 1, "confirmed"),
        claim(desk, "mugs", 1, "absent"),
        Withdraw(event=EVENT, ticket="E0001", reason="asked", request=H),
        Close(event=EVENT, request="b" * 64),
    ):
        desk.ledger.append(body)

    assert set(watched.tried) == set(CHANGES)
    assert len(watched.tried) > 60


def never_now(desk: Desk) -> list[Body]:
    """Return records that may come neither before a spin nor while one is open, of any event."""
    return [
        Result(spin=1, mode="natural", reveal=H, winners=("E0001",), rest=0, turns=5, reason="", fallback=""),
        Shown(spin=1, duration_ms=0, frames=0),
        Void(spin=1, reason="x"),
        Restored(from_=H, to="b" * 64, head=desk.ledger.head),
        Restored(from_=desk.session.kiosk_id, to=desk.session.kiosk_id, head=desk.ledger.head),
        Restored(from_=desk.session.kiosk_id, to=H, head=H),
    ]


def test_records_of_a_spin_need_an_open_one(desk: Desk) -> None:
    desk.adopt(LIST)

    for body in never_now(desk):
        assert desk.ledger.problem_with(body), body
    assert desk.ledger.problem_with(Restored(from_=desk.session.kiosk_id, to=H, head=desk.ledger.head)) is None
    assert desk.ledger.problem_with(Rehearsal(event=EVENT)) is None
    assert desk.ledger.problem_with(Rehearsal(event="f" * 16))
    assert desk.ledger.problem_with(Note(text="")) is None


def test_while_a_spin_is_open_nothing_else_happens(desk: Desk) -> None:
    two = listed(msgspec.structs.replace(LIST, generation=2, previous=listed(LIST).s))
    desk.adopt(LIST)
    desk.enter("dice:3")
    desk.spin()
    decision = desk.session.press(start=0)
    desk.lists.add(two.s, two.snapshot)
    adopt = msgspec.structs.replace(
        desk.history.current,  # type: ignore[type-var]
        generation=2,
        snapshot=two.s,
        anchor="c" * 64,
    )
    waiting: list[Any] = [
        adopt,
        claim(desk, "grand", 1, "confirmed"),
        Withdraw(event=EVENT, ticket="E0001", reason="asked", request=H),
        Close(event=EVENT, request=H),
        Rehearsal(event=EVENT),
        Void(spin=2, reason="it has a result"),
        desk.history.unfinished.open if desk.history.unfinished else None,
    ]

    for body in waiting:
        assert desk.ledger.problem_with(body), body
    desk.session.shown(decision, duration_ms=1, frames=1)
    for body in waiting[:5]:
        assert desk.ledger.problem_with(body) is None, body


def test_after_void_nothing_opens_until_the_next_adoption(desk: Desk) -> None:
    desk.adopt(LIST)
    desk.enter("dice:3")
    append = desk.ledger.append
    kept: list[Body] = []

    def keeping(body: Body) -> Any:
        kept.append(body)
        if isinstance(body, Result):
            raise KeyboardInterrupt
        return append(body)

    desk.ledger.append = keeping  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        desk.session.press(start=0)
    opened = kept[0]
    assert isinstance(opened, Open)
    append(Void(spin=1, reason="its secret is lost"))

    again = msgspec.structs.replace(opened, spin=2)
    assert desk.ledger.problem_with(again) == "a spin ended as void, so a new list must be adopted first"
    desk.ledger.append = append  # type: ignore[method-assign]
    desk.adopt(msgspec.structs.replace(LIST, generation=2, entropy=()))
    assert desk.spin().spin == 2


def test_an_anchor_that_was_used_is_not_committed_to_again(desk: Desk) -> None:
    """A re-roll has to raise the generation, so that the verdict shows it."""
    desk.adopt(LIST)
    first = desk.history.current
    assert first is not None
    again = msgspec.structs.replace(first, anchor=H)
    assert desk.ledger.problem_with(again) is None

    desk.enter("dice:3")

    assert "the generation must rise" in (desk.ledger.problem_with(again) or "")
