"""Public entropy: which items a list may name, which texts fulfil them, how far each convinces, when a round arises."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw.entropy import (
    MAX_VALUE,
    MAX_WORDS,
    arose_at,
    level_of,
    lowest,
    problem_with_item,
    problem_with_items,
    problem_with_text,
)

SIGNATURE = "0f" * 48
GOOD_ITEMS = [
    "dice",
    "audience",
    "lottery:6aus49 2 May 2026",
    "lottery:a: b",
    "drand:quicknet:1",
    "drand:quicknet:12345678",
]
BAD_ITEMS = [
    *(
        "",
        "none",
        "dice:",
        "dice:3",
        "coin",
        "audience:x",
        "lottery",
        "lottery:",
        "lottery: x",
        "lottery:x ",
        "lottery:a\nb",
    ),
    *(
        "lottery: x",
        "lottery:x ",
        "lottery:a\nb",
        "lottery:a\u0308",
        "lottery:" + "x" * (MAX_WORDS + 1),
        "drand",
        "drand:",
        "drand:quicknet",
    ),
    *(
        "drand:quicknet:0",
        "drand:quicknet:01",
        "drand:quicknet:1.5",
        "drand:default:7",
        f"drand:quicknet:7:{SIGNATURE}",
    ),
    *("drand:quicknet:1234567890123", f"drand:quicknet:7:{SIGNATURE}", "Dice", "dice ", "drand:quicknet:７"),
]
GOOD_TEXTS = [
    ("dice", "3.1.6.6.2.4"),
    ("dice", "20"),
    ("audience", "seven purple umbrellas"),
    ("audience", "sieben äpfel 七"),
    ("audience", "x" * MAX_VALUE),
    ("lottery:a: b", "4 11 23 31 40 48"),
    ("drand:quicknet:1", SIGNATURE),
]
BAD_TEXTS = [
    *(("dice", value) for value in ("", "3,1", "3.1.", "six", "1234", "３", "3.1\n", " 3")),
    *(("audience", value) for value in ("", " ", "two\nlines", "end ", "a\u0308 decomposed", "x" * (MAX_VALUE + 1))),
    *(("drand:quicknet:7", value) for value in ("", SIGNATURE.upper(), SIGNATURE[:-1], SIGNATURE + "0", "0f" * 32)),
]


@pytest.mark.parametrize("item", GOOD_ITEMS)
def test_a_list_may_name_the_items_of_the_specification(item: str) -> None:
    assert problem_with_item(item) is None
    assert problem_with_items([item]) is None


@pytest.mark.parametrize("item", BAD_ITEMS)
def test_a_list_may_name_nothing_else(item: str) -> None:
    assert problem_with_item(item)
    assert problem_with_items(["audience", item]) or item == "audience"


def test_each_kind_is_named_once() -> None:
    assert problem_with_items(["dice", "audience", "lottery:x", "drand:quicknet:7"]) is None
    assert problem_with_items([]) is None
    for twice in (["dice", "dice"], ["lottery:x", "lottery:y"], ["drand:quicknet:7", "dice", "drand:quicknet:8"]):
        problem = problem_with_items(twice)
        assert problem is not None
        assert problem.endswith("is named twice")


@pytest.mark.parametrize(("item", "value"), GOOD_TEXTS)
def test_a_text_is_its_item_and_a_value(item: str, value: str) -> None:
    assert problem_with_text(f"{item}:{value}", item=item) is None
    assert problem_with_text(f"{item}{value}", item=item)
    assert problem_with_text(f"x{item}:{value}", item=item)


@pytest.mark.parametrize(("item", "value"), BAD_TEXTS)
def test_other_values_are_refused_with_a_reason(item: str, value: str) -> None:
    assert problem_with_text(f"{item}:{value}", item=item)


@given(st.text(), st.sampled_from(GOOD_ITEMS))
def test_no_text_that_is_taken_can_break_a_line_of_the_digest(value: str, item: str) -> None:
    if problem_with_text(f"{item}:{value}", item=item) is None:
        assert len(f"{item}:{value}".splitlines()) == 1
        assert value.isprintable() or "\u200d" in value or any(ord(one) > 127 for one in value)


def test_a_spin_convinces_as_far_as_the_best_of_its_texts() -> None:
    assert level_of([]) == "sealed"
    assert level_of(["dice"]) == level_of(["audience:x", "dice:3"]) == "live"
    assert level_of(["dice", "lottery:x"]) == level_of(["drand:quicknet:7"]) == "public"


def test_a_summary_has_the_lowest_level_of_its_spins() -> None:
    assert lowest(["public", "live"]) == "live"
    assert lowest(["public", "sealed", "live"]) == "sealed"
    assert lowest([]) == "sealed"


@pytest.mark.parametrize(
    ("item", "when"),
    [
        ("drand:quicknet:1", datetime(2023, 8, 23, 15, 9, 27, tzinfo=UTC)),
        ("drand:quicknet:2", datetime(2023, 8, 23, 15, 9, 30, tzinfo=UTC)),
        (f"drand:quicknet:1201:{SIGNATURE}", datetime(2023, 8, 23, 16, 9, 27, tzinfo=UTC)),
    ],
)
def test_a_drand_round_arises_when_quicknet_says(item: str, when: datetime) -> None:
    assert arose_at(item) == when.timestamp()


@pytest.mark.parametrize("item", ["none", "dice", "audience", "lottery:drand:quicknet:7"])
def test_other_items_do_not_tell_when_they_arise(item: str) -> None:
    assert arose_at(item) is None
