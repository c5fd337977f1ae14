"""wheel-draw/1: from a committed secret to a ticket and a resting place.

Invariant: pure. Every function is a formula of docs/protocol.md; `tools/verify/verify_draw.py` implements it a second
time, independently. Nothing here knows names, files, time or the screen.

Sources: HMAC is RFC 2104, tested against RFC 4231; rejection sampling makes `t` exactly uniform.
"""

import hashlib
import hmac
from dataclasses import dataclass

SECRET_BYTES = 32
CHAIN_LENGTH = 16_384
"""N: how many spins one anchor can carry. One a minute for eleven days."""
NO_ENTROPY = "none"
"""P when the organiser published no public entropy: level *sealed*."""

_RANGE = 1 << 256


def digest(data: bytes) -> str:
    """H(b): SHA-256 as lowercase hex."""
    return hashlib.sha256(data).hexdigest()


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

    def reveal(self, spin: int) -> bytes:
        """Return r_i = s_{N-i} for spin i within 1..N.

        Raises:
            ValueError: the spin is not within 1..N.
        """
        if not 1 <= spin <= self.length:
            raise ValueError(f"spin {spin} is outside 1..{self.length}")
        at = (self.length - spin) * SECRET_BYTES
        return self._links[at : at + SECRET_BYTES]


@dataclass(frozen=True, slots=True)
class Sample:
    """A uniform number below W: `x` the accepted HMAC (lowercase hex), `k` its counter, `t` = x mod W."""

    x: str
    k: int
    t: int


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the wheel comes to rest: `rest` in units of 2^-32 turn, `turns` whole turns (5..7)."""

    rest: int
    turns: int


def sample(*, reveal: bytes, snapshot: str, spin: int, pool: str, entropy: str, total: int) -> Sample:
    """Draw t, uniform over [0, total), by rejection (docs/protocol.md, "The spin", step 3).

    Args:
        reveal: r_i, 32 raw bytes.
        snapshot: S, lowercase hex.
        spin: i, from 1.
        pool: H(pool bytes), lowercase hex.
        entropy: P, or "none".
        total: W, the sum of the pool's weights.
    """
    k = 0
    while True:
        message = f"wheel-draw/1\n{snapshot}\n{spin}\n{pool}\n{entropy}\n{k}\n".encode()
        x = hmac.digest(reveal, message, "sha256")
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
    """Choose where in the winner's segment [lo, hi) the wheel rests, and how many whole turns it makes.

    The same for every mode (docs/protocol.md, step 4): uniform over the middle 90 % of the segment, from the committed
    secret, so that nobody can stage a near miss.
    """
    lo, hi = segment
    width = hi - lo
    mac = hmac.digest(reveal, f"wheel-land/1\n{snapshot}\n{spin}\n".encode(), "sha256")
    u = int.from_bytes(mac[:8], "big")
    rest = lo + width * 5 // 100 + ((width * 90 // 100) * u >> 64)
    return Landing(rest=rest, turns=5 + mac[8] % 3)
