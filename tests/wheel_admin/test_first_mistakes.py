"""What a beginner types wrong, and whether the message leads on: one line, no programmer's words, the next command."""

import io
import sys

import pytest

from tests.wheel_admin.conftest import Desk


@pytest.mark.parametrize(
    ("typed", "message", "remedy"),
    [
        ("withdraw", "Missing argument 'ticket'.", "See wheel-admin withdraw --help."),
        ("winners", "Missing argument 'what'. Choose from: keep, remove", "See wheel-admin winners --help."),
        ("claim x y absent", "Invalid value for 'place': 'y' is not a whole number.", "See wheel-admin claim --help."),
        ("verfy", "No such command 'verfy'. Did you mean 'verify'?", "See wheel-admin --help."),
        ("prizes lst", "No such command 'lst'. Did you mean 'list', 'set'?", "See wheel-admin prizes --help."),
        ("rules nosuch", "No such command 'nosuch'.", "See wheel-admin rules --help."),
        ("entries list extra", "Got unexpected extra argument(s) (extra)", "See wheel-admin entries list --help."),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line_with_its_own_help(
    desk: Desk, typed: str, message: str, remedy: str
) -> None:
    error = desk.run(*typed.split()).err

    assert error.splitlines() == [f"Error: {message}", f"What to do: {remedy}"]


def test_verify_before_the_first_list_on_a_wheel_says_what_comes_next(desk: Desk) -> None:
    told = desk.run("verify")

    assert told.code == 2
    assert "Next: wheel-kiosk run." in told.err


def test_a_file_that_is_no_bundle_says_what_one_is(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHEEL_BUNDLE_PASSPHRASE", "p w")

    assert "wheel-admin bundle" in bare.error("restore", bare.text("a.wheel", "no bundle"), code=3)["remedy"]


def test_nothing_pasted_says_how_to_paste(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))

    assert "Ctrl+D" in desk.error("import", "-", code=3)["remedy"]
