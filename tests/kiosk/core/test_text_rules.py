"""Which characters names, tickets and titles may contain."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.core.text_rules import _problem_with_characters, _stands_by_itself, clean, problem_with, problem_with_ticket


def problem(text: str, limit: int = 120) -> str | None:
    return problem_with(text, what="the name", limit=limit)


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee",
        "O’Brien-Smith, Jr.",
        "Zoë",
        "محمد علي",
        "שרה כהן",
        "田中 太郎",
        "김민준",
        "अनुष्का शर्मा",
        "สมชาย",
        "Владимир",
        "👩‍👩‍👧‍👦",
        "Party 🎉 🏳️‍🌈",
        "👋🏽",
        "می‌خواهم",  # ZWNJ belongs to Persian spelling
        "x",
        "7",
        "+",
        "?!",
    ],
)
def test_names_of_every_script_and_emoji_with_joiners_are_allowed(text: str) -> None:
    assert problem(text) is None


def test_no_rule_of_the_table_is_missing() -> None:
    assert problem("") == "the name is missing"


def test_every_control_character_is_refused_and_named() -> None:
    for code in (*range(32), *range(0x7F, 0xA0)):
        assert problem(f"a{chr(code)}b") == f"the name contains a control character (U+{code:04X})"


@pytest.mark.parametrize("character", list("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
def test_every_override_of_the_reading_direction_is_refused_and_named(character: str) -> None:
    assert problem(f"a{character}b") == f"the name contains a direction override (U+{ord(character):04X})"


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        ("\u2028", "line separator"),
        ("\u2029", "paragraph separator"),
        ("\ud800", "lone surrogate"),
        (chr(0xDFFF), "lone surrogate"),
        ("\ufdd0", "noncharacter"),
        ("\uffff", "noncharacter"),
        ("\U0010ffff", "noncharacter"),
    ],
)
def test_what_breaks_lines_or_means_nothing_is_refused_and_named(character: str, kind: str) -> None:
    assert problem(f"a{character}b") == f"the name contains a {kind} (U+{ord(character):04X})"


@pytest.mark.parametrize("character", ["\u0378", "\U000105ff"])
def test_a_ticket_has_no_character_that_a_later_unicode_may_make_invisible(character: str) -> None:
    told = problem_with_ticket(f"A{character}", what="the ticket", limit=40)
    assert told is not None
    assert "does not know" in told
    assert problem(f"A{character}") is None  # a name is shown, and no verifier reads it


def test_text_up_to_the_limit_is_allowed_and_one_more_character_is_not() -> None:
    assert problem("a" * 120) is None
    assert problem("a" * 121) == "the name has 121 characters, at most 120 are allowed"
    assert problem("🎉" * 120) is None


@pytest.mark.parametrize("text", ["Zoe\u0308", "\u212b", "\u1100\u1161", "e\u0323\u0302"])
def test_text_that_is_not_nfc_is_refused_and_its_nfc_is_allowed(text: str) -> None:
    assert problem(text) == "the name is not in Unicode normal form C"
    assert problem(unicodedata.normalize("NFC", text)) is None


def test_eight_combining_marks_in_a_row_are_allowed_and_nine_are_not() -> None:
    assert problem("x" + "\u0334" * 8) is None
    assert problem("x" + "\u0334" * 9) == "the name stacks more than 8 combining marks on one letter"


@given(st.text(st.sampled_from("aZ9 ßé一ا\u0301\u0489\u200d\u200e\u3164\ufe0f\U000e0061🏴👍\n\ufffe"), max_size=20))
def test_characters_that_may_stand_anywhere_may_stand_beside_each_other(text: str) -> None:
    alone = [character for character in text if _stands_by_itself(character)]

    assert not _problem_with_characters("".join(alone))


def test_marks_are_counted_for_each_letter_anew() -> None:
    assert problem(("x" + "\u0334" * 8) * 10) is None


@pytest.mark.parametrize("text", [" a", "a ", "\u00a0a", "a\u3000"])
def test_white_space_at_either_end_is_refused(text: str) -> None:
    assert problem(text) == "the name begins or ends with white space"


@pytest.mark.parametrize("text", ["\u200e", "\u061c\u200f", "\u0301", "\ue000", "\u17b4", "\u2800"])
def test_text_in_which_nothing_can_be_seen_is_refused(text: str) -> None:
    assert problem(text) == "the name has no visible character"


@given(st.text())
def test_clean_is_idempotent_and_leaves_single_inner_spaces(text: str) -> None:
    cleaned = clean(text)

    assert clean(cleaned) == cleaned
    assert cleaned.split(" ") == cleaned.split() or not cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60))
def test_cleaned_letters_digits_and_punctuation_are_always_allowed(text: str) -> None:
    cleaned = clean(text)
    assume(cleaned)

    assert problem(cleaned, limit=1000) is None


@given(st.text(st.characters(), max_size=200))
def test_whatever_is_allowed_is_short_nfc_trimmed_and_on_one_line(text: str) -> None:
    if problem(text) is None:
        assert 0 < len(text) <= 120
        assert unicodedata.normalize("NFC", text) == text
        assert text == text.strip()
        assert len(text.splitlines()) == 1
        assert text.encode()


@pytest.mark.parametrize("text", ["\u3164", "\u115f", "\uffa0", "\u2800"], ids=unicodedata.name)
def test_a_name_of_blank_letters_is_refused(text: str) -> None:
    assert problem(text) is not None


@pytest.mark.parametrize(
    "text", ["x" + "\u0489" * 100, "x" + ("\u0334" * 8 + "\u200d") * 10], ids=["enclosing marks", "joiners between"]
)
def test_marks_cannot_be_stacked_by_another_category_or_with_joiners_between(text: str) -> None:
    assert problem(text) is not None


@pytest.mark.parametrize("text", ["Party \U0001fadf", "\U0001fadf"], ids=["within", "alone"])
def test_what_one_python_publishes_another_one_shows(text: str) -> None:
    """SPLATTER came with Unicode 16; the organiser's Python may know it while the kiosk's does not."""
    assert problem(text) is None


# ---- what shows nothing, and is spelling all the same ---------------------------------------------------------------

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        f"Ann {ENGLAND}",
        "क्‍ष",  # a joiner after a mark that stacks nothing (Mn)
        "ක්‍ය",
        "\u0995\u09be\u200d",  # after a mark that takes room (Mc)
        "👍🏽\u200d👍",  # after a skin tone (Sk)
        "\U0001fae9\u200d👍",  # after what this Python may not know yet (Cn)
        "❤\ufe0f",
        "葛\U000e0100",
        "ᠠ\u180b",
        "ᠠ\u180f",
        "한\u3164",
        "A\u200e",
        "\u200fشرة",
    ],
    ids=ascii,
)
def test_invisible_characters_are_allowed_where_a_script_or_emoji_needs_them(text: str) -> None:
    assert problem(text) is None


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Ann\U000e0067", 0xE0067),  # a tag that spells no flag
        ("👍\U000e0067", 0xE0067),
        ("\U000e0067", 0xE0067),
        ("\U0001f3f4\ufe0f\U000e0067", 0xE0067),
        ("A\u200dB", 0x200D),  # a joiner between letters with case joins nothing
        ("1\u200d2", 0x200D),
        ("\u200d", 0x200D),
        ("क्\u200d\u200d", 0x200D),
        ("क्\u200c\u200d", 0x200D),
        ("A\ufe0f\ufe0f", 0xFE0F),  # a form of a form
        ("A \ufe0f", 0xFE0F),
        ("\ufe0fA", 0xFE0F),
        ("\u180bA", 0x180B),
        ("A\u00ad", 0xAD),
        ("A\u034f", 0x34F),
        ("A\u200b", 0x200B),
        ("A\u2060", 0x2060),
        ("A\ufeff", 0xFEFF),
        ("A\U0001d173", 0x1D173),
        ("A\U000e0001", 0xE0001),
        ("A\U000e0fff", 0xE0FFF),
    ],
    ids=ascii,
)
def test_anywhere_else_they_are_refused_by_name(text: str, hidden: int) -> None:
    assert problem(text) == f"the name contains an invisible character (U+{hidden:04X})"


@pytest.mark.parametrize("code", [0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF], ids=hex)
def test_a_noncharacter_is_refused_by_name(code: int) -> None:
    assert problem(f"A{chr(code)}") == f"the name contains a noncharacter (U+{code:04X})"


@pytest.mark.parametrize("code", [0xFDCF, 0xFDF0, 0xFFFD], ids=hex)
def test_the_neighbours_of_a_range_are_allowed(code: int) -> None:
    assert problem(f"A{chr(code)}") is None


def test_a_text_that_no_rule_allows_is_not_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """To order 32 000 marks takes the square of their number: seconds for one cell."""
    monkeypatch.setattr("kiosk.core.text_rules.unicodedata", None)
    marks = "\u0315\u0300" * 16_000

    assert clean("a" + marks) == "a" + marks
    assert clean(" a\t" * 2000) == " ".join("a" * 2000)


def test_a_text_of_many_spaces_is_cleaned_whole() -> None:
    assert clean("Ana" + " " * 30_000 + "Ruiz\n") == "Ana Ruiz"
