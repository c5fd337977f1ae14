"""The names of the tests: short enough to be read in a list, and none hides another."""

import ast
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LONGEST = 80


def names() -> list[tuple[str, str]]:
    """Return (file, name) of every test function."""
    return [
        (path.relative_to(TESTS).as_posix(), node.name)
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]


@pytest.mark.slow
def test_no_name_of_a_test_is_longer_than_80_characters() -> None:
    assert [one for one in names() if len(one[1]) > LONGEST] == []


@pytest.mark.slow
def test_no_test_is_hidden_by_another_of_the_same_name_in_its_file() -> None:
    assert [one for one, count in Counter(names()).items() if count > 1] == []
