"""Text that is a list but no CSV: bullets, numbered lines, columns in line with spaces, whole lines in quotation marks.

Invariant: pure. It is rewritten only if all lines below a title have the shape, every line stays the line that it was,
and a note says what was done.
"""

import re
from collections.abc import Callable

from wheel_admin.importing.columns.header_words import Role, meaning_of

_BULLET = re.compile(r"\s*([-–—*•·▪◦‣●○■□☐☑✓✔→>])\s+(?:\[[ xX]?\]\s+)?(?=\S)")
_NUMBERED = re.compile(r"\s*(\d{1,9})(?:\s*[.):]\s*|\s*[-–]\s+|\s+)(?=[^\W\d_])(.+)")
_GAP = re.compile(r"(?<=\S)(?: {2,}|\t+)(?=\S)")
_WHOLE = re.compile(r'\s*"((?:[^"]|"")*)"\s*')
_COLUMNS = re.compile(r'[",;:|\t]| {2}')
"""What stands between headers: a first line with it is no title of numbered names."""
_QUOTATION_MARKS = ("''", "“”", "„“", "«»", "‘’")
_TRIED = 200
"""Lines that are looked at first: most lists show with these that they have no such shape."""


def reshaped(text: str, *, single: bool) -> tuple[str, str]:
    """Return the text as a table, and a note if it was rewritten.

    Args:
        text: the file's text.
        single: no delimiter was found in it.
    """
    lines = text.splitlines(keepends=True)
    filled = [line for line in lines if line.strip()]
    shapes = ((_without_bullet, _NO_BULLETS), (_numbered, _NUMBERS), (_with_tabs, _SPACES), (_unwrapped, _WRAPPED))
    for change, note in shapes:
        title = filled[0] if single and _is_title(filled, change) else ""
        shaped = filled[1:] if title else filled
        if not single or len(shaped) < 2 or not all(change(line) is not None for line in shaped[:_TRIED]):
            continue
        if _fits(change, shaped):
            above = f"\t{title}" if change is _numbered else title  # numbers are a column before it
            return "".join(
                (above if line is title else change(line) or line) if line.strip() else line for line in lines
            ), note
    return text, ""


def _is_title(filled: list[str], change: Callable[[str], str | None]) -> bool:
    """Tell whether the first line may stand above the list: it ends with a colon, or alone has no bullet or number."""
    if not filled or change(filled[0]) is not None:
        return bool(filled) and filled[0].rstrip().endswith(":")
    first = filled[0].strip()
    if change is _numbered:  # below a header, nothing says that the numbers are tickets
        return not meaning_of(first).exact and (first.endswith(":") or not _COLUMNS.search(first))
    return first.endswith(":") or change is _without_bullet


_NO_BULLETS = "has a bullet before each line, which was left out."
_NUMBERS = "has a number before each line, which was read as the ticket."
_SPACES = "has no delimiter but spaces, which were read as one."
_WRAPPED = "has each line in quotation marks, which were left out."


def _fits(change: Callable[[str], str | None], filled: list[str]) -> bool:
    changed = [change(line) for line in filled]
    if None in changed:
        return False
    firsts = [(line or "").partition("\t")[0] for line in changed]
    if change is _numbered:
        return len(set(firsts)) == len(firsts)
    if change is _without_bullet:
        return len({_BULLET.match(line)[1] for line in filled}) == 1  # type: ignore[index]
    if change is _with_tabs:  # `Nora  Vance` is one name, with a space too many
        numbered = sum(any(map(str.isdigit, line)) for line in filled)
        return len({(line or "").count("\t") for line in changed}) == 1 and numbered * 2 >= len(filled)
    header = re.split(r"[,;\t|]", changed[0] or "")
    return len(header) > 1 and all(meaning_of(cell).role is not Role.UNKNOWN for cell in header)


def _without_bullet(line: str) -> str | None:
    match = _BULLET.match(line)
    return line[match.end() :] if match else None


def _numbered(line: str) -> str | None:
    match = _NUMBERED.fullmatch(line.rstrip("\r\n"))
    return None if match is None or '"' in line else f"{match[1]}\t{match[2]}{_end(line)}"


def _with_tabs(line: str) -> str | None:
    bare = line.strip()
    return f"{_GAP.sub(chr(9), bare)}{_end(line)}" if _GAP.search(bare) else None


def _unwrapped(line: str) -> str | None:
    match = _WHOLE.fullmatch(line.rstrip("\r\n"))
    return match[1].replace('""', '"') + _end(line) if match else None


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def quotation_marks_of(cells: list[str]) -> str:
    """Return the marks that all these cells stand in, which are none of CSV's; empty if they do not."""
    for marks in _QUOTATION_MARKS:
        if cells and all(len(cell) > 1 and cell[0] == marks[0] and cell[-1] == marks[1] for cell in cells):
            return marks
    return ""
