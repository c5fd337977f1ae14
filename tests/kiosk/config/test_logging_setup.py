"""The log for machines: one JSON object a line, whatever is logged."""

import json
import logging

from hypothesis import given
from hypothesis import strategies as st

from kiosk.config.logging_setup import JsonLines


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
