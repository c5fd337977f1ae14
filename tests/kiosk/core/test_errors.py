"""Every error has an exit code, is also a builtin exception, and says how to fix it."""

import re
from collections.abc import Iterator

import pytest

from kiosk.core import errors
from kiosk.core.errors import RefusedError, SnapshotError, WheelError


def family(root: type[WheelError]) -> Iterator[type[WheelError]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


EVERY = sorted({kind for kind in family(WheelError) if kind.__module__ == errors.__name__}, key=lambda k: k.__name__)
every_error = pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)


@every_error
def test_every_error_says_what_was_found_and_what_to_do(kind: type[WheelError]) -> None:
    error = kind("The disk is full.", remedy="Free some space.")

    assert str(error) == "The disk is full. Free some space."
    assert (error.message, error.remedy) == ("The disk is full.", "Free some space.")
    assert str(kind("The disk is full.")) == "The disk is full."


@every_error
def test_every_exit_code_is_in_the_table(kind: type[WheelError]) -> None:
    table = {int(number) for number in re.findall(r"^(\d+) ", errors.__doc__ or "", re.MULTILINE)}

    assert table == set(range(12))
    assert kind.exit_code in table


@every_error
def test_every_error_but_the_root_is_a_builtin_too(kind: type[WheelError]) -> None:
    builtin = [base for base in kind.__mro__ if base.__module__ == "builtins"]

    assert kind is WheelError or set(builtin) - {object, BaseException, Exception}


def test_a_refusal_holds_every_reason() -> None:
    assert RefusedError("no", problems=("one", "two")).problems == ("one", "two")
    assert RefusedError("no").problems == ()


def test_every_refused_snapshot_is_caught_as_one() -> None:
    leaves = {kind.__name__ for kind in EVERY if issubclass(kind, SnapshotError)} - {"SnapshotError"}

    assert leaves == {
        "NamesMissing",
        "ReplacedGeneration",
        "RewritesThePast",
        "SnapshotMalformed",
        "SnapshotTooLarge",
        "SnapshotUnreadable",
        "SnapshotUntrusted",
        "StaleGeneration",
    }
