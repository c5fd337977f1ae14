"""Public entropy: which texts it may be, how far each convinces, and when a drand round arose."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw.entropy import MAX_ENTROPY, arose_at, level_of, problem_with_entropy

RANDOMNESS = "0f" * 32

GOOD = [
    "dice:3.1.6.6.2.4",
    "dice:20",
    "audience:seven purple umbrellas",
    "audience:sieben äpfel 七",
    "lottery:6aus49 2 May 2026: 4 11 23 31 40 48",
    f"drand:quicknet:1:{RANDOMNESS}",
    f"drand:quicknet:12345678:{RANDOMNESS}",
]


@pytest.mark.parametrize("text", GOOD)
def test_the_forms_of_the_design_are_taken(text: str) -> None:
    assert problem_with_entropy(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "dice",
        "dice:",
        "dice:3,1",
        "dice:3.1.",
        "dice:six",
        "coin:heads",
        "audience: ",
        "audience:two\nlines",
        "audience:end ",
        "audience:a\u0308 decomposed",
        "audience:" + "x" * MAX_ENTROPY,
        f"drand:quicknet:0:{RANDOMNESS}",
        f"drand:quicknet:01:{RANDOMNESS}",
        f"drand:quicknet:1.5:{RANDOMNESS}",
        f"drand:quicknet:7:{RANDOMNESS.upper()}",
        f"drand:quicknet:7:{RANDOMNESS[:-1]}",
        f"drand:default:7:{RANDOMNESS}",
    ],
)
def test_other_texts_are_refused_with_a_reason(text: str) -> None:
    assert problem_with_entropy(text)


@given(st.text())
def test_no_text_that_is_taken_can_break_a_line_of_the_draws_message(text: str) -> None:
    for kind in ("audience", "lottery", "dice", "drand"):
        if problem_with_entropy(f"{kind}:{text}") is None:
            assert len(f"{kind}:{text}".splitlines()) == 1


def test_levels_follow_from_who_can_vouch() -> None:
    assert level_of("none") == "sealed"
    assert [level_of(text) for text in GOOD] == ["witnessed"] * 4 + ["public"] * 3


def test_a_round_of_quicknet_arose_when_its_genesis_and_period_say() -> None:
    first = arose_at(f"drand:quicknet:1:{RANDOMNESS}")

    assert first == datetime(2023, 8, 23, 15, 9, 27, tzinfo=UTC).timestamp()
    assert arose_at(f"drand:quicknet:1001:{RANDOMNESS}") == first + 3000
    assert arose_at("dice:1.2") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("heads", "it is none of dice:3.1.6.6.2.4, audience:WORDS, lottery:TEXT or drand:quicknet:ROUND:RANDOMNESS"),
        ("audience:" + "x" * 192, "it has 201 characters, at most 200 are allowed"),
        ("audience:two\nlines", "it is not one line of plain text in Unicode normal form C"),
        ("dice:six", "dice are numbers with a point between them, like dice:3.1.6.6.2.4"),
        (
            f"drand:quicknet:0:{RANDOMNESS}",
            "a drand round is drand:quicknet:ROUND:RANDOMNESS, the randomness being 64 lowercase hex digits",
        ),
    ],
)
def test_what_cannot_be_taken_is_told_what_could(text: str, problem: str) -> None:
    assert problem_with_entropy(text) == problem


def test_a_text_of_the_greatest_length_is_taken() -> None:
    assert problem_with_entropy("audience:".ljust(MAX_ENTROPY, "x")) is None
