"""The format of a list: what the verifier accepts and what it refuses."""

from typing import Any

import pytest

from tests.verify.history import ORGANISER, History
from tests.verify.list_parts import NATURAL, entries, fixed, prize, rules, spins
from verify import verify_draw

# --- Lists ---


def listed(**changed: Any) -> dict[str, Any]:
    story = History()
    story.publish(**changed)
    return story.list


def entry(**changed: Any) -> list[dict[str, Any]]:
    return [entries(1)[0] | changed]


FIXED = {"rules": rules(predetermined=True)}
REFUSED_LISTS: dict[str, dict[str, Any]] = {
    "generation 0": {"generation": 0},
    "generation 1 000 000": {"generation": 1_000_000, "previous": "ab" * 32},
    "an event without a title": {"event": {"id": "0" * 16, "title": ""}},
    "an event whose title has 121 characters": {"event": {"id": "0" * 16, "title": "x" * 121}},
    "a date with seven decimals": {"created_at": "2026-05-01T10:00:00.1234567Z"},
    "a date in Arabic digits": {"created_at": "٢٠٢٦-05-01T10:00:00Z"},
    "a generation that is true": {"generation": True},
    "generation 1 with a list before": {"previous": "ab" * 32},
    "generation 2 without a list before": {"generation": 2, "previous": ""},
    "no date": {"created_at": "2026-13-01T00:00:00Z"},
    "a date without its zone": {"created_at": "2026-05-01T10:00:00"},
    "an event of 15 digits": {"event": {"id": "0" * 15, "title": "Fair"}},
    "no entries": {"entries": []},
    "3001 entries": {"entries": entries(3001)},
    "a ticket twice": {"entries": entries(1) * 2},
    "an empty ticket": {"entries": entry(ticket="")},
    "a ticket with a tab": {"entries": entry(ticket="a\tb")},
    "weight 0": {"entries": entry(weight=0)},
    "a weight below 0": {"entries": entry(weight=-1)},
    "a weight that is true": {"entries": entry(weight=True)},
    "a weight that is a string": {"entries": entry(weight="1")},
    "a weight above 1 000 000": {"entries": entry(weight=1_000_001)},
    "a household below 0": {"entries": entry(household=-1)},
    "a ticket of 41 characters": {"entries": entry(ticket="E" * 41)},
    "a ticket with a soft hyphen": {"entries": entry(ticket="E\u00ad1")},
    "a ticket with a variation selector": {"entries": entry(ticket="E\ufe0f1")},
    "a ticket with a joiner": {"entries": entry(ticket="E\u200d1")},
    "a ticket that begins with a space": {"entries": entry(ticket=" E1")},
    "a ticket with a space of another kind": {"entries": entry(ticket="E\u00a01")},
    "a ticket with a direction override": {"entries": entry(ticket="E\u202e1")},
    "a household above 999 999": {"entries": entry(household=1_000_000)},
    "a group of 41 characters": {"entries": entry(group="x" * 41)},
    "a name": {"entries": entry(name="Ada")},
    "no hash of names": {"names": ""},
    "a prize twice": {"prizes": [prize("one"), prize("one")]},
    "201 prizes": {"prizes": [prize(f"p{n}") for n in range(201)]},
    "a prize's id in capitals": {"prizes": [prize("One")]},
    "a prize's id of 41 characters": {"prizes": [prize("a" * 41)]},
    "a prize of no id": {"prizes": [prize("")]},
    "quantity 0": {"prizes": [prize("one", 0)]},
    "quantity 3001": {"prizes": [prize("one", 3001)]},
    "201 reserves": {"prizes": [prize("one", 1, 201)]},
    "per_press 0": {"prizes": [prize("one", 1, 0, 0)]},
    "per_press 201": {"prizes": [prize("one", 1, 0, 201)]},
    "a picture without its kind": {"prizes": [prize("one") | {"picture": "ab" * 32}]},
    "a picture of 16 digits": {"prizes": [prize("one") | {"picture": "ab" * 8 + ".png"}]},
    "a prize without a title": {"prizes": [prize("one") | {"title": ""}]},
    "a title with a line separator": {"prizes": [prize("one") | {"title": "a\u2028b"}]},
    "a sponsor of 121 characters": {"prizes": [prize("one") | {"sponsor": "x" * 121}]},
    "51 groups of a prize": {"prizes": [prize("one", groups=tuple(f"g{n}" for n in range(51)))]},
    "a group of a prize twice": {"prizes": [prize("one", groups=("x", "x"))]},
    "a prize for those of no group": {"prizes": [prize("one", groups=("",))]},
    "another win_once": {"rules": rules(win_once="twice")},
    "a rule that is 1": {"rules": rules(presence=1)},
    "another order": {"rules": rules(order="random")},
    "another names": {"rules": rules(names="none")},
    "a rule more": {"rules": rules(x=True)},
    "an unknown entropy": {"entropy": ["weather"]},
    "an entropy with a value": {"entropy": ["dice:1"]},
    "a lottery without words": {"entropy": ["lottery:"]},
    "two lotteries": {"entropy": ["lottery:a", "lottery:b"]},
    "dice twice": {"entropy": ["dice", "dice"]},
    "a lottery of 101 characters": {"entropy": ["lottery:" + "x" * 101]},
    "a drand round in Arabic digits": {"entropy": ["drand:quicknet:٧"]},
    "a drand round 0": {"entropy": ["drand:quicknet:0"]},
    "another drand": {"entropy": ["drand:default:1"]},
    "an unknown mode": {"spins": spins("random")},
    "fixed against the promise": {"spins": spins("fixed", "E0001", "why")},
    "a fixed step against the promise": {"spins": spins("mixed", steps=[fixed("E0001")], then="stop")},
    "fixed without a reason": FIXED | {"spins": spins("fixed", "E0001")},
    "fixed for a ticket that is not on the list": FIXED | {"spins": spins("fixed", "E0099", "why")},
    "a ticket fixed twice that can win once": FIXED
    | {"spins": spins("mixed", steps=[fixed("E0001"), fixed("E0001")], then="stop")},
    "a mixed list with a reason": {"spins": spins("mixed", "", "why", steps=[NATURAL], then="stop")},
    "1001 steps": {"spins": spins("mixed", steps=[NATURAL] * 1001, then="stop")},
    "fixed without a ticket": FIXED | {"spins": spins("fixed", "", "why")},
    "natural with a ticket": {"spins": spins("natural", "E0001")},
    "natural with a reason": {"spins": spins("natural", "", "why")},
    "natural with steps": {"spins": spins("natural", steps=[fixed("E0001")], then="stop")},
    "mixed without steps": {"spins": spins("mixed", then="stop")},
    "mixed without then": {"spins": spins("mixed", steps=[spins()])},
    "1001 source files": {"source": {"files": [{"sha256": "ab" * 32, "rows": 1}] * 1001, "accepted": 1, "rejected": 0}},
    "a source with a name": {
        "source": {"files": [{"sha256": "ab" * 32, "rows": 1, "name": "x"}], "accepted": 1, "rejected": 0}
    },
}


@pytest.mark.parametrize("name", REFUSED_LISTS)
def test_a_list_against_its_format_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        verify_draw.read_envelope(ORGANISER.sign(listed(**REFUSED_LISTS[name])))


def test_a_list_in_its_format_is_accepted() -> None:
    told = listed(
        entries=entries(3000),
        prizes=[prize("one", 3000, 200, 200, ("x", "y")) | {"picture": "ab" * 32 + ".webp"}],
        entropy=["dice", "audience", "lottery:6 of 49: Saturday", "drand:quicknet:7"],
        spins=spins("mixed", steps=[fixed("E0001")], then="repeat"),
        **FIXED,
    )
    assert verify_draw.read_envelope(ORGANISER.sign(told)).body == told
