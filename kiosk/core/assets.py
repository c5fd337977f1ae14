"""Finds bundled themes and sounds: beside the package in a checkout, inside it once installed."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def asset(name: str) -> Path:
    """Return the path of an asset, for example `themes/night.toml`. The file may be missing; opening it tells."""
    installed = _PACKAGE / "_assets" / name
    return installed if installed.exists() else _PACKAGE.parent / "assets" / name
