"""TOML files that people write by hand: read within limits, so that no content of theirs can take long.

Invariant: a file costs a bounded amount of work before anything in it is looked at. A dotted key costs Python's reader
the square of its parts, so the dots of a line are counted first.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kiosk.core.regular_files import read_file

MOST_BYTES = 64 << 10
MOST_DOTS = 100
"""In one line. No key of ours has more than one."""
LONGEST_KEY = 40
"""A name that is longer was not a slip of somebody who meant another one."""


def read_toml(path: Path, *, links: bool = False) -> tuple[dict[str, Any], str]:
    """Return what the file holds, and its text; `links` as for `read_file`.

    Raises:
        OSError: it is missing, cannot be read, is not a regular file, or has more than `MOST_BYTES`.
        ValueError: it is not TOML, and why.
    """
    text = read_file(path, limit=MOST_BYTES, links=links).decode()
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > MOST_DOTS:
            raise ValueError(f"line {number} has more than {MOST_DOTS} dots")
    try:
        return tomllib.loads(text), text
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def closest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return the one of `known` that was probably meant; empty if none suggests itself. `cutoff` is difflib's."""
    if len(name) > LONGEST_KEY:
        return ""
    return next(iter(difflib.get_close_matches(name.lower(), known, n=1, cutoff=cutoff)), "")


def shown_key(name: str) -> str:
    """Return a key for a message: quoted, with control characters escaped, unless it is a bare one; not too long."""
    text = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else ascii(name)
    return text if len(text) <= LONGEST_KEY else f"{text[: LONGEST_KEY - 1]}…"
