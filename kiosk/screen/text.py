"""Text in any script, from the fonts on the system, fitted to a width.

Invariant: never an exception for a name. A character that no font has shows as a box, and is logged once. Surfaces are
made here and cached by whoever shows them; nothing is rendered twice in a frame loop.

A text is cut into runs, each in one direction and one font that has its characters; HarfBuzz shapes a run (Arabic
joins, Devanagari stacks). The order of runs is that of the Unicode bidirectional algorithm (UAX #9) for the two levels
that a name can have: its own direction, and words of the other one within it.
"""

import contextlib
import logging
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

import pygame
import pygame.freetype

from kiosk.screen.theme import Colour

logger = logging.getLogger(__name__)

ELLIPSIS = "…"

_PREFERRED = ("NotoSans-Bold", "DejaVuSans-Bold", "LiberationSans-Bold", "FreeSansBold", "arialbd", "Arial Bold")
_FALLBACKS = (
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
"""Fonts to try for what the main font lacks, by file name without ending; any other font of the system comes after."""
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
_CACHED_RUNS = 256
"""Texts whose runs are kept: one text is measured at several sizes before it is shown."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE, _BASELINE = 135, 95
"""Height of a line, and of its baseline below its top, in percent of the size: room for the tallest scripts."""


def _font_directories() -> Iterator[Path]:
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), Path.home() / "Library/Fonts")
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
        with contextlib.suppress(RuntimeError):  # a user without a directory
            yield Path.home() / ".local/share/fonts"


@lru_cache(maxsize=1)
def system_fonts() -> dict[str, Path]:
    """Return the font files of the system by name without ending. An unreadable directory has none."""
    found: dict[str, Path] = {}
    for directory in _font_directories():
        for folder, _, names in os.walk(directory, onerror=None):
            for name in names:
                path = Path(folder, name)
                if path.suffix.lower() in {".ttf", ".otf", ".ttc"}:
                    found.setdefault(path.stem, path)
    return found


class _Run(NamedTuple):
    """Characters in one font and one direction."""

    text: str
    font: str
    right_to_left: bool


def unbroken_parts(text: str) -> list[tuple[str, str]]:
    """Cut `text` where a line may end: at spaces, and after hyphens. Each part comes with what stood before it."""
    return [
        (" " if place and not number else "", part)
        for place, word in enumerate(text.split(" "))
        for number, part in enumerate(re.split(r"(?<=[^-]-)(?=[^-])", word))
    ]


class Typesetter:
    """Renders text; holds the opened fonts.

    Args:
        fonts: font files by name, the system's by default; an empty mapping leaves pygame's own font.
        known: which font has a character, as far as somebody found out already.
    """

    def __init__(self, fonts: dict[str, Path] | None = None, *, known: dict[str, str] | None = None) -> None:
        self._files = system_fonts() if fonts is None else fonts
        self._fonts: dict[str, pygame.Font] = {}
        self._font_of_character: dict[str, str] = {} if known is None else known
        self._faces: dict[str, pygame.freetype.Font | None] = {}
        self._main = next((name for name in _PREFERRED if name in self._files), "")
        others = sorted(name for name in self._files if "Italic" not in name and "Oblique" not in name)
        self._runs = lru_cache(maxsize=_CACHED_RUNS)(self._cut)
        self._order = list(dict.fromkeys([self._main, *(n for n in _FALLBACKS if n in self._files), "", *others]))

    def sibling(self) -> Self:
        """Return a typesetter for another thread: fonts of its own, the knowledge of who has which glyph shared."""
        return type(self)(self._files, known=self._font_of_character)

    def drop_caches(self) -> None:
        """Close the fonts; those that are needed are opened again."""
        self._fonts.clear()
        self._faces.clear()

    def render(self, text: str, size: int, colour: Colour) -> pygame.Surface:
        """Return `text` on a transparent surface, `line_height(size)` high.

        Args:
            text: one line.
            size: nominal size in pixels; capitals are about 0.57 of it high.
            colour: of the text.
        """
        runs = [(self._render_run(run, size, colour), self._ascent(run, size)) for run in self._runs(text)]
        width = sum(surface.get_width() for surface, _ in runs)
        line = pygame.Surface((max(1, width), line_height(size)), pygame.SRCALPHA)
        x = 0
        for surface, ascent in runs:
            line.blit(surface, (x, _BASELINE * size // 100 - ascent))
            x += surface.get_width()
        return line

    def width(self, text: str, size: int) -> int:
        """Return how wide `render` would make `text`, in pixels."""
        total = 0
        for run in self._runs(text):
            width, height = self._shaped(run, size).size(run.text)
            total += width * size // height if self._bitmap(run.font) else width
        return total

    def fit(self, text: str, size: int, colour: Colour, width: int) -> pygame.Surface:
        """Return `text` within `width` pixels, ended with an ellipsis where it must be cut."""
        if self.width(text, size) > width:
            low, high = 0, len(text)
            while low < high:
                middle = (low + high + 1) // 2
                if self.width(text[:middle].rstrip() + ELLIPSIS, size) <= width:
                    low = middle
                else:
                    high = middle - 1
            text = text[:low].rstrip() + ELLIPSIS
        return self.render(text, size, colour)

    def fit_lines(
        self, text: str, *, width: int, height: int, largest: int, smallest: int, most: int = 3
    ) -> tuple[int, list[str]]:
        """Find the largest size at which the whole of `text` fits a box, broken at spaces and after hyphens.

        Returns the size and the lines, none longer than it must be for their number. At `smallest` the last line may be
        too wide: `fit` ends it in an ellipsis.
        """
        sizes = [max(largest, smallest)]
        while sizes[-1] > smallest:
            sizes.append(max(smallest, sizes[-1] * 9 // 10))
        # What fits at one size fits at every smaller one, so the largest is found by halving.
        low, high = 0, len(sizes) - 1
        if self._fits(text, sizes[0], width, height, most):  # as most names do
            high = 0
        while low < high:
            middle = (low + high) // 2
            if self._fits(text, sizes[middle], width, height, most):
                high = middle
            else:
                low = middle + 1
        lines = self._wrap(text, sizes[low], width)
        if 1 < len(lines) <= most:
            lines = self._wrap(text, sizes[low], self._narrowest(text, sizes[low], width, len(lines)))
        rest = "".join(glue + line for glue, line in lines[most - 1 :]).lstrip(" ")
        return sizes[low], [line for _, line in lines[: most - 1]] + [rest] * (len(lines) >= most)

    def _fits(self, text: str, size: int, width: int, height: int, most: int) -> bool:
        room = min(most, height // line_height(size))
        if self.width(text, size) > (width + size) * room:  # a line may end in a space that is not drawn
            return False  # without looking for where it could be broken
        lines = self._wrap(text, size, width)
        return len(lines) <= room and all(self.width(line, size) <= width for _, line in lines)

    def _narrowest(self, text: str, size: int, width: int, lines: int) -> int:
        """Return about the least width up to `width` that needs no more than `lines`: they are equally long then."""
        longest = max(self.width(part, size) for _, part in unbroken_parts(text))  # what is whole stays so
        narrow = max(longest, self.width(text, size) // lines - size)  # a space at the end of a line is not drawn
        while width - narrow > max(1, size // 4):
            middle = (narrow + width) // 2
            if len(self._wrap(text, size, middle)) <= lines:
                width = middle
            else:
                narrow = middle
        return width

    def _wrap(self, text: str, size: int, width: int) -> list[tuple[str, str]]:
        """Return the lines, each with what stood between it and the line before: a space, or nothing."""
        lines: list[tuple[str, str]] = []
        for glue, whole in unbroken_parts(text):
            joined = f"{lines[-1][1]}{glue}{whole}" if lines else whole
            if lines and self.width(joined, size) <= width:
                lines[-1] = (lines[-1][0], joined)
                continue
            before, word = glue, whole
            # A script without spaces, or one endless word: break it where the line is full.
            while self.width(word, size) > width and len(word) > 1:
                end = max(1, len(word) * width // max(1, self.width(word, size)))
                while end > 1 and (self.width(word[:end], size) > width or unicodedata.combining(word[end])):
                    end -= 1
                lines.append((before, word[:end]))
                before, word = "", word[end:]
            lines.append((before, word))
        return lines

    def learn(self, texts: Iterable[str]) -> None:
        """Find a font for each character of `texts` now, so that no frame has to."""
        for character in set().union(*map(_encodable, texts)):
            self._font_for(character)

    def lacks(self, text: str) -> str:
        """Return the characters of `text` that no font has, and that would show as boxes."""
        return "".join(c for c in text if not any(self._has(name, c) for name in self._order))

    def _render_run(self, run: _Run, size: int, colour: Colour) -> pygame.Surface:
        if not self._shaped(run, size).size(run.text)[0]:
            return pygame.Surface((0, 1), pygame.SRCALPHA)  # a direction mark on its own; pygame would raise
        try:
            surface = self._shaped(run, size).render(run.text, True, colour)  # noqa: FBT003 - pygame's signature
        except (pygame.error, ValueError) as error:
            logger.warning("cannot render %r: %s", run.text, error)
            surface = pygame.Surface((size // 2, size), pygame.SRCALPHA)
            pygame.draw.rect(surface, colour, surface.get_rect().inflate(-size // 5, -size // 4), 1)
        if self._bitmap(run.font):
            width, height = surface.get_size()
            surface = pygame.transform.smoothscale(surface, (max(1, width * size // height), size))
        return surface

    def _ascent(self, run: _Run, size: int) -> int:
        return size * 4 // 5 if self._bitmap(run.font) else self._font(run.font, size).get_ascent()

    def _shaped(self, run: _Run, size: int) -> pygame.Font:
        """Return the run's font, told how to shape it."""
        font = self._font(run.font, size)
        font.set_direction(pygame.DIRECTION_RTL if run.right_to_left else pygame.DIRECTION_LTR)
        font.set_script(_script(run.text))
        return font

    def _cut(self, text: str) -> list[_Run]:
        """Cut `text` into runs, in the order in which they stand from left to right."""
        text = _encodable(text)
        base = _first_direction(text)
        groups: list[list[_Run]] = []
        for character, right_to_left in zip(text, _directions(text, base=base), strict=True):
            last = groups[-1][-1] if groups and groups[-1][-1].right_to_left == right_to_left else None
            attached = character in _JOINERS or unicodedata.category(character) in {"Mn", "Me", "Mc", "Sk"}
            attached = attached or (character == " " and last is not None and not self._bitmap(last.font))
            font = last.font if last and attached else self._font_for(character)
            if last is None:
                groups.append([_Run(character, font, right_to_left)])
            elif last.font == font:
                groups[-1][-1] = _Run(last.text + character, font, right_to_left)
            else:
                groups[-1].append(_Run(character, font, right_to_left))
        if base:
            groups.reverse()
        return [run for group in groups for run in (reversed(group) if group[0].right_to_left else group)]

    def _font_for(self, character: str) -> str:
        known = self._font_of_character.get(character)
        if known is None:
            known = next((name for name in self._order if self._has(name, character)), None)
            if known is None:
                logger.warning("no font has U+%04X (%s)", ord(character), unicodedata.name(character, "no name"))
                # pygame.Font takes a damaged file for a font, and dies of using it; FreeType knows.
                known = self._main if self._face(self._main) is not None else ""
            self._font_of_character[character] = known
        return known

    def _has(self, name: str, character: str) -> bool:
        """Say whether a font has a glyph. Only FreeType tells; `pygame.Font` counts the box as a glyph."""
        font = self._face(name)
        if font is None:
            return False
        size = 0 if font.scalable else font.get_sizes()[0][4]
        return font.get_metrics(character, size=size)[0] is not None

    def _bitmap(self, name: str) -> bool:
        """Say whether a font has its glyphs in one size only, as colour emoji do."""
        font = self._face(name)
        return font is not None and not font.scalable

    def _face(self, name: str) -> pygame.freetype.Font | None:
        if name not in self._faces:
            try:
                self._faces[name] = pygame.freetype.Font(str(self._files[name]) if name else None, 16)
            except (pygame.error, OSError, RuntimeError) as error:
                logger.info("font %s cannot be used: %s", name, error)
                self._faces[name] = None
        return self._faces[name]

    def _font(self, name: str, size: int) -> pygame.Font:
        """Return a font, set to a size. One object serves all sizes: each one of a CJK font would take 3 MB."""
        font = self._fonts.get(name)
        points = max(4, size * 4 // 5)
        if font is None:
            font = self._fonts[name] = pygame.Font(self._files[name] if name else None, points)
        if font.point_size != points:
            font.point_size = points
        return font


def _encodable(text: str) -> str:
    """Return `text` with what no font library takes, lone surrogates of a file's name, made the replacement sign."""
    return _SURROGATES.sub("\ufffd", text)


def line_height(size: int) -> int:
    """Return how high a rendered line of that size is, in pixels; capitals stand in its middle."""
    return size * _LINE // 100


def _strong(character: str) -> bool | None:
    """Return True for right-to-left, False for left-to-right, None for a neutral character."""
    direction = unicodedata.bidirectional(character)
    return None if direction not in {"L", "R", "AL", "EN", "AN"} else direction in {"R", "AL"}


def _first_direction(text: str) -> bool:
    """Return whether the first letter runs right to left: the direction of the whole (UAX #9, P2 and P3)."""
    letters = (_strong(character) for character in text if unicodedata.category(character)[0] == "L")
    return next((direction for direction in letters if direction is not None), False)


def _directions(text: str, *, base: bool) -> list[bool]:
    """Return for each character whether it runs right to left; neutrals follow their neighbours (N1 and N2)."""
    strong = [_strong(character) for character in text]
    directions: list[bool] = []
    before = base
    for place, own in enumerate(strong):
        if own is None:
            after = next((other for other in strong[place:] if other is not None), base)
            directions.append(before if before == after else base)
        else:
            before = own
            directions.append(own)
    return directions


_SCRIPTS = (
    ("ARABIC", "Arab"),
    ("HEBREW", "Hebr"),
    ("DEVANAGARI", "Deva"),
    ("BENGALI", "Beng"),
    ("TAMIL", "Taml"),
    ("THAI", "Thai"),
    ("HANGUL", "Hang"),
    ("HIRAGANA", "Kana"),
    ("KATAKANA", "Kana"),
    ("CJK", "Hani"),
    ("CYRILLIC", "Cyrl"),
    ("GREEK", "Grek"),
)


def _script(run: str) -> str:
    """Return the ISO 15924 code that tells HarfBuzz how to shape `run`; Latin where nothing says otherwise."""
    for character in run:
        name = unicodedata.name(character, "")
        for prefix, code in _SCRIPTS:
            if name.startswith(prefix):
                return code
    return "Latn"
