"""No file, and no constructor, is larger than one can take in."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 400
LONG_FILES = {
    "tools/verify/verify_draw.py": "an auditor's file, read from top to bottom",
}
"""Files that may be longer, and why."""

MOST_ARGUMENTS = 8
LONG_INITS: dict[str, str] = {}
"""`module.Class` with a hand-written `__init__` of more arguments, and why."""


def every_file() -> list[Path]:
    return sorted(path for folder in ("kiosk", "tools", "tests") for path in (ROOT / folder).rglob("*.py"))


def long_files(paths: Iterable[Path]) -> dict[str, int]:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in paths}
    return {path.relative_to(ROOT).as_posix(): count for path, count in lines.items() if count > MOST_LINES}


def long_inits(code: str) -> dict[str, int]:
    """Return the classes whose `__init__` takes more than `MOST_ARGUMENTS`, without self, and how many it takes."""
    found = {}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ClassDef):
            for function in node.body:
                if isinstance(function, ast.FunctionDef) and function.name == "__init__":
                    given = function.args
                    count = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs) - 1
                    if count > MOST_ARGUMENTS:
                        found[node.name] = count
    return found


def test_no_file_is_longer_than_one_can_read_in_one_go() -> None:
    found = long_files(every_file())

    assert set(found) <= set(LONG_FILES), found


@pytest.mark.slow
def test_no_constructor_takes_more_arguments_than_one_can_hold_in_mind() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{name}": count
        for path in every_file()
        for name, count in long_inits(path.read_text(encoding="utf-8")).items()
    }

    assert set(found) <= set(LONG_INITS), found


def test_the_scan_for_long_constructors_counts_keywords_and_not_self() -> None:
    eight = "class A:\n    def __init__(self, a, b, c, d, *, e, f, g, h): ...\n"
    nine = eight.replace("h)", "h, i)")

    assert long_inits(eight) == {}
    assert long_inits(nine) == {"A": 9}
