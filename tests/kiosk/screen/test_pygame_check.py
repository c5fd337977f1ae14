"""The original pygame is recognised, and the message says how to replace it."""

import pygame
import pytest

from kiosk.core.errors import ScreenError
from kiosk.screen.pygame_check import require_pygame_ce


def test_pygame_ce_is_accepted() -> None:
    require_pygame_ce()


def test_the_original_pygame_is_refused_with_the_command_that_replaces_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pygame, "IS_CE")

    with pytest.raises(ScreenError, match="needs pygame-ce") as caught:
        require_pygame_ce()
    assert "pip uninstall pygame" in caught.value.remedy


@pytest.mark.parametrize(
    "command", [["run", "--window", "800x480"], ["replay", "--spin", "1"], ["doctor"]], ids=lambda words: words[0]
)
def test_each_command_that_draws_checks_it_first(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    from kiosk.__main__ import main

    monkeypatch.delattr(pygame, "IS_CE")

    assert main([*command, "--home", f"{tmp_path}/home"]) == 9
    assert "needs pygame-ce" in capsys.readouterr().err
