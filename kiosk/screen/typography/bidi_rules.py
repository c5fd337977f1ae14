"""The rules of the Unicode bidirectional algorithm for one isolating run sequence: W1 to W7, N0 to N2, I1 and I2.

Invariant: pure. Source: UAX #9, and for the pairs of brackets BidiBrackets.txt of the Unicode Character Database 16.
"""

import unicodedata

ISOLATES = frozenset({"LRI", "RLI", "FSI"})
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "PDI"}) | ISOLATES
_MOST_OPEN = 63
"""Brackets that may be open at a time (BD16)."""
_PAIRS = (
    "()[]{}༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋〈〉❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦍⦐⦏⦎⦑⦒⦓⦔⦕⦖⦗⦘⧘⧙⧚⧛⧼⧽"
    "⸢⸣⸤⸥⸦⸧⸨⸩\u2e55\u2e56\u2e57\u2e58\u2e59\u2e5a\u2e5b\u2e5c〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"
)
_OPENING = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_CLOSING = frozenset(_OPENING.values())


def resolve(text: str, kinds: list[str], levels: list[int], run: list[int], *, before: str, after: str) -> None:
    """Give the characters of a sequence their levels.

    Args:
        text: the line.
        kinds: the bidirectional types of its characters.
        levels: of its characters; those of the sequence are changed.
        run: the places of the sequence.
        before: the direction before it, "L" or "R".
        after: the direction after it.
    """
    level = levels[run[0]]
    first = [kinds[place] for place in run]
    found = _weak(first, before)
    _brackets([text[place] for place in run], first, found, "LR"[level % 2], before)
    _neutral(found, "LR"[level % 2], before, after)
    for place, kind in zip(run, found, strict=True):
        if level % 2:
            levels[place] = level + (kind != "R")
        else:
            levels[place] = level + {"L": 0, "R": 1}.get(kind, 2)


def _weak(first: list[str], before: str) -> list[str]:
    """Return the types after W1 to W7."""
    kinds = _numbers_after_letters(_marks(first, before), before)
    for place in range(1, len(kinds) - 1):  # W4
        last, kind, following = kinds[place - 1 : place + 2]
        if last == following and ((kind in {"ES", "CS"} and last == "EN") or (kind == "CS" and last == "AN")):
            kinds[place] = last
    for start, end in _stretches(kinds, frozenset({"ET"})):  # W5
        if "EN" in (*kinds[max(0, start - 1) : start], *kinds[end : end + 1]):
            kinds[start:end] = ["EN"] * (end - start)
    strong = before
    for place, kind in enumerate(kinds):  # W6, W7
        if kind in {"L", "R"}:
            strong = kind
        elif kind in {"ES", "ET", "CS"}:
            kinds[place] = "ON"
        elif kind == "EN" and strong == "L":
            kinds[place] = "L"
    return kinds


def _marks(first: list[str], before: str) -> list[str]:
    """Give a mark the type of what it stands on (W1)."""
    kinds: list[str] = []
    for kind in first:
        last = kinds[-1] if kinds else before
        on = "ON" if last in ISOLATES or last == "PDI" else last
        kinds.append(on if kind == "NSM" else kind)
    return kinds


def _numbers_after_letters(kinds: list[str], before: str) -> list[str]:
    """Make numbers after an Arabic letter Arabic ones (W2), and Arabic letters plain right-to-left ones (W3)."""
    found, strong = [], before
    for kind in kinds:
        strong = kind if kind in {"L", "R", "AL"} else strong
        found.append("AN" if kind == "EN" and strong == "AL" else "R" if kind == "AL" else kind)
    return found


def _stretches(kinds: list[str], of: frozenset[str]) -> list[tuple[int, int]]:
    """Return where types of a kind stand side by side: the first, and the one after the last."""
    found: list[tuple[int, int]] = []
    for place, kind in enumerate(kinds):
        if kind in of:
            found[-1:] = (
                [(found[-1][0], place + 1)] if found and found[-1][1] == place else [*found[-1:], (place, place + 1)]
            )
    return found


def _strong(kind: str) -> str:
    """Return the direction that a type counts as among neutrals: numbers are right-to-left."""
    return "R" if kind in {"R", "EN", "AN"} else kind if kind == "L" else ""


def _brackets(characters: list[str], first: list[str], kinds: list[str], embedding: str, before: str) -> None:
    """Give both brackets of a pair the same direction (N0)."""
    for opening, closing in _pairs(characters, kinds):
        inside = {_strong(kind) for kind in kinds[opening + 1 : closing]} - {""}
        if not inside:
            continue
        direction = embedding
        if embedding not in inside:
            earlier = (_strong(kind) for kind in reversed(kinds[:opening]))
            context = next((strong for strong in earlier if strong), before)
            direction = context if context in inside else embedding
        for place in (opening, closing):
            kinds[place] = direction
            for mark in range(place + 1, len(kinds)):
                if first[mark] != "NSM":
                    break
                kinds[mark] = direction


def _pairs(characters: list[str], kinds: list[str]) -> list[tuple[int, int]]:
    """Return the places of brackets that belong together, by the opening one (BD16)."""
    stack: list[tuple[str, int]] = []
    found = []
    for place, (given, kind) in enumerate(zip(characters, kinds, strict=True)):
        character = unicodedata.normalize("NFC", given)  # U+2329 and U+232A count as U+3008 and U+3009
        if kind != "ON":
            continue
        if character in _OPENING:
            if len(stack) == _MOST_OPEN:
                return []
            stack.append((_OPENING[character], place))
        elif character in _CLOSING:
            for depth in range(len(stack) - 1, -1, -1):
                if stack[depth][0] == character:
                    found.append((stack[depth][1], place))
                    del stack[depth:]
                    break
    return sorted(found)


def _neutral(kinds: list[str], embedding: str, before: str, after: str) -> None:
    """Give neutrals the direction of what is round them (N1, N2)."""
    for start, end in _stretches(kinds, _NEUTRAL):
        left = _strong(kinds[start - 1]) if start else before
        right = _strong(kinds[end]) if end < len(kinds) else after
        kinds[start:end] = [left if left == right else embedding] * (end - start)
