"""What lists are made of."""

from collections.abc import Callable
from typing import Any

Fields = dict[str, Any]


def prize(name: str, quantity: int = 1, reserves: int = 0, per_press: int = 1, groups: tuple[str, ...] = ()) -> Fields:
    told = {"id": name, "title": name.title(), "quantity": quantity, "reserves": reserves, "per_press": per_press}
    return told | {"groups": list(groups), "picture": "", "sponsor": ""}


def entries(count: int = 20, households: tuple[tuple[int, ...], ...] = ()) -> list[Fields]:
    """E0001 and on, weight 1 + n mod 3, group x for odd n and y for even n."""
    number = {n: household for household, members in enumerate(households, 1) for n in members}
    return [
        {"ticket": f"E{n:04}", "weight": 1 + n % 3, "group": "xy"[n % 2 == 0], "household": number.get(n, 0)}
        for n in range(1, count + 1)
    ]


NATURAL = {"mode": "natural", "ticket": "", "reason": ""}


def fixed(ticket: str, reason: str = "a rehearsal") -> Fields:
    return {"mode": "fixed", "ticket": ticket, "reason": reason}


def spins(mode: str = "natural", ticket: str = "", reason: str = "", *, steps: Any = (), then: str = "") -> Fields:
    return {"mode": mode, "ticket": ticket, "reason": reason, "steps": list(steps), "then": then}


def rules(**changed: Any) -> Fields:
    usual = {"win_once": "event", "household_once": False, "presence": True, "predetermined": False}
    return usual | {"order": "listed", "names": "full"} | changed


LATE = {"ticket": "LATE", "weight": 1, "group": "x", "household": 0}
Change = Callable[[list[Fields]], list[Fields]]
ENTRY_CHANGES: dict[str, tuple[Change, str]] = {
    "added": (lambda all_: [*all_, LATE], "1 added, 0 removed, 0 with another"),
    "removed": (lambda all_: all_[:-2], "0 added, 2 removed, 0 with another"),
    "weight": (lambda all_: [*all_[:-1], all_[-1] | {"weight": 500}], "0 added, 0 removed, 1 with another"),
    "group": (lambda all_: [*all_[:-1], all_[-1] | {"group": "staff"}], "0 added, 0 removed, 1 with another"),
    "household": (lambda all_: [*all_[:-2], *(one | {"household": 7} for one in all_[-2:])], "removed, 2 with another"),
}
"""Corrections that change who may win, and how the verifier counts them."""
