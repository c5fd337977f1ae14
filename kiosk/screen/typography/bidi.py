"""In which order the characters of a line stand: the Unicode bidirectional algorithm, with isolates and brackets.

Invariant: pure. The rules have the names that they have in UAX #9 (https://www.unicode.org/reports/tr9/, revision 48);
`bidi_rules` has those of one run. Characters that only steer the algorithm are not in the result. Embeddings and
overrides (X2 to X5), which Unicode advises against and which lists may not hold, have no effect; isolates have theirs.
"""

import unicodedata
from bisect import bisect_right
from typing import NamedTuple

from kiosk.screen.typography.bidi_rules import ISOLATES, resolve

_MOST_LEVELS = 125
_REMOVED = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "BN"})
_INVISIBLE = ISOLATES | (_REMOVED - {"BN"}) | {"PDI"}
_TURNS = frozenset({"R", "AL", "AN", "RLI", "FSI"})
_SPACES = frozenset({"WS", "LRI", "RLI", "FSI", "PDI"}) | _REMOVED


class Part(NamedTuple):
    """Characters that stand beside each other in one direction; the text is in the order in which it is read."""

    text: str
    right_to_left: bool


def visual_parts(text: str, *, base: int | None = None) -> list[Part]:
    """Return the parts of a line from left to right.

    Args:
        text: the line.
        base: 1 for a line that is read from right to left, 0 for the other, None to take it from the first letter.
    """
    types = [unicodedata.bidirectional(character) or "L" for character in text]
    if not base and _TURNS.isdisjoint(types):
        visible = "".join(c for c, kind in zip(text, types, strict=True) if kind not in _INVISIBLE)
        return [Part(visible, right_to_left=False)] if visible else []
    level = first_level(types) if base is None else base
    levels = _levels(text, types, level)
    return _reordered(text, types, levels)


def first_level(types: list[str], start: int = 0, end: int | None = None) -> int:
    """Return the level of a paragraph by its first strong character that is not in an isolate (P2, P3)."""
    depth = 0
    for kind in types[start:end]:
        if kind in ISOLATES:
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif not depth and kind in {"L", "R", "AL"}:
            return int(kind != "L")
    return 0


def _levels(text: str, types: list[str], base: int) -> list[int]:
    matching = _matching_isolates(types)
    levels = _explicit(types, base, matching)
    asked = list(levels)
    kept = [place for place, kind in enumerate(types) if kind not in _REMOVED]
    for sequence in _sequences(types, asked, kept, matching):
        unclosed = types[sequence[-1]] in ISOLATES and sequence[-1] not in matching
        before, after = _outside(asked, kept, sequence, base, unclosed=unclosed)
        resolve(text, types, levels, sequence, before=before, after=after)
    _rest(types, levels, base)
    return levels


def _matching_isolates(types: list[str]) -> dict[int, int]:
    """Return for each isolate initiator the place of its PDI (BD9)."""
    found: dict[int, int] = {}
    open_ones: list[int] = []
    for place, kind in enumerate(types):
        if kind in ISOLATES:
            open_ones.append(place)
        elif kind == "PDI" and open_ones:
            found[open_ones.pop()] = place
    return found


def _explicit(types: list[str], base: int, matching: dict[int, int]) -> list[int]:
    """Return the levels that isolates ask for (X5a to X6a)."""
    levels = []
    stack = [base]
    closing = set(matching.values())
    lost = 0
    for place, kind in enumerate(types):
        if kind == "PDI" and place in closing:
            if lost:
                lost -= 1
            else:
                stack.pop()
        levels.append(base if kind == "B" else stack[-1])
        if kind in ISOLATES:
            odd = kind == "RLI" or (kind == "FSI" and first_level(types, place + 1, matching.get(place)) == 1)
            level = _next_level(stack[-1], odd=odd)
            if level <= _MOST_LEVELS and not lost:
                stack.append(level)
            else:
                lost += 1
    return levels


def _next_level(level: int, *, odd: bool) -> int:
    return (level + 1) | 1 if odd else (level + 2) & ~1


def _sequences(types: list[str], levels: list[int], kept: list[int], matching: dict[int, int]) -> list[list[int]]:
    """Return the isolating run sequences (BD13), each as the places of its characters."""
    runs: list[list[int]] = []
    for place in kept:
        if runs and levels[runs[-1][-1]] == levels[place]:
            runs[-1].append(place)
        else:
            runs.append([place])
    by_start = {run[0]: run for run in runs}
    closing = set(matching.values())
    found = []
    for run in runs:
        if types[run[0]] == "PDI" and run[0] in closing:
            continue  # the rest of a sequence that began before
        sequence = list(run)
        while types[sequence[-1]] in ISOLATES and sequence[-1] in matching:
            sequence += by_start[matching[sequence[-1]]]
        found.append(sequence)
    return found


def _outside(levels: list[int], kept: list[int], sequence: list[int], base: int, *, unclosed: bool) -> tuple[str, str]:
    """Return the directions before and after a sequence: the higher of the two levels at each end (X10)."""
    level = levels[sequence[0]]
    first, last = bisect_right(kept, sequence[0]) - 1, bisect_right(kept, sequence[-1])
    before = levels[kept[first - 1]] if first > 0 else base
    after = levels[kept[last]] if last < len(kept) and not unclosed else base
    return ("LR"[max(level, before) % 2], "LR"[max(level, after) % 2])


def _rest(types: list[str], levels: list[int], base: int) -> None:
    """Give spaces at the end, and separators with the spaces before them, the level of the paragraph (L1)."""
    at_end = True
    for place in range(len(types) - 1, -1, -1):
        if types[place] in {"B", "S"}:
            at_end = True
        elif types[place] not in _SPACES:
            at_end = False
        if at_end:
            levels[place] = base
    for place, kind in enumerate(types):
        if kind == "BN" and place:  # a joiner stays with what it joins
            levels[place] = levels[place - 1]


def _reordered(text: str, types: list[str], levels: list[int]) -> list[Part]:
    """Return the parts from left to right (L2)."""
    seen = [place for place, kind in enumerate(types) if kind == "BN" or kind not in _REMOVED]
    runs: list[list[int]] = []
    for place in seen:
        if runs and levels[runs[-1][-1]] == levels[place]:
            runs[-1].append(place)
        else:
            runs.append([place])
    deep = [levels[run[0]] for run in runs]
    for level in range(max(deep, default=0), 0, -1):
        start = 0
        while start < len(runs):
            end = start
            while end < len(runs) and deep[end] >= level:
                end += 1
            runs[start:end], deep[start:end] = runs[start:end][::-1], deep[start:end][::-1]
            start = end + 1
    parts = [
        Part("".join(text[place] for place in run if types[place] not in _INVISIBLE), levels[run[0]] % 2 == 1)
        for run in runs
    ]
    return [part for part in parts if part.text]
