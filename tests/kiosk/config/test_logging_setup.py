"""The log for machines: one JSON object a line, whatever is logged."""

import json
import logging
import sys

from hypothesis import given
from hypothesis import strategies as st

from kiosk.config.logging_setup import JsonLines, TextLines


def formatted(message: str, error: BaseException | None = None) -> str:
    about = (type(error), error, None) if error else None
    return JsonLines().format(logging.LogRecord("kiosk.app", logging.WARNING, "f.py", 1, message, (), about))


@given(st.text())
def test_a_record_is_one_line_that_says_what_was_logged(message: str) -> None:
    line = formatted(message)

    assert "\n" not in line
    assert json.loads(line)["message"] == message


def test_level_logger_and_traceback_are_fields() -> None:
    found = json.loads(formatted("it broke", ValueError("first\nsecond")))

    assert (found["level"], found["logger"]) == ("warning", "kiosk.app")
    assert found["exception"].endswith("ValueError: first\nsecond")


def test_a_text_record_is_one_line_without_control_characters() -> None:
    """A key of kiosk.toml can hold any character, and is named in the log."""
    handled = logging.LogRecord(
        "kiosk", logging.ERROR, "", 0, "no key %s", ("\x1b]0;x\x07\n2026-01-01 INFO kiosk: well\u202e\x85",), None
    )

    line = TextLines().format(handled)

    assert line.endswith("no key <U+001B>]0;x<U+0007><U+000A>2026-01-01 INFO kiosk: well<U+202E><U+0085>")


def test_the_lines_of_a_traceback_look_like_no_record() -> None:
    try:
        raise ValueError("a\n2026-01-01 12:00:00 INFO kiosk: all is well\x1b[2J")  # noqa: TRY301
    except ValueError:
        record = logging.LogRecord("kiosk", logging.ERROR, "", 0, "failed", (), sys.exc_info())

    first, *others = TextLines().format(record).split("\n")

    assert first.endswith("failed")
    assert all(line.startswith("  | ") and line.isprintable() for line in others)
