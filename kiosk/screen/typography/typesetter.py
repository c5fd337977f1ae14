"""Renders text in any script, from the fonts on the system, fitted to a width.

Invariant: no text raises. A character that no font has is drawn as a box, and logged once. The caller caches the
surfaces made here, so that no frame renders a text twice.

A text is cut into runs, each in one direction and one font that has its characters; HarfBuzz shapes a run (Arabic
joins, Devanagari stacks). `bidi` puts the runs in order.
"""

import logging
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

import pygame
import pygame.freetype

from kiosk.screen.themes.colours import Colour
from kiosk.screen.typography.bidi import Part, visual_parts
from kiosk.screen.typography.fonts import FALLBACKS, PREFERRED, system_fonts
from kiosk.screen.typography.scripts import script_code

logger = logging.getLogger(__name__)

ELLIPSIS = "…"

_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
_CACHED_RUNS = 256
"""Texts whose runs are cached: one text is measured at several sizes before it is shown."""
_SIZES_KEPT = 3
"""A font that changes its size draws all glyphs again, which takes a millisecond. The names of the strip are set at
three: measured, large and small."""
_LARGE_FONT_BYTES = 4_000_000
"""A font of this size, for Chinese, takes 3 MB of memory each time it is open."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE, _BASELINE = 135, 95
"""Height of a line, and of its baseline below its top, in percent of the size: room for the tallest scripts."""


class _Run(NamedTuple):
    """Characters in one font and one direction."""

    text: str
    font: str
    right_to_left: bool


def unbroken_parts(text: str) -> list[tuple[str, str]]:
    """Split `text` where a line may break: at spaces and after hyphens. Each part has the space before it, or ""."""
    return [
        (" " if place and not number else "", part)
        for place, word in enumerate(text.split(" "))
        for number, part in enumerate(re.split(r"(?<=[^-]-)(?=[^-])", word))
    ]


class Typesetter:
    """Renders text; keeps the open fonts.

    Args:
        fonts: font files by name, by default those of the system; with an empty mapping, only pygame's own font.
        known: the font of each character seen so far; shared between siblings.
    """

    def __init__(self, fonts: dict[str, Path] | None = None, *, known: dict[str, str] | None = None) -> None:
        self._files = system_fonts() if fonts is None else fonts
        self._fonts: dict[str, OrderedDict[int, pygame.Font]] = {}
        self._font_of_character: dict[str, str] = {} if known is None else known
        self._faces: dict[str, pygame.freetype.Font | None] = {}
        self._main = next((name for name in PREFERRED if name in self._files), "")
        self._sizes_kept = 1 if _is_large(self._files.get(self._main)) else _SIZES_KEPT
        others = sorted(name for name in self._files if "Italic" not in name and "Oblique" not in name)
        self._runs = lru_cache(maxsize=_CACHED_RUNS)(self._cut)
        self._widths = lru_cache(maxsize=_CACHED_RUNS)(self._measure)
        self._order = list(dict.fromkeys([self._main, *(n for n in FALLBACKS if n in self._files), "", *others]))

    def sibling(self) -> Self:
        """Return a typesetter for another thread: with fonts of its own and the shared map of characters to fonts."""
        return type(self)(self._files, known=self._font_of_character)

    def cached_runs(self) -> tuple[int, int]:
        """Return how many texts are kept measured, and how many may be."""
        info = self._runs.cache_info()
        return info.currsize, info.maxsize or 0

    def drop_caches(self) -> None:
        """Close the fonts; they are opened again when needed."""
        self._fonts.clear()
        self._faces.clear()

    def close_others(self) -> None:
        """Close all fonts but the one of nearly all letters; they are opened again when needed."""
        self._fonts = {name: sizes for name, sizes in self._fonts.items() if name == self._main}
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
        """Return the width of `render(text, size, ...)`, in pixels."""
        return sum(self._widths(run, size) for run in self._runs(text))

    def fit(self, text: str, size: int, colour: Colour, width: int) -> pygame.Surface:
        """Return `text` within `width` pixels, cut with an ellipsis if necessary."""
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
        self, text: str, *, width: int, height: int, largest: int, smallest: int, most: int = 3, pitch: int = _LINE
    ) -> tuple[int, list[str]]:
        """Find the largest size at which all of `text` fits a box, broken at spaces and after hyphens.

        After hyphens only where the text would have to be less than half as large without. Lines stand `pitch` percent
        of the size apart.

        Returns the size and the lines, none longer than it must be for their number. At `smallest` the last line may be
        too wide: `fit` ends it in an ellipsis.
        """
        text = text.replace(" ·", "\u00a0·")  # a line does not begin with a separator
        sizes = [max(largest, smallest)]
        while sizes[-1] > smallest:
            sizes.append(max(smallest, sizes[-1] * 9 // 10))
        # A text that fits at one size fits at every smaller one, so binary search finds the largest.
        low, high = 0, len(sizes) - 1
        if self._fits(text, sizes[0], width, _lines_in(height, sizes[0], most, pitch)):  # true of most names
            high = 0
        while low < high:
            middle = (low + high) // 2
            if self._fits(text, sizes[middle], width, _lines_in(height, sizes[middle], most, pitch)):
                high = middle
            else:
                low = middle + 1
        lines = self._wrap(text, sizes[low], width)
        if 1 < len(lines) <= most:
            lines = self._wrap(text, sizes[low], self._narrowest(text, sizes[low], width, len(lines)))
        if " " in text and any(not glue for glue, _ in lines[1:]):
            least = max(smallest, sizes[low] // 2)
            rooms = {size: _lines_in(height, size, most, pitch) for size in range(least, sizes[low] + 1)}
            spaced = self._at_spaces(text, rooms, width=width)
            if spaced is not None:
                return spaced
        rest = "".join(glue + line for glue, line in lines[most - 1 :]).lstrip(" ")
        return sizes[low], [line for _, line in lines[: most - 1]] + [rest] * (len(lines) >= most)

    def _fits(self, text: str, size: int, width: int, room: int) -> bool:
        if self.width(text, size) > (width + size) * room:  # a line may end in a space that is not drawn
            return False  # decided without breaking it
        lines = self._wrap(text, size, width)
        return len(lines) <= room and all(self.width(line, size) <= width for _, line in lines)

    def _at_spaces(self, text: str, rooms: dict[int, int], *, width: int) -> tuple[int, list[str]] | None:
        """Return the largest size at which `text`, broken at spaces alone, fits, and its lines; None if none does.

        Args:
            text: one line.
            rooms: how many lines there may be, by size.
            width: of the box, in pixels.
        """
        words = text.split(" ")
        size = max(rooms)
        while size in rooms:
            room = rooms[size]
            widths = [self.width(word, size) for word in words]
            if max(widths) <= width:
                for count in range(1, room + 1):
                    # From the narrowest column that might do up to the whole: the lines get equally long.
                    for column in range(max(*widths, self.width(text, size) // count - size), width + 1, size):
                        lines = self._filled(words, size, min(width, column + size))
                        if len(lines) <= count and max(self.width(line, size) for line in lines) <= width:
                            return size, lines
            size = min(size - 1, size * 19 // 20)
        return None

    def _filled(self, words: list[str], size: int, width: int) -> list[str]:
        lines = [words[0]]
        for word in words[1:]:
            if self.width(f"{lines[-1]} {word}", size) <= width:
                lines[-1] = f"{lines[-1]} {word}"
            else:
                lines.append(word)
        return lines

    def _narrowest(self, text: str, size: int, width: int, lines: int) -> int:
        """Return approximately the smallest width up to `width` that needs at most `lines` lines: it balances them."""
        longest = max(self.width(part, size) for _, part in unbroken_parts(text))  # no new breaks within a part
        narrow = max(longest, self.width(text, size) // lines - size)  # a space at the end of a line is not drawn
        while width - narrow > max(1, size // 4):
            middle = (narrow + width) // 2
            if len(self._wrap(text, size, middle)) <= lines:
                width = middle
            else:
                narrow = middle
        return width

    def _wrap(self, text: str, size: int, width: int) -> list[tuple[str, str]]:
        """Return the lines, each with the space between it and the line before, or ""."""
        lines: list[tuple[str, str]] = []
        for glue, whole in unbroken_parts(text):
            joined = f"{lines[-1][1]}{glue}{whole}" if lines else whole
            if lines and self.width(joined, size) <= width:
                lines[-1] = (lines[-1][0], joined)
                continue
            before, word = glue, whole
            # A script without spaces, or one very long word: break it where the line is full.
            while self.width(word, size) > width and len(word) > 1:
                end = max(1, len(word) * width // max(1, self.width(word, size)))
                while end > 1 and (self.width(word[:end], size) > width or unicodedata.combining(word[end])):
                    end -= 1
                lines.append((before, word[:end]))
                before, word = "", word[end:]
            lines.append((before, word))
        return lines

    def learn(self, texts: Iterable[str]) -> None:
        """Find a font for each character of `texts` in advance, so that no frame has to.

        Each font is asked once: FreeType keeps a few files open, and opens one again for every other question.
        """
        left = sorted(set().union(*map(_encodable, texts)) - self._font_of_character.keys())
        for name in self._order:
            if not left:
                return
            had = self._glyphs(name, "".join(left))
            self._font_of_character |= {character: name for character, has in zip(left, had, strict=True) if has}
            left = [character for character, has in zip(left, had, strict=True) if not has]
        for character in left:
            self._miss(character)

    def lacks(self, text: str) -> str:
        """Return the characters of `text` that no font has; they are drawn as boxes."""
        return "".join(c for c in text if not any(self._has(name, c) for name in self._order))

    def _measure(self, run: _Run, size: int) -> int:
        width, height = self._shaped(run, size).size(run.text)
        return width * size // height if self._bitmap(run.font) else width

    def _render_run(self, run: _Run, size: int, colour: Colour) -> pygame.Surface:
        if not self._widths(run, size):
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
        """Return the run's font, set to its direction and script."""
        font = self._font(run.font, size)
        font.set_direction(pygame.DIRECTION_RTL if run.right_to_left else pygame.DIRECTION_LTR)
        font.set_script(script_code(run.text))
        return font

    def _cut(self, text: str) -> list[_Run]:
        """Split `text` into runs, in visual order from left to right."""
        runs: list[_Run] = []
        for part in visual_parts(_encodable(text)):
            fonts = self._in_fonts(part)
            runs += reversed(fonts) if part.right_to_left else fonts
        return runs

    def _in_fonts(self, part: Part) -> list[_Run]:
        """Split a part of one direction into runs of one font, in the order in which they are read."""
        runs: list[_Run] = []
        for character in part.text:
            last = runs[-1] if runs else None
            attached = character in _JOINERS or unicodedata.category(character) in {"Mn", "Me", "Mc", "Sk"}
            attached = attached or (character == " " and last is not None and not self._bitmap(last.font))
            font = last.font if last and attached else self._font_for(character)
            if last is not None and last.font == font:
                runs[-1] = _Run(last.text + character, font, part.right_to_left)
            else:
                runs.append(_Run(character, font, part.right_to_left))
        return runs

    def _font_for(self, character: str) -> str:
        known = self._font_of_character.get(character)
        if known is None:
            known = next((name for name in self._order if self._has(name, character)), None)
            if known is None:
                return self._miss(character)
            self._font_of_character[character] = known
        return known

    def _miss(self, character: str) -> str:
        """Note that no font has a character; returns the font whose box stands for it."""
        logger.warning("no font has U+%04X (%s)", ord(character), unicodedata.name(character, "no name"))
        # pygame.Font accepts a damaged file and crashes when it is used; FreeType detects it.
        known = self._font_of_character[character] = self._main if self._face(self._main) is not None else ""
        return known

    def _has(self, name: str, character: str) -> bool:
        return self._glyphs(name, character)[0]

    def _glyphs(self, name: str, characters: str) -> list[bool]:
        """Return which characters a font has. Only FreeType knows; `pygame.Font` counts the box as a glyph."""
        font = self._face(name)
        if font is None:
            return [False] * len(characters)
        size = 0 if font.scalable else font.get_sizes()[0][4]
        return [metrics is not None for metrics in font.get_metrics(characters, size=size)]

    def _bitmap(self, name: str) -> bool:
        """Return whether a font has bitmap glyphs in one size only, like colour emoji."""
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
        """Return a font, set to a size: one that has it already, or the one that was not used for longest."""
        points = max(4, size * 4 // 5)
        sizes = self._fonts.setdefault(name, OrderedDict())
        font = sizes.pop(points, None)
        if font is None:
            font = self._another_size(name, points, sizes)
            if font.point_size != points:  # pygame's own font is opened smaller than it was asked for
                font.point_size = points
        sizes[points] = font
        return font

    def _another_size(self, name: str, points: int, sizes: OrderedDict[int, pygame.Font]) -> pygame.Font:
        """Return a font that is to get another size: a new one, or the one of `sizes` that was not used for longest.

        The font of nearly all letters, unless it is large, is kept open at some sizes, others at one.
        """
        try:
            if len(sizes) < (self._sizes_kept if name == self._main else 1):
                return pygame.Font(self._files[name] if name else None, points)
        except OSError:  # the file is gone
            if not sizes:
                raise
        return sizes.popitem(last=False)[1]


def _is_large(font: Path | None) -> bool:
    try:
        return font is not None and font.stat().st_size > _LARGE_FONT_BYTES
    except OSError:  # nobody opens it
        return False


def _encodable(text: str) -> str:
    """Return `text` with lone surrogates, which font libraries reject, replaced by U+FFFD."""
    return _SURROGATES.sub("\ufffd", text)


def _lines_in(height: int, size: int, most: int, pitch: int) -> int:
    """Return how many lines of that size a height has room for, at most `most`, `pitch` percent of the size apart."""
    room = height - line_height(size)
    return min(most, 1 + room // max(1, size * pitch // 100)) if room >= 0 else 0


def line_height(size: int) -> int:
    """Return the height of a rendered line of that size in pixels; capitals are vertically centred in it."""
    return size * _LINE // 100
