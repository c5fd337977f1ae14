"""The order of characters, held against another implementation of UAX #9: the Rust crate behind python-bidi."""

import unicodedata

import pytest
from bidi import get_display
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.screen.typography.bidi import visual_parts

CONTROLS = "\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
PLAIN = "aBz éñ19 ٣٤ אבג ابج ()[]{}<>«»（）「」 .,:-+/%$#'\"!?&·\u0301\u05b0\u064b王"


def shown(text: str, base: int | None = None) -> str:
    """Return the characters from left to right; those of a right-to-left part stand in reverse."""
    return "".join(part.text[::-1] if part.right_to_left else part.text for part in visual_parts(text, base=base))


def expected(text: str, base: int | None) -> str:
    display = get_display(text, base_dir={None: None, 0: "L", 1: "R"}[base])
    assert isinstance(display, str)
    return display


def visible(text: str) -> str:
    """Return the text without characters that only steer the algorithm."""
    return "".join(c for c in text if unicodedata.bidirectional(c) not in HIDDEN)


HIDDEN = {"LRI", "RLI", "FSI", "PDI"}


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(st.text(st.sampled_from(PLAIN), max_size=30), st.sampled_from((None, 0, 1)))
@example("שרה (Cohen) 12", None)
@example("Ann (אב) ab", 1)
@example("سُحب 12-07-2026 (A[ב)]", None)
def test_mixed_scripts_stand_as_another_implementation_has_them(text: str, base: int | None) -> None:
    assert shown(text, base) == expected(text, base)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(st.text(st.sampled_from(PLAIN + CONTROLS * 2), max_size=25), st.sampled_from((None, 0, 1)))
def test_isolates_and_direction_marks_do_too(text: str, base: int | None) -> None:
    assert visible(shown(text, base)) == visible(expected(text, base))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Ana (12)", "Ana (12)"),
        ("אבג (Ana) דה", "הד )Ana( גבא"),  # HarfBuzz mirrors the brackets of a right-to-left part
        ("Ana (אבג)", "Ana (גבא)"),
        ("אבג Ana (דה", "הד( Ana גבא"),
        ("ا \u20662026-07-01\u2069 ب", "ب 2026-07-01 ا"),
    ],
)
def test_brackets_and_isolates_stand_where_readers_expect_them(text: str, order: str) -> None:
    assert shown(text) == order


def test_what_only_steers_is_not_shown() -> None:
    assert shown("a\u2067ב\u2069") == "aב"
