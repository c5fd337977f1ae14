"""Which files the keys `health_file` and `metrics_file` may name: they are written again every few seconds.

Invariant: none of them is a file of the kiosk. Who may edit kiosk.toml must not thereby overwrite the ledger or a key.
"""

import re
from pathlib import Path

from kiosk.core.home import Home

REPORT_KEYS = ("health_file", "metrics_file")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(json|prom|txt)", re.ASCII)


def problem_with_report_file(value: str, home: Home) -> str:
    """Say why a report may not be written there, as the end of a sentence; "" if it may."""
    path = Path(value)
    if path.is_absolute():
        try:
            there = path.parent.resolve() / path.name
        except (OSError, ValueError, RuntimeError):
            return "not a path of this system"
        inside = there.is_relative_to(home.root.resolve()) or path.is_relative_to(home.root)
        return "in the home, where only a plain name beside kiosk.toml is allowed" if inside else ""
    if not _NAME.fullmatch(value):
        return "not a plain name that ends in .json, .prom or .txt"
    return "the name of a file of the kiosk" if value.casefold() in _names_taken(home) else ""


def _names_taken(home: Home) -> set[str]:
    """Return the names of everything that the home has in the kiosk's directory."""
    named = (getattr(home, name) for name, kind in vars(Home).items() if isinstance(kind, property))
    return {path.name.casefold() for path in named if path.parent == home.kiosk}
