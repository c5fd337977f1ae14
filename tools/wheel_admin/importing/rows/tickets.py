"""What a ticket's cell says: one ticket, several, a range, or something that Excel made of one.

Invariant: pure. A dash makes a range only where a whole column of such ranges makes sense: `104-108` beside single
numbers, not `101-1` and not `2026-031`.
"""

import itertools
import re
from collections.abc import Iterable

from kiosk.core.text_rules import clean

MAX_RANGE = 1000
"""Tickets that one range may stand for: more are rather a typing error than one person's tickets."""
_SEPARATORS = re.compile(r"\s*(?:[,;&|\n]|\s[/+]\s|\b(?:and|und|et|y|e|en|og|och|i|и)\b)\s*")
_TIGHT = re.compile(r"\s*/\s*|[ \t]+")
_ABBREVIATED = re.compile(r"(\d{2,})\s*[-–]\s*(\d+)")
_RANGE = re.compile(
    r"(?P<prefix>[^\W\d]*[-_ ]?)(?P<first>\d+)\s*(?:-|–|—|\.\.|\bto\b|\bbis\b)\s*(?P<again>[^\W\d]*[-_ ]?)(?P<last>\d+)"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\d+)?")
_PIECE = re.compile(r"[#№]?[^\W_]*[-_./]?\d[\w./-]*")
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_NAME = r"(?:jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]{0,6}\.?"
_RUINED = (
    (re.compile(r"[-+]?\d(?:[.,]\d+)?E[-+]?\d{1,3}", re.IGNORECASE), "a number in scientific notation"),
    (re.compile(rf"{_DAY}[-. ]{{1,2}}{_MONTH_NAME}(?:[-. ]\d{{2,4}})?", re.IGNORECASE), "a date"),
    (re.compile(rf"{_MONTH_NAME}[-. ]\d{{2,4}}", re.IGNORECASE), "a date"),
    (re.compile(rf"{_DAY}([./-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d"), "a date"),
    (re.compile(rf"(?:0?[1-9]|1[0-2])/{_DAY}/(?:(?:19|20)\d\d|\d\d)"), "a date"),
    (re.compile(rf"(?:19|20)\d\d([./-])(?:0?[1-9]|1[0-2])\1{_DAY}(?:[ T]\d{{1,2}}:\d{{2}}.*)?"), "a date"),
    (re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?", re.IGNORECASE), "a time"),
    (re.compile(r"[-+]?[\d.,]+\s?%"), "a percentage"),
    (re.compile(r"[$€£¥₹₽]\s?-?[\d.,]+|-?[\d.,]+\s?[$€£¥₹₽]"), "an amount of money"),
    (re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"), "a number with separators"),
    (re.compile(r"\d+[.,]\d+"), "a number with decimals"),
)


def ruined(text: str) -> str:
    """Return what a spreadsheet has made of a ticket in a text file, or an empty text."""
    return next((what for pattern, what in _RUINED if pattern.fullmatch(text)), "")


def split_tickets(text: str) -> list[str]:
    """Return the tickets that a cell names: those between separators, and all of a range.

    Raises:
        ValueError: a range is longer than `MAX_RANGE`.
    """
    found: list[str] = []
    for part in pieces_of(text):
        span = range_of(part)
        found += span or [part]
    return found


def pieces_of(text: str) -> list[str]:
    """Return the parts of a cell between separators."""
    separators = _TIGHT if _is_consecutive(text) else _SEPARATORS
    return [part for part in map(clean, separators.split(text.replace("\r", "\n"))) if part]


def _is_consecutive(text: str) -> bool:
    """Tell whether a text is `101/102/103` or `101 102`: numbers of one length, each one more than the one before."""
    parts = _TIGHT.split(text.strip())
    if len(parts) < 2 or not all(map(str.isdecimal, parts)) or len({len(part) for part in parts}) > 1:
        return False
    follow = all(int(after) - int(before) == 1 for before, after in itertools.pairwise(parts))
    return follow and (len(parts) > 2 or len(parts[0]) > 2)


def abbreviated_ranges(texts: Iterable[str]) -> dict[str, str]:
    """Return cells such as `101-3` that mean 101 to 103, with the range in full: the next cell goes on behind it."""
    cells = [clean(text) for text in texts if text.strip()]
    starts = {match[0] for text in cells if (match := re.match(r"\d+", text))}
    found: dict[str, str] = {}
    for text in cells:
        match = _ABBREVIATED.fullmatch(text)
        if match and len(match[2]) < len(match[1]):
            last = match[1][: -len(match[2])] + match[2]
            if int(last) > int(match[1]):
                found[text] = f"{match[1]}-{last}"
    behind = sum(str(int(full.partition("-")[2]) + 1) in starts for full in found.values())
    return found if found and behind * 2 >= len(found) else {}


def range_of(text: str, *, most: int = MAX_RANGE) -> list[str]:
    """Return all tickets of a range, or none if the text is not a range.

    Raises:
        ValueError: it is longer than `most`.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        return []
    prefix, first, last = match["prefix"], match["first"], match["last"]
    if match["again"] not in {"", prefix} or int(last) <= int(first):
        return []
    if len(last) != len(first) and (len(last) < len(first) or "0" in {first[0], last[0]} or int(last) > most):
        return []
    if int(last) - int(first) >= most:
        raise ValueError(f"the range {text} is longer than {most} tickets")
    return [f"{prefix}{number:0{len(first)}d}" for number in range(int(first), int(last) + 1)]


def cells_with_several(texts: Iterable[str]) -> list[str]:
    """Return the cells of a ticket column that hold several tickets each."""
    cells = [text for text in texts if text.strip() and not ruined(clean(text))]
    listed = [text for text in cells if _is_list(text)]
    spans = _ranges_in(cells, listed)
    return [text for text in cells if text in {*listed, *spans}]


def _is_list(text: str) -> bool:
    parts = pieces_of(text)
    if len(parts) < 2 or not all(_PIECE.fullmatch(part) or _is_range(part) for part in parts):
        return False
    if _THOUSANDS.fullmatch(clean(text)):
        numbers = [int(part) for part in parts if part.isdecimal()]
        return len(numbers) == len(parts) and all(0 < b - a <= 100 for a, b in itertools.pairwise(numbers))
    return True


def _ranges_in(cells: list[str], listed: list[str]) -> list[str]:
    spans = {text: _span(text) for text in cells if _is_range(text)}
    if not spans:
        return []
    if listed or len(spans) < len(cells):
        singles = [clean(text) for text in cells if text not in spans]
        dashed = sum("-" in text or "–" in text for text in singles)
        if not listed and dashed > len(singles) / 2:
            return []
    taken: set[str] = set()
    for tickets in spans.values():
        if taken & set(tickets):
            return [] if not listed else list(spans)
        taken |= set(tickets)
    return list(spans)


def _is_range(text: str) -> bool:
    try:
        return bool(range_of(clean(text)))
    except ValueError:
        return True


def _span(text: str) -> list[str]:
    try:
        return range_of(clean(text))
    except ValueError:
        return [clean(text)]
