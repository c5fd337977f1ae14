"""`wheel-kiosk config`: a sample that explains every key, a check, and where each value comes from."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from kiosk.__main__ import main
from kiosk.commands.config import check, in_force, sample
from kiosk.config.settings import KEYS, Settings, read_settings
from kiosk.core.assets import asset
from kiosk.core.errors import UsageError


def test_the_sample_that_is_shipped_is_what_the_program_prints() -> None:
    """Renew it with: python -m kiosk config sample > assets/kiosk.toml."""
    assert asset("kiosk.toml").read_text() == sample()


def test_every_key_says_what_it_is_for_and_numbers_say_their_unit() -> None:
    units = ("Degrees", "Frames per second", "BCM number", "Milliseconds", "true", "MB", "Percent")
    for key in KEYS.values():
        assert len(key.about) > 30, key.name
        if "number" in key.expected() or key.name == "rotate":
            assert any(unit in key.about for unit in units), key.name


def test_the_sample_as_it_stands_sets_nothing_and_uncommented_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(sample())
    assert read_settings(path).settings == Settings()

    path.write_text("".join(line.removeprefix("#") for line in sample().splitlines(True) if not line.startswith("# ")))
    loaded = check(path, {})
    assert set(loaded.sources) == set(KEYS)
    changed = {
        name: value for name, value in msgspec.to_builtins(loaded.settings).items() if KEYS[name].default != value
    }
    assert set(changed) == {name for name, key in KEYS.items() if key.default is None} | {"source"}


def test_show_is_toml_with_the_values_in_force_and_says_where_each_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text("sounds = false\n\nrotate = 90\n")
    text = in_force(path, {"WHEEL_KIOSK_ROTATE": "270"})

    assert tomllib.loads(text)["rotate"] == 270
    assert "rotate = 270    # the environment's WHEEL_KIOSK_ROTATE" in text
    assert f"sounds = false    # {path}, line 1" in text
    assert 'theme = "night"    # default' in text


def test_check_names_everything_that_is_wrong_and_exits_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHEEL_KIOSK_FPS", "0")
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "kiosk.toml").write_text('rotation = 90\ntheme = "mine.toml"\n')

    assert main(["config", "check", "--home", str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert "line 1: unknown key rotation. Did you mean rotate?" in said[0]
    assert "fps is 0" in said[1]
    assert "mine.toml" in said[2]


def test_check_of_a_good_file_and_of_none_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", "--home", str(tmp_path)]) == 0
    assert "does not exist" in capsys.readouterr().out
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "kiosk.toml").write_text("sounds = false\n")
    assert main(["config", "check", "--home", str(tmp_path)]) == 0
    assert "1 of its keys" in capsys.readouterr().out


def test_a_theme_that_cannot_be_used_is_found_before_the_kiosk_starts(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text('theme = "ours.toml"\n')
    (tmp_path / "ours.toml").write_text("[colours]\nrim = 3\n")
    with pytest.raises(UsageError, match=r"ours\.toml"):
        check(path, {})
