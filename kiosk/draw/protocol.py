"""wheel-draw/2: from a committed secret to the winners of one press, and to a resting place.

Invariant: pure. Every function is a formula of docs/protocol.md, "wheel-draw/2"; the verifiers are its independent
twins. Nothing here knows names, files, time or the screen.

Sources: HMAC is RFC 2104, tested against RFC 4231; rejection sampling makes `t` exactly uniform.
"""

import hashlib
import hmac
from collections.abc import Iterable

import msgspec

SECRET_BYTES = 32
CHAIN_LENGTH = 16_384
"""N: how many results one anchor can carry. One a minute for eleven days."""
NO_ENTROPY = "none"
"""P when the list names no public entropy: level *sealed*."""

_RANGE = 1 << 256


def digest(data: bytes) -> str:
    """H(b): SHA-256 as lowercase hex."""
    return hashlib.sha256(data).hexdigest()


def entropy_digest(texts: Iterable[str]) -> str:
    """P: "none", or H(text_1 LF ... text_n LF)."""
    joined = "".join(f"{text}\n" for text in texts)
    return digest(joined.encode()) if joined else NO_ENTROPY


class Chain:
    """The hash chain s_0, s_1 = SHA256(s_0), ..., s_N that binds all secrets before the first spin.

    Args:
        secret: s_0, 32 bytes from the operating system.
        length: N.
    """

    __slots__ = ("_links", "anchor", "length")

    def __init__(self, secret: bytes, *, length: int = CHAIN_LENGTH) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"a secret has {SECRET_BYTES} bytes, not {len(secret)}")
        links = bytearray(secret)
        link = secret
        for _ in range(length):
            link = hashlib.sha256(link).digest()
            links += link
        self._links = bytes(links)
        self.length = length
        self.anchor = link.hex()

    def reveal(self, number: int) -> bytes:
        """Return r_j = s_{N-j} for the j-th result since the `adopt`, j within 1..N.

        Raises:
            ValueError: the number is not within 1..N.
        """
        if not 1 <= number <= self.length:
            raise ValueError(f"result {number} is outside 1..{self.length}")
        at = (self.length - number) * SECRET_BYTES
        return self._links[at : at + SECRET_BYTES]


class Press(msgspec.Struct, frozen=True):
    """What one press is bound to before anything is drawn: S, i, the prize's id, H(pool bytes) and P."""

    snapshot: str
    spin: int
    prize: str
    pool: str
    entropy: str


class Sample(msgspec.Struct, frozen=True):
    """A uniform number below W: `x` the accepted HMAC (lowercase hex), `k` its counter, `t` = x mod W."""

    x: str
    k: int
    t: int


class Landing(msgspec.Struct, frozen=True):
    """Where the wheel comes to rest: `rest` in units of 2^-32 turn, `turns` whole turns (5..7)."""

    rest: int
    turns: int


def sample(press: Press, *, reveal: bytes, place: int, total: int) -> Sample:
    """Draw t for one place, uniform over [0, total), by rejection (step 2).

    Args:
        press: what is drawn.
        reveal: r_j, 32 raw bytes.
        place: p.
        total: W, the weight of what is left of the pool.
    """
    fixed = f"wheel-draw/2\n{press.snapshot}\n{press.spin}\n{press.prize}\n{place}\n{press.pool}\n{press.entropy}\n"
    k = 0
    while True:
        x = hmac.digest(reveal, f"{fixed}{k}\n".encode(), "sha256")
        t = uniform(int.from_bytes(x, "big"), total, size=_RANGE)
        if t is not None:
            return Sample(x=x.hex(), k=k, t=t)
        k += 1


def uniform(value: int, total: int, *, size: int = _RANGE) -> int | None:
    """Return `value` mod `total`, or None where that would prefer some remainders: in the incomplete last run.

    Args:
        value: uniform over [0, size).
        total: W, from 1 to `size`.
        size: 2^256; smaller ones can be enumerated (`python -m bench.fairness`).
    """
    return value % total if value < size - size % total else None


def landing(*, reveal: bytes, snapshot: str, spin: int, segment: tuple[int, int]) -> Landing:
    """Choose where in the first winner's segment [lo, hi) the wheel rests, and how many whole turns it makes.

    The same for every mode (step 4): uniform over the middle 90 % of the segment, from the committed secret, so that
    nobody can stage a near miss.
    """
    lo, hi = segment
    width = hi - lo
    mac = hmac.digest(reveal, f"wheel-land/2\n{snapshot}\n{spin}\n".encode(), "sha256")
    u = int.from_bytes(mac[:8], "big")
    rest = lo + width * 5 // 100 + ((width * 90 // 100) * u >> 64)
    return Landing(rest=rest, turns=5 + mac[8] % 3)
