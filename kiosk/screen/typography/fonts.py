"""Finds the font files of the system."""

import contextlib
import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

OWN = "(theme)"
"""Stands for the font of the theme; no file has such a name."""
PREFERRED = (OWN, "NotoSans-Bold", "DejaVuSans-Bold", "LiberationSans-Bold", "FreeSansBold", "arialbd", "Arial Bold")
FALLBACKS = (
    "NotoSansArabic-Bold",
    "NotoSansHebrew-Bold",
    "NotoSansDevanagari-Bold",
    "NotoSansThai-Bold",
    "NotoSansCJK-Bold",
    "NotoSansCJK-Regular",
    "wqy-microhei",
    "wqy-zenhei",
    "DroidSansFallbackFull",
    "NotoColorEmoji",
    "DejaVuSans-Bold",
    "DejaVuSans",
    "FreeSans",
    "FreeSerif",
    "unifont",
    "seguiemj",
    "msyh",
    "Nirmala",
    "LeelawUI",
    "Arial Unicode",
)
"""Fonts to try for characters that the main font lacks, by file name without suffix; all other fonts come after."""


def _font_directories() -> Iterator[Path]:
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), Path.home() / "Library/Fonts")
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
        with contextlib.suppress(RuntimeError):  # a user without a directory
            yield Path.home() / ".local/share/fonts"


def fonts_with(own: Path | None) -> dict[str, Path]:
    """Return the fonts of the system, and the theme's own font before them if it has one."""
    return system_fonts() if own is None else {OWN: own, **system_fonts()}


@lru_cache(maxsize=1)
def system_fonts() -> dict[str, Path]:
    """Return the font files of the system by name without suffix. Unreadable directories are skipped."""
    found: dict[str, Path] = {}
    for directory in _font_directories():
        for folder, _, names in os.walk(directory, onerror=None):
            for name in names:
                path = Path(folder, name)
                if path.suffix.lower() in {".ttf", ".otf", ".ttc"}:
                    found.setdefault(path.stem, path)
    return found
