"""kiosk.toml: every key has a default, a wrong one names itself, and no theme is a reason not to draw."""

import difflib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.config.look import OUR_THEMES, theme_of
from kiosk.config.settings import Settings, load_settings, read_settings
from kiosk.core.errors import UsageError
from kiosk.screen.themes.theme import BUILT_IN

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
    defaults = Settings()
    assert defaults == Settings(theme="night", rotate=0, sounds=True, caption=True, backend="auto", fps=60)
    assert (defaults.memory_soft_mb, defaults.memory_hard_mb) == (200, 400)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_every_key_can_be_set(rotate: int, write: Write) -> None:
    limits = "memory_soft_mb = 150\nmemory_hard_mb = 151\n"
    found = load_settings(write(f'theme = "day"\nrotate = {rotate}\nsounds = false\ncaption = false\n{limits}'))

    assert found == Settings(
        theme="day",
        rotate=rotate,  # type: ignore[arg-type]
        sounds=False,
        caption=False,
        memory_soft_mb=150,
        memory_hard_mb=151,
    )


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("rotation", "Did you mean rotate?"),
        ("Theme", "Did you mean theme?"),
        ("sound", "Did you mean sounds?"),
        ("captions", "Did you mean caption?"),
        ("button", "Did you mean button_pin?"),
        ("brightness", "Known keys: theme, language, rotate, sounds, caption, "),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_right_one(key: str, hint: str, write: Write) -> None:
    path = write(f"{key} = 1\n")
    with pytest.raises(UsageError) as caught:
        load_settings(path)

    assert str(caught.value).startswith(f"{path}, line 1: unknown key {key}. {hint}")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('rotate = "90"', 'rotate is "90", not one of 0, 90, 180, 270. Did you mean 90?'),
        ("rotate = 100", "rotate is 100, not one of 0, 90, 180, 270. Did you mean 90?"),
        ("rotate = 90.5", "rotate is 90.5, not one of 0, 90, 180, 270. Did you mean 90?"),
        ('motion = "reducd"', 'motion is "reducd", not one of "full", "reduced". Did you mean "reduced"?'),
        ("rotate = true", "rotate is true, not one of 0, 90, 180, 270."),
        ("theme = 3", "theme is 3, not a text in quotes."),
        ("theme = ['day']", "theme is ['day'], not a text in quotes."),
        ('sounds = "off"', 'sounds is "off", not true or false. Did you mean false?'),
        ("sounds = 0", "sounds is 0, not true or false. Did you mean false?"),
        ("caption = 1979-05-27", "caption is 1979-05-27, not true or false."),
        ("[caption]", "caption is {}, not true or false."),
        ('backend = "GPU"', 'backend is "GPU", not one of "auto", "gpu", "software". Did you mean "gpu"?'),
        ("fps = 0", "fps is 0, not a whole number from 1 to 240. Did you mean 1?"),
        ("fps = 59.6", "fps is 59.6, not a whole number from 1 to 240. Did you mean 60?"),
        ("fps = nan", "fps is nan, not a whole number from 1 to 240."),
        ('fps = "' + "6" * 100 + '"', "…, not a whole number from 1 to 240."),
        ("button_pin = 40", "button_pin is 40, not a whole number from 0 to 27. Did you mean 27?"),
        ("button_pin = true", "button_pin is true, not a whole number from 0 to 27."),
        ("memory_soft_mb = 99", "memory_soft_mb is 99, not a whole number from 100 to 1000000. Did you mean 100?"),
        (
            "memory_hard_mb = 400.0",
            "memory_hard_mb is 400.0, not a whole number from 100 to 1000000. Did you mean 400?",
        ),
    ],
)
def test_a_wrong_value_names_itself_its_line_and_the_nearest_right_one(line: str, says: str, write: Write) -> None:
    path = write(f"# a comment\n\n{line}\n")
    with pytest.raises(UsageError) as caught:
        load_settings(path)

    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert str(caught.value).endswith(says)


def test_everything_that_is_wrong_is_said_at_once_and_keeps_its_default(write: Write) -> None:
    """A kiosk that nobody watches shows a wheel all the same, and says on it what is wrong."""
    loaded = read_settings(write("rotate = 3\nsounds = false\nfrobs = 1\n"), {"WHEEL_KIOSK_FPS": "many"})

    assert loaded.settings == Settings(sounds=False)
    assert [problem.message.split(": ")[0].rpartition("/")[2] for problem in loaded.problems] == [
        "kiosk.toml, line 1",
        "kiosk.toml, line 3",
        "the environment's WHEEL_KIOSK_FPS",
    ]


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("WHEEL_KIOSK_ROTATE", "90", "rotate", 90),
        ("WHEEL_KIOSK_SOUNDS", "false", "sounds", False),
        ("WHEEL_KIOSK_THEME", "day", "theme", "day"),
        ("WHEEL_KIOSK_THEME", "123", "theme", "123"),
        ("WHEEL_KIOSK_HEALTH_FILE", "", "health_file", ""),
        ("WHEEL_KIOSK_BUTTON_PIN", "4", "button_pin", 4),
        ("WHEEL_KIOSK_BUTTON_PIN", "", "button_pin", None),
        ("WHEEL_KIOSK_FPS", "", "fps", 60),
    ],
)
def test_the_environment_comes_before_the_file(variable: str, text: str, key: str, value: object, write: Write) -> None:
    path = write('theme = "night"\nrotate = 180\nsounds = true\nbutton_pin = 5\nfps = 30\n')
    loaded = read_settings(path, {variable: text, "WHEEL_HOME": "/elsewhere"})

    assert loaded.problems == ()
    assert getattr(loaded.settings, key) == value
    assert loaded.sources[key] == f"the environment's {variable}"


def test_a_variable_that_is_no_key_is_named_with_the_nearest_right_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"WHEEL_KIOSK_ROTAET: unknown key rotaet\. Did you mean rotate\?"):
        load_settings(tmp_path / "nowhere.toml", {"WHEEL_KIOSK_ROTAET": "90"})


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


@pytest.mark.slow
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


def test_thousands_of_unknown_keys_cost_no_more_than_a_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """6000 of them took a minute: each was looked for in every line and compared with every key."""
    path = tmp_path / "kiosk.toml"
    path.write_text("".join(f"key{number} = 1\n" for number in range(4500)) + "fps = 30\n")
    compared: list[str] = []

    def closest(name: str, _: object) -> str:
        compared.append(name)
        return ""

    monkeypatch.setattr("kiosk.config.settings.closest", closest)

    loaded = read_settings(path)

    assert (len(loaded.problems), len(compared)) == (11, 10)
    assert "4490 more unknown keys" in " ".join(map(str, loaded.problems))
    assert loaded.settings.fps == 30


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("x = 1\n" * 11_000, "it is larger than 64 KiB"),
        ("a" + ".a" * 30_000 + " = 1", "line 1 has more than 100 dots"),
        (f"{'a' * 60_000} = 1", "unknown key aaaa"),
        (f'rotate = "{"9" * 60_000}"', "rotate is"),
        (f'fps = "{"9" * 60_000}"', "fps is"),
        ('"\\u001b]0;\\u0007\\n2026-01-01 INFO all is well" = 1', r"unknown key '\x1b"),
        ('rotate = "\\u001b[2J"', r'rotate is "\u001b[2J"'),
    ],
)
def test_a_problem_is_found_with_little_work_and_told_in_one_short_line(
    content: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(content)
    matched: list[str] = []
    real = difflib.get_close_matches

    def close(word: str, *arguments: Any, **options: Any) -> list[str]:
        matched.append(word)
        return real(word, *arguments, **options)

    monkeypatch.setattr("difflib.get_close_matches", close)
    (problem,) = map(str, read_settings(path).problems)

    assert told in problem
    assert len(problem) < 600
    assert problem.isprintable()
    assert max(map(len, matched), default=0) <= 40


@pytest.mark.parametrize("make", ["fifo", "device", "link", "directory"])
def test_what_is_no_file_of_its_own_is_named_and_not_waited_for(make: str, tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    if make == "fifo":
        os.mkfifo(path)
    elif make == "directory":
        path.mkdir()
    else:
        (tmp_path / "other").write_text("fps = 30\n")
        path.symlink_to("/dev/zero" if make == "device" else "other")

    loaded = read_settings(path)

    assert "cannot be read: it is" in str(loaded.problems[0])
    assert loaded.settings == Settings()
