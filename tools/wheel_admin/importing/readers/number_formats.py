"""Excel number formats: the text that a spreadsheet shows for a number, as far as a ticket needs it.

Invariant: pure. What cannot be applied exactly is named by its kind (date, percentage, money...), never guessed. The
oracle is LibreOffice's export "as shown".

Source: ECMA-376 part 1, 18.8.30 (numFmts) and 18.8.31; ids 27 to 36 and 50 to 81 from its East Asian and Thai tables.
"""

import functools
import math
import re

import msgspec

from wheel_admin.importing.tables import Cell, Kind

EXACT_BELOW = 10**15
"""Excel keeps 15 digits of a number; the 16th is made up."""
GENERAL = "General"
_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: "$#,##0",
    6: "$#,##0",
    7: "$#,##0.00",
    8: "$#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "m/d/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yyyy h:mm",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    41: "#,##0",
    42: "$#,##0",
    43: "#,##0.00",
    44: "$#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy/m/d"),
    59: "0",
    60: "0.00",
    61: "#,##0",
    62: "#,##0.00",
    67: "0%",
    68: "0.00%",
    69: "# ?/?",
    70: "# ??/??",
    **dict.fromkeys(range(71, 82), "d/m/yyyy"),
}
_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)|\\(?P<escaped>.)|(?P<space>_.)|(?P<fill>\*.)|(?P<bracket>\[[^\]]*\])
    |(?P<general>General)|(?P<ampm>AM/PM|A/P|上午/下午)|(?P<exponent>E[+-])|(?P<digit>[0\#?])|(?P<sign>[.,%/@])
    |(?P<date>[YyMmDdHhSsGgEeBbAa])|(?P<text>.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_MONEY = re.compile("[$¢£¤¥֏؋৲৳฿៛\u20a0-\u20cf]")
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9.]+)\]")
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_COMPARE = {
    "<": lambda value, limit: value < limit,
    ">": lambda value, limit: value > limit,
    "=": lambda value, limit: value == limit,
    "<=": lambda value, limit: value <= limit,
    ">=": lambda value, limit: value >= limit,
    "<>": lambda value, limit: value != limit,
}


def built_in(number: int) -> str:
    """Return the format that an id stands for in a file that does not spell it out."""
    return _BUILT_IN.get(number, GENERAL)


class _Section(msgspec.Struct, frozen=True):
    """One section of a format: what kind of number it shows, and its pieces: literal texts and digit places."""

    kind: Kind
    pieces: tuple[str, ...] = ()
    decimals: int = 0
    condition: tuple[str, float] | None = None


def shown_number(value: float, code: str) -> tuple[Kind, str]:
    """Return what kind of number this is in the format, and the text that a spreadsheet shows.

    A kind other than `NUMBER` comes with the plain value: its text in that format is not a ticket.
    """
    if not abs(value) < EXACT_BELOW:
        return Kind.INEXACT, repr(value)
    plain = plain_number(value)
    whole = Kind.NUMBER if value == int(value) else Kind.DECIMAL
    if code == GENERAL or not code:
        return whole, plain
    sections = _sections(code)
    section, unsigned = _chosen(sections, value)
    if section is None:
        return Kind.UNSHOWN, plain
    if section.kind is not Kind.NUMBER:
        return section.kind, plain
    if section.decimals or whole is Kind.DECIMAL:
        return Kind.DECIMAL, plain
    text = _filled(section, abs(value))
    return Kind.NUMBER, (text if unsigned or value >= 0 else f"-{text}").strip()


@functools.lru_cache(maxsize=256)
def is_date_format(code: str) -> bool:
    """Tell whether a format shows a number as a date, a time or a duration."""
    return any(section.kind is Kind.DATE for section in _sections(code)[:1])


def plain_number(value: float) -> str:
    """Return the number as it is stored: 7, not 7.0."""
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


def unshown(value: float) -> Cell:
    """Return a number whose format is not known."""
    return Cell(Kind.INEXACT if not abs(value) < EXACT_BELOW else Kind.UNSHOWN, plain_number(value))


def _chosen(sections: tuple[_Section, ...], value: float) -> tuple[_Section | None, bool]:
    """Return the section for this value, and whether the section itself shows the sign."""
    if any(section.condition for section in sections[:2]):
        for section in sections[:3]:
            if section.condition is None or _COMPARE[section.condition[0]](value, section.condition[1]):
                return section, False
        return None, False
    numeric = sections[:3]
    if value < 0 and len(numeric) > 1:
        return numeric[1], True
    if value == 0 and len(numeric) > 2:
        return numeric[2], True
    return numeric[0], False


_GENERAL_PLACE = "\0General"
_DIGIT_PLACES = frozenset({"\x000", "\0#", "\0?"})
_POINT = "\0."


@functools.lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    split: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token.group() == ";":
            split.append([])
        else:
            split[-1].append(token)
    return tuple(map(_section, split))


def _section(tokens: list[re.Match[str]]) -> _Section:
    pieces: list[str] = []
    kinds: list[Kind] = []
    condition: tuple[str, float] | None = None
    for token in tokens:
        what, text = token.lastgroup or "", token.group()
        if what == "bracket":
            found = _CONDITION.fullmatch(text)
            condition = (found.group(1), float(found.group(2))) if found else condition
            kinds += _kind_in_bracket(text)
            kinds += [Kind.UNSHOWN] if pieces and not text.startswith("[$") else []  # it belongs in front
            kinds += [Kind.UNSHOWN] if pieces and text.startswith("[$-") else []
            pieces += [text[2:-1].partition("-")[0]] if text.startswith("[$") else []
        elif what in _KINDS:
            kinds.append(_KINDS[what])
        else:
            pieces += _pieces(what, token)
    return _with_kind(pieces, kinds, condition)


_KINDS = {"ampm": Kind.DATE, "date": Kind.DATE, "exponent": Kind.SCIENTIFIC}


def _kind_in_bracket(text: str) -> list[Kind]:
    if _ELAPSED.fullmatch(text):
        return [Kind.DATE]
    return [Kind.UNSHOWN] if text.casefold().startswith("[dbnum") else []


def _pieces(what: str, token: re.Match[str]) -> list[str]:
    """Return what a token shows: a literal text, or a place for a digit or a sign, marked with a zero character."""
    text = token.group()
    match what:
        case "quoted":
            return [text.strip('"')]
        case "escaped":
            return [token.group("escaped")]
        case "space":
            return [" "]
        case "fill":
            return []
        case "general":
            return [_GENERAL_PLACE]
        case "digit" | "sign":
            return [_GENERAL_PLACE if text == "@" else f"\0{text}"]
        case _:
            return [text]


def _with_kind(pieces: list[str], kinds: list[Kind], condition: tuple[str, float] | None) -> _Section:
    literal = "".join(piece for piece in pieces if not piece.startswith("\0"))
    places = [place for place, piece in enumerate(pieces) if piece in _DIGIT_PLACES]
    kind = kinds[0] if kinds else Kind.NUMBER
    if kind is Kind.DATE and places and _POINT not in pieces:  # `0000 M`: no date, and no number either
        kind = Kind.UNSHOWN
    if kind is Kind.NUMBER:
        if "\0%" in pieces:
            kind = Kind.PERCENT
        elif _MONEY.search(literal):
            kind = Kind.MONEY
        elif "\0," in pieces:
            kind = _of_commas(pieces, places)
        elif "\0/" in pieces:
            kind, pieces = _of_slash(pieces, places)
        elif (not places and _GENERAL_PLACE not in pieces) or (_POINT in pieces and pieces.index(_POINT) >= places[-1]):
            kind = Kind.UNSHOWN
    decimals = sum(place > pieces.index(_POINT) for place in places) if _POINT in pieces else 0
    return _Section(kind, tuple(pieces), decimals, condition)


def _of_commas(pieces: list[str], places: list[int]) -> Kind:
    commas = [place for place, piece in enumerate(pieces) if piece == "\0,"]
    if places and all(places[0] < comma < places[-1] for comma in commas):
        return Kind.GROUPED
    return Kind.UNSHOWN  # behind the last digit a comma divides by a thousand


def _of_slash(pieces: list[str], places: list[int]) -> tuple[Kind, list[str]]:
    slash = pieces.index("\0/")
    if places and places[0] < slash < len(pieces) - 1:
        return Kind.FRACTION, pieces
    return Kind.NUMBER, [piece if piece != "\0/" else "/" for piece in pieces]


def _filled(section: _Section, value: float) -> str:
    """Return the pieces with a whole number's digits in their places, the last digit in the last place."""
    pieces = section.pieces
    if _GENERAL_PLACE in pieces:
        return "".join(plain_number(value) if piece == _GENERAL_PLACE else piece for piece in pieces)
    digits = _digits_in(pieces, plain_number(value))
    return "".join(digits.get(place, piece) for place, piece in enumerate(pieces))


def _digits_in(pieces: tuple[str, ...], whole: str) -> dict[int, str]:
    """Return what each place for a digit shows."""
    places = [place for place, piece in enumerate(pieces) if piece in _DIGIT_PLACES]
    rest = whole.lstrip("0")
    filled: dict[int, str] = {}
    for place in reversed(places):
        if rest:
            filled[place], rest = rest[-1], rest[:-1]
        else:
            filled[place] = {"\x000": "0", "\0?": " "}.get(pieces[place], "")
    if places and rest:
        filled[places[0]] = rest + filled[places[0]]
    return filled
