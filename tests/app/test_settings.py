"""kiosk.toml: every key has a default, a wrong one names itself, and no theme is a reason not to draw."""

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.app.settings import OUR_THEMES, Settings, load_settings, theme_of
from kiosk.errors import UsageError
from kiosk.screen.theme import BUILT_IN

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a kiosk.toml and return its path."""

    def written(content: str | bytes) -> Path:
        path = tmp_path / "kiosk.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def test_a_missing_file_and_an_empty_one_are_the_defaults(write: Write, tmp_path: Path) -> None:
    assert load_settings(tmp_path / "nowhere.toml") == Settings()
    assert load_settings(write("# nothing yet\n")) == Settings()


def test_the_defaults_are_the_night_theme_upright_and_heard_and_honest() -> None:
    assert Settings() == Settings(
        theme="night", rotate=0, sounds=True, caption=True, memory_soft_mb=200, memory_hard_mb=400
    )


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_every_key_can_be_set(rotate: int, write: Write) -> None:
    limits = "memory_soft_mb = 150\nmemory_hard_mb = 151\n"
    found = load_settings(write(f'theme = "day"\nrotate = {rotate}\nsounds = false\ncaption = false\n{limits}'))

    assert msgspec.to_builtins(found) == {
        "theme": "day",
        "rotate": rotate,
        "sounds": False,
        "caption": False,
        "memory_soft_mb": 150,
        "memory_hard_mb": 151,
    }


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("rotation", "Did you mean rotate?"),
        ("Theme", "Did you mean theme?"),
        ("sound", "Did you mean sounds?"),
        ("captions", "Did you mean caption?"),
        ("brightness", "Known are: theme, rotate, sounds, caption, memory_soft_mb, memory_hard_mb."),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_right_one(key: str, hint: str, write: Write) -> None:
    path = write(f"{key} = 1\n")
    with pytest.raises(UsageError) as caught:
        load_settings(path)

    assert str(caught.value) == f"{path}: there is no key {key}. {hint}"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('rotate = "90"', "rotate"),
        ("rotate = 45", "rotate"),
        ("rotate = 90.5", "rotate"),
        ("rotate = -90", "rotate"),
        ("rotate = true", "rotate"),
        ("theme = 3", "theme"),
        ("theme = ['day']", "theme"),
        ('sounds = "off"', "sounds"),
        ("sounds = 0", "sounds"),
        ("caption = 1979-05-27", "caption"),
        ("[caption]", "caption"),
        ("memory_soft_mb = 99", "memory_soft_mb"),
        ("memory_hard_mb = 400.0", "memory_hard_mb"),
    ],
)
def test_a_wrong_value_is_named_with_file_and_key(line: str, key: str, write: Write) -> None:
    path = write(f"{line}\n")
    with pytest.raises(UsageError) as caught:
        load_settings(path)

    assert str(path) in caught.value.message
    assert f"$.{key}" in caught.value.message


def test_a_hard_limit_below_the_soft_one_is_refused(write: Write) -> None:
    with pytest.raises(UsageError, match="memory_hard_mb is below memory_soft_mb"):
        load_settings(write("memory_hard_mb = 150\n"))


@pytest.mark.parametrize("content", ["theme = ", b"\xff", b"x = " + b"[" * 20000], ids=["half", "not UTF-8", "deep"])
def test_a_file_that_is_no_toml_is_named(content: str | bytes, write: Write) -> None:
    path = write(content)
    with pytest.raises(UsageError, match="is not TOML") as caught:
        load_settings(path)
    assert str(path) in caught.value.message


def test_a_number_of_5000_digits_is_not_toml(write: Write) -> None:
    with pytest.raises(UsageError, match="is not TOML"):
        load_settings(write("rotate = " + "9" * 5000))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings(tmp_path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_any_bytes_are_settings_or_a_usage_error(write: Write, content: bytes) -> None:
    path = write(content)
    try:
        found = load_settings(path)
    except UsageError:
        return
    assert isinstance(found, Settings)


# ---- themes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OUR_THEMES)
def test_our_themes_are_found_by_name_wherever_the_kiosk_is(name: str, tmp_path: Path) -> None:
    theme, problem = theme_of(name, tmp_path)

    assert problem == ""
    assert (theme == BUILT_IN) == (name == "night")


def test_a_theme_file_lies_beside_kiosk_toml_or_where_its_whole_path_says(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text('[texts]\npress = "Los!"\n')

    assert theme_of("ours.toml", tmp_path)[0].texts.press == "Los!"
    assert theme_of(str(tmp_path / "ours.toml"), Path("/nowhere"))[0].texts.press == "Los!"


def test_a_theme_file_may_have_the_name_of_one_of_ours_with_an_ending(tmp_path: Path) -> None:
    (tmp_path / "day.toml").write_text('[texts]\npress = "Mein Tag"\n')

    assert theme_of("day.toml", tmp_path)[0].texts.press == "Mein Tag"
    assert theme_of("day", tmp_path)[0].texts.press != "Mein Tag"


@pytest.mark.parametrize("content", [None, "[colours]\nrim = 3\n"], ids=["missing", "wrong"])
def test_a_bad_theme_is_the_built_in_look_and_a_notice_and_a_log_line(
    content: str | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if content is not None:
        (tmp_path / "ours.toml").write_text(content)
    with caplog.at_level(logging.ERROR):
        theme, problem = theme_of("ours.toml", tmp_path)

    assert theme == BUILT_IN
    assert str(tmp_path / "ours.toml") in problem
    assert "Using the built-in look." in caplog.text
    assert "Traceback" not in caplog.text
