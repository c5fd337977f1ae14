"""Just enough of the curve of Ed25519 to make keys and signatures that no honest library makes."""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]


def add(a: Point, b: Point) -> Point:
    k = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + k, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, -1, P)
    return x % P, y % P


def times(n: int, a: Point) -> Point:
    total = (0, 1)
    while n:
        if n & 1:
            total = add(total, a)
        a, n = add(a, a), n >> 1
    return total


def point_at(y: int) -> Point | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    for root in (x, x * pow(2, (P - 1) // 4, P) % P):
        if root * root % P == square:
            return min(root, P - root), y
    return None


def encode(a: Point) -> bytes:
    return (a[1] | (a[0] & 1) << 255).to_bytes(32, "little")


def base() -> Point:
    x, y = point_at(4 * pow(5, -1, P) % P) or (0, 0)
    return (x if x % 2 == 0 else P - x), y


def torsion() -> list[Point]:
    """The eight points of small order, the multiples of one of order 8."""
    y = 2
    while True:
        point = point_at(y)
        candidate = times(L, point) if point else (0, 1)
        if times(4, candidate) != (0, 1):
            return [times(n, candidate) for n in range(8)]
        y += 1


def small_encodings() -> list[bytes]:
    """Every 32 bytes that decode to a point of small order, canonical or not."""
    ys = {point[1] for point in torsion()}
    ys |= {y + P for y in ys if y + P < 2**255}
    return [(y | sign << 255).to_bytes(32, "little") for y in sorted(ys) for sign in (0, 1)]


def forge(secret: int, nonce: int, message: bytes, *, key_twist: Point, nonce_twist: Point) -> tuple[bytes, bytes]:
    """A key and a signature whose points carry a part of small order."""
    key = encode(add(times(secret, base()), key_twist))
    r = encode(add(times(nonce, base()), nonce_twist))
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    return key, r + ((nonce + h * secret) % L).to_bytes(32, "little")
