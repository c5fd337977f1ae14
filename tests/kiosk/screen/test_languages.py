"""The languages: complete, each text with the words in braces that English has, and an error that names the remedy."""

from pathlib import Path

import pytest
from msgspec.structs import asdict, fields

from kiosk.config.language_choice import language_codes, load_language
from kiosk.config.look import theme_of
from kiosk.core.assets import asset
from kiosk.screen.themes.languages import ENGLISH, LanguageError, read_language
from kiosk.screen.themes.plurals import RULES, Counted
from kiosk.screen.themes.texts import Texts
from kiosk.screen.themes.texts_table import placeholders

CODES = language_codes()
WITHOUT_ALL = {"code": {"count"}, "one": {"count", "left"}, "two": {"count", "left"}, "zero": {"count", "left"}}


def test_the_languages_of_the_house_are_there() -> None:
    assert {"ar", "de", "en", "es", "fr"} <= set(CODES)


def test_english_written_out_is_the_built_in_one() -> None:
    assert read_language(asset("texts/en.toml")) == ENGLISH


@pytest.mark.parametrize("code", CODES)
def test_every_text_of_a_language_is_its_own_and_leaves_out_no_word_in_braces(code: str) -> None:
    texts = load_language(code).texts
    for field in fields(Texts):
        own, english = getattr(texts, field.name), getattr(ENGLISH.texts, field.name)
        if isinstance(own, Counted):
            needed = {word for _, text in english.forms for word in placeholders(text)}
            for form, text in own.forms:
                assert placeholders(text) >= needed - WITHOUT_ALL.get(form, set()), (field.name, form)
        else:
            assert placeholders(own) == placeholders(english), field.name
            assert code == "en" or own != english or field.name == "code", field.name


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_form_for_every_number(rule: str) -> None:
    forms, form_of = RULES[rule]

    assert {form_of(count) for count in range(3001)} <= set(forms)


def test_counts_are_said_as_the_language_says_them() -> None:
    def people(code: str, *counts: int) -> list[str]:
        return [load_language(code).texts.people.format(count) for count in counts]

    assert people("en", 0, 1, 2) == ["0 people", "1 person", "2 people"]
    assert people("de", 1, 412) == ["1 Person", "412 Personen"]
    assert people("fr", 0, 1, 2) == ["0 personne", "1 personne", "2 personnes"]
    assert people("es", 1, 2) == ["1 persona", "2 personas"]
    assert people("ar", 1, 2, 3, 11, 100) == ["شخص واحد", "شخصان", "3 أشخاص", "11 شخصًا", "100 شخص"]


def test_a_theme_in_a_language_overrides_single_texts_of_it(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text('[texts]\npress = "Los!"\n', encoding="utf-8")
    theme, problem = theme_of("ours.toml", tmp_path, language="de")

    assert problem == ""
    assert theme.texts.press == "Los!"
    assert theme.texts.ticket == "Los {ticket}"


def test_an_unknown_language_is_english_and_an_error_with_those_that_exist(tmp_path: Path) -> None:
    theme, problem = theme_of("night", tmp_path, language="fe")

    assert theme.texts == ENGLISH.texts
    assert problem.startswith("language is 'fe', not one of ar, de, en, es, fr.")


WRONG = {
    "a text is missing": ("press = ", "prss = ", "unknown key texts.prss"),
    "a key is missing": ("plurals = ", "# ", "lacks plurals"),
    "a form is missing": ('other = "{count} people"', 'many = "{count} people"', "the forms one, other"),
    "an unknown rule": ('plurals = "one"', 'plurals = "two"', "plurals is 'two', expected one of none, one,"),
    "a foreign brace": ("Ticket {ticket}", "Ticket {name}", "texts.ticket is"),
    "not TOML": ("[texts]", "[texts", "is not TOML"),
    "a direction that is a text": ("right_to_left = false", 'right_to_left = "no"', "expected true or false"),
}


@pytest.mark.parametrize(("old", "new", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_language_file_is_named(old: str, new: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(asset("texts/en.toml").read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LanguageError) as caught:
        read_language(path)

    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_every_text_can_be_filled_in() -> None:
    words = dict.fromkeys(
        {word for text in asdict(ENGLISH.texts).values() if isinstance(text, str) for word in placeholders(text)}, "x"
    )
    for code in CODES:
        for field in fields(Texts):
            text = getattr(load_language(code).texts, field.name)
            if isinstance(text, str):
                assert "{" not in text.format(**words), field.name
