"""Theme files are accepted whole or refused, and an error names the key."""

from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from kiosk.core.assets import asset
from kiosk.core.errors import UsageError
from kiosk.screen.themes.theme import BUILT_IN, Theme
from kiosk.screen.themes.theme_file import ThemeError, load_theme

OURS = ("night", "day")
Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a theme file and return its path."""

    def written(content: str | bytes) -> Path:
        path = tmp_path / "summer.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


# ---- what is taken -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_our_themes_can_be_loaded(name: str) -> None:
    theme = load_theme(asset(f"themes/{name}.toml"))

    assert isinstance(theme, Theme)
    assert len(theme.wedges) == 8


def test_night_is_the_built_in_look_written_out() -> None:
    """Every colour and every text of it stands in the file, so that a copy of it is a complete start."""
    path = asset("themes/night.toml")

    assert load_theme(path) == BUILT_IN
    content = path.read_text()
    for name in {field.name for field in fields(Theme)} - {"texts", "right_to_left"}:
        assert f"{name} = " in content, name


def test_an_empty_file_is_the_built_in_look(write: Write) -> None:
    assert load_theme(write("")) == BUILT_IN


def test_what_a_theme_says_is_taken_and_the_rest_stays(write: Write) -> None:
    theme = load_theme(write('sounds = false\n[colours]\naccent = "#FFEE00"\n[texts]\npress = "Drücken!"\n'))

    assert (theme.accent, theme.sounds, theme.texts.press) == ((255, 238, 0), False, "Drücken!")
    assert (theme.ground, theme.wedges, theme.texts.winner) == (
        BUILT_IN.ground,
        BUILT_IN.wedges,
        BUILT_IN.texts.winner,
    )


def test_a_logo_lies_beside_the_theme_file(write: Write, tmp_path: Path) -> None:
    pygame.image.save(pygame.Surface((4, 4)), tmp_path / "logo.png")

    assert load_theme(write('logo = "logo.png"')).logo == tmp_path / "logo.png"


def test_a_text_may_leave_out_what_stands_in_braces_and_may_hold_braces_of_its_own(write: Write) -> None:
    texts = load_theme(write('[texts]\ndrawn = "Gezogen"\nticket = "{{Los}} {ticket}"\n')).texts

    assert texts.drawn.format(spin=3) == "Gezogen"
    assert texts.ticket.format(ticket="0042") == "{Los} 0042"


# ---- what is refused -----------------------------------------------------------------------------------------------

WRONG = {
    "not TOML": ("colours = [", "is not TOML"),
    "not UTF-8": (b"\xff\xfe[colours]", "is not TOML"),
    "deep": (b"x = " + b"[" * 20000, "is not TOML"),
    "too large": ("#" * (65 << 10), "it is larger than 64 KiB"),
    "an unknown table": ("[colors]\n", "unknown key colors. Did you mean colours?"),
    "an unknown key": ("speed = 3\n", "unknown key speed. Known keys: colours, texts, sounds, logo, background"),
    "an unknown colour": ('[colours]\nacent = "#ffffff"\n', "unknown key colours.acent. Did you mean colours.accent?"),
    "an unknown text": ('[texts]\nprss = "Go"\n', "unknown key texts.prss. Did you mean texts.press?"),
    "a table that is none": ("colours = 3\n", "colours is '3', expected a table: [colours]"),
    "texts that are a list": ("texts = []\n", "texts is '[]', expected a table: [texts]"),
    "a named colour": ('[colours]\nrim = "gold"\n', "colours.rim is 'gold', expected a colour like \"#1b498f\""),
    "a short colour": ('[colours]\nrim = "#fff"\n', "colours.rim is '#fff', expected a colour"),
    "a colour with a line end": ('[colours]\nrim = "#ffffff\\n"\n', "colours.rim is '#ffffff\\n', expected a colour"),
    "a colour that is a number": ("[colours]\nrim = 255\n", "colours.rim is '255', expected a colour"),
    "odd wedges": ('[colours]\nwedges = ["#000000", "#ffffff", "#000000"]\n', "colours.wedges is"),
    "too few wedges": ('[colours]\nwedges = ["#000000", "#ffffff"]\n', "expected an even number of colours, 4 to 24"),
    "a wedge of no colour": (
        '[colours]\nwedges = ["#000000", "#ffffff", "red", "#ffffff"]\n',
        "colours.wedges, number 3 is 'red'",
    ),
    "wedges too much alike": (
        '[colours]\nwedges = ["#000000", "#ffffff", "#b00000", "#007000"]\n',
        "colours.wedges, numbers 3 and 4 is '#b00000', expected neighbours that differ in lightness",
    ),
    "the last wedge like the first": (
        '[colours]\nwedges = ["#000000", "#ffffff", "#000080", "#f0f0f0", "#ffffff", "#101010"]\n',
        "colours.wedges, numbers 4 and 5 is",
    ),
    "sounds that are no yes or no": ('sounds = "on"\n', "sounds is 'on', expected true or false"),
    "sounds that are a number": ("sounds = 1\n", "sounds is '1', expected true or false"),
    "a logo that is not there": ('logo = "logo.png"\n', "logo is 'logo.png', expected a picture;"),
    "a text of 60 KB": (f'[texts]\npress = "{"x" * 60_000}"\n', "expected at most 200 characters, not 60000"),
    "a key of 60 KB": (f"[texts]\n{'x' * 60_000} = 1\n", "Known keys: press"),
    "a key of 30 000 parts": ("x" + ".x" * 30_000 + " = 1\n", "line 1 has more than 100 dots"),
    "a key with control characters": ('"\\u001b[2J\\n" = 1\n', "unknown key '\\x1b[2J\\n'."),
    "a logo that is a number": ("logo = 3\n", "logo is '3', expected the name of a picture"),
    "a logo that holds a NUL": ('logo = "a\\u0000b"\n', "logo is 'a\\x00b', expected"),
    "an empty text": ('[texts]\npress = " "\n', "texts.press is ' ', expected a text"),
    "a text that is a number": ("[texts]\npress = 3\n", "texts.press is '3', expected a text"),
    "a foreign brace": (
        '[texts]\nticket = "{name}"\n',
        "texts.ticket is '{name}', expected a text with {ticket}",
    ),
    "a brace where none may be": (
        '[texts]\npress = "{spin}"\n',
        "texts.press is '{spin}', expected a text with nothing in braces",
    ),
    "an open brace": ('[texts]\nticket = "{ticket"\n', "texts.ticket is '{ticket', expected"),
    "a way into an object": ('[texts]\nticket = "{ticket.__class__}"\n', "texts.ticket is"),
    "a format": ('[texts]\nticket = "{ticket:>999999999}"\n', "texts.ticket is"),
    "text that cannot be read on the ground": (
        '[colours]\ntext = "#333333"\n',
        "text on ground has a contrast of 1.5; at least 7 is needed. Make one of them lighter or darker.",
    ),
    "a prompt that cannot be read": ('[colours]\naccent = "#503020"\n', "accent on ground has a contrast of"),
}


@pytest.mark.parametrize(("content", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_file_and_key(content: str | bytes, told: str, write: Write) -> None:
    path = write(content)
    with pytest.raises(ThemeError) as caught:
        load_theme(path)

    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ThemeError, match=r"nowhere\.toml cannot be read: No such file"):
        load_theme(tmp_path / "nowhere.toml")
    with pytest.raises(ThemeError, match="cannot be read"):
        load_theme(tmp_path)


def test_a_number_of_5000_digits_is_not_toml(write: Write) -> None:
    with pytest.raises(ThemeError, match="is not TOML"):
        load_theme(write("x = " + "9" * 5000))


def test_a_theme_error_is_an_error_of_the_configuration() -> None:
    assert issubclass(ThemeError, UsageError)
    assert ThemeError.exit_code == 2


KEYS = (
    "colours",
    "texts",
    "sounds",
    "logo",
    "colours.wedges",
    "colours.text",
    "texts.press",
    "texts.ticket",
    "x",
    '""',
)
values = st.recursive(
    st.one_of(
        st.booleans().map(lambda yes: str(yes).lower()),
        st.integers(-(1 << 40), 1 << 40).map(str),
        st.sampled_from(('"#1b498f"', '"#ffffff"', '"#000000"', '"{ticket}"', '"{"', "1979-05-27T07:32:00Z", "inf")),
        st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\')).map('"{}"'.format),
    ),
    lambda inner: st.lists(inner, max_size=5).map(lambda found: f"[{', '.join(found)}]"),
    max_leaves=8,
)
lines = st.one_of(
    st.builds("{} = {}".format, st.sampled_from(KEYS), values),
    st.sampled_from(("[colours]", "[texts]", "[[texts]]", "[colours.wedges]", "#")),
)
toml_ish = st.one_of(st.lists(lines, max_size=6).map(lambda found: "\n".join(found).encode()), st.binary(max_size=60))


@pytest.mark.slow
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(toml_ish)
def test_any_bytes_are_a_theme_or_a_theme_error(write: Write, content: bytes) -> None:
    path = write(content)
    try:
        theme = load_theme(path)
    except ThemeError:
        return
    assert isinstance(theme, Theme)
    assert theme.texts.ticket.format(ticket="0042")
