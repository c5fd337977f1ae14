"""Hostile bytes, made from good ones.

Invariant: the same generator state makes the same bytes. Knows JSON and lines of text, and nothing of what reads them.
"""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

_TOKENS = (
    *(b"null", b"true", b"-1", b"0", b"-0", b"1e400", b"1.5", b"NaN", b"9007199254740992", b"18446744073709551616"),
    *(
        b'""',
        b"{}",
        b"[]",
        b"[" * 500,
        b'{"a":' * 200,
        b"[" * 20_000,
        b'"\\ud800"',
        b"\\u0000",
        b"\\",
        b'"',
        b",",
        b":",
    ),
    *(
        b"\0",
        b"\xff",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\n",
        b"\r\n",
        b"\x1b[2J",
        b"\xe2\x80\xae",
        b"=" * 9,
    ),
    *("\u200d".encode(), "é".encode(), "e\u0301".encode(), "\U0010ffff".encode(), b"A" * 5000, b"9" * 5000),
    *(b"[[x]]", b"x = 1\n", b'"""', b"'''", b"#", b"1979-05-27", b"inf", b"0x_", b"{}{", b"{0}", b"{ticket!r}"),
)
_TEXTS = (
    *(
        "",
        " ",
        "a",
        "A" * 121,
        "A" * 5000,
        "x\x07",
        "\u202e",
        "\u200d",
        "\ufeff",
        "\ud800",
        "\uffff",
        "e\u0301",
        "1\u0335" * 9,
    ),
    *("natural", "fixed", "mixed", "stop", "repeat", "none", "demo", "0" * 64, "f" * 64, "0" * 16, "E0001", "E0002"),
    *("2026-05-04T09:30:00Z", "2026-13-04T09:30:00Z", "٢٠٢٦-05-04T09:30:00Z", "../x", "a\\b", "a\tb", "a\nb", "\x00"),
    *("dice:1.2", "dice:", "lottery: x", "drand:quicknet:1:" + "0" * 64, "drand:quicknet:999999999999:" + "f" * 64),
)
_HIDING = (
    "\x00\x07\x1b\x7f\x9b\xa0\xad\u034f\u061c\u115f\u200b\u200d\u2028\u202e\u2066\u3164"
    "\ud800\ue000\ufe0f\ufeff\uffff\U000e0061"
)
_NUMBERS = (0, 1, -1, 2, 7, 3000, 3001, 999_999, 1_000_000, 1_000_001, 2**31, 2**32, 2**53 - 1, 2**53, 2**64, -(2**63))
_OTHERS: tuple[Any, ...] = (None, True, False, 1.0, 0.5, -0.0, float("inf"), [], {}, [[]], {"mode": "natural"}, [1])
_MOST_BYTES = 200_000


class Mutator:
    """Makes variants of inputs.

    Args:
        random: decides everything.
    """

    def __init__(self, random: Random) -> None:
        self._random = random

    def place(self, count: int) -> int:
        """Return one of `count` places."""
        return self._random.randrange(count)

    def bytes_like(self, data: bytes, others: Sequence[bytes]) -> bytes:
        """Return `data` with one to four changes of bytes; `others` may lend pieces."""
        for _ in range(self._random.choice((1, 1, 1, 2, 4))):
            data = self._byte_change(data, others)
        return data[:_MOST_BYTES]

    def json_like(self, data: bytes) -> bytes:
        """Return the JSON value in `data` with one to three changes of its structure; bytes as before if it is none."""
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return self.bytes_like(data, (data,))
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            value = self.value_like(value)
        text = json.dumps(value, ensure_ascii=self._random.random() < 0.2, separators=(",", ":"))
        if self._random.random() < 0.02:
            text = text.replace("{", '{"format":"x",', 1)  # one key twice
        return text.encode("utf-8", "surrogatepass")

    def value_like(self, value: Any) -> Any:
        """Return a JSON value with one thing in it changed."""
        pick = self._random
        if isinstance(value, dict) and value and pick.random() < 0.85:
            return self._changed_object(dict(value))
        if isinstance(value, list) and value and pick.random() < 0.85:
            return self._changed_list(list(value))
        return self._leaf(value)

    def _changed_object(self, found: dict[str, Any]) -> dict[str, Any]:
        pick = self._random
        key = pick.choice(list(found))
        kind = pick.randrange(12)
        if kind == 0:
            del found[key]
        elif kind == 1:
            found[pick.choice(_TEXTS)] = self._leaf(None)
        elif kind == 2:
            other = pick.choice(list(found))
            found[key], found[other] = found[other], found[key]
        else:
            found[key] = self.value_like(found[key])
        return found

    def _changed_list(self, found: list[Any]) -> list[Any]:
        pick = self._random
        place = pick.randrange(len(found))
        kind = pick.randrange(12)
        if kind == 0:
            del found[place]
        elif kind == 1:
            found.append(found[place])
        elif kind == 2:
            found *= pick.choice((2, 2, 3, 3, 5, 8, 3000 // len(found) + 2))
        elif kind == 3:
            pick.shuffle(found)
        else:
            found[place] = self.value_like(found[place])
        return found

    def _leaf(self, value: Any) -> Any:
        pick = self._random
        kind = pick.randrange(6)
        if isinstance(value, str) and kind < 2 and value:
            place = pick.randrange(len(value))
            new = pick.choice(("", chr(pick.randrange(0x110000)), pick.choice(_HIDING), pick.choice(_TEXTS)))
            return value[:place] + new + value[place + kind :]
        if isinstance(value, int) and kind < 4:
            return value + pick.choice((-1, 1, 1000)) if kind < 2 else pick.choice(_NUMBERS)
        return pick.choice(pick.choice((_TEXTS, _NUMBERS, _OTHERS)))

    def _byte_change(self, data: bytes, others: Sequence[bytes]) -> bytes:
        pick = self._random
        place = pick.randrange(len(data) + 1)
        end = min(len(data), place + pick.choice((1, 1, 2, 8, 64, 1024)))
        kind = pick.randrange(8)
        if kind == 0 and data:
            place %= len(data)
            return data[:place] + bytes([data[place] ^ 1 << pick.randrange(8)]) + data[place + 1 :]
        if kind == 1:
            return data[:place] + data[end:]
        if kind == 2:
            return data[:place] + data[place:end] * 2 + data[end:]
        if kind == 3:
            return data[:place]
        if kind == 4:
            other = pick.choice(others)
            start = pick.randrange(len(other) + 1)
            return data[:place] + other[start : start + end - place] + data[end:]
        if kind == 5:
            lines = data.split(b"\n")
            pick.shuffle(lines)
            return b"\n".join(lines)
        if kind == 6:
            return data[:place] + bytes([pick.randrange(256)]) + data[place:]
        return data[:place] + pick.choice(_TOKENS) + data[pick.choice((place, end)) :]
