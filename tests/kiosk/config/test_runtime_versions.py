"""`--version`, and the check that `import pygame` is pygame-ce."""

import re
import sys
from types import SimpleNamespace

import pytest

from kiosk.__main__ import main
from kiosk.config.command_line import parse
from kiosk.config.runtime_versions import require_pygame_ce
from kiosk.core.errors import UsageError


def test_version_names_the_program_python_pygame_and_sdl(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(["--version"])

    assert left.value.code == 0
    pattern = r"wheel-kiosk \d+\.\d+\.\d+\S* \(Python 3\.\d+\.\d+, pygame-ce \d+\.\d+\.\d+\S*, SDL 2\.\d+\.\d+\)\n"
    assert re.fullmatch(pattern, capsys.readouterr().out)


def test_pygame_ce_is_accepted() -> None:
    require_pygame_ce()


def test_the_original_pygame_is_refused_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pygame", SimpleNamespace(version=SimpleNamespace(ver="2.6.1")))

    assert main(["run", "--window", "800x480"]) == 2

    message = capsys.readouterr().err
    assert "the original pygame 2.6.1" in message
    assert "pip uninstall pygame pygame-ce; pip install pygame-ce" in message


def test_a_missing_pygame_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygame", None)

    with pytest.raises(UsageError, match="pip install pygame-ce"):
        require_pygame_ce()


def test_a_32_bit_python_is_refused_by_name_before_pygame_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "maxsize", (1 << 31) - 1)
    monkeypatch.setattr("platform.machine", lambda: "armv7l")
    monkeypatch.setitem(sys.modules, "pygame", None)

    assert main(["run", "--window", "800x480"]) == 2
    message = capsys.readouterr().err
    assert "This is a 32-bit Python (armv7l)" in message
    assert "64-bit Raspberry Pi OS" in message


@pytest.mark.parametrize("command", ["run", "replay", "config", "doctor"])
def test_the_help_of_every_command_can_be_read(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse([command, "--help"])

    assert left.value.code == 0
    assert "--home" in capsys.readouterr().out
