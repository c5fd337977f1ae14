"""Verify the draws of a prize wheel: recompute every winner from the published files, then say who vouches for them.

This is one file for a distrustful reader. It needs Python 3.11 and its standard library, and shares no code with the
program that drew: `python3 -I -S verify_draw.py` works. Only signatures need more: Ed25519 the package `cryptography`,
drand rounds the package `py_ecc`. What cannot be checked is told.
The rules are those of docs/protocol.md, wheel-snapshot/2 and wheel-draw/2; its sentences stand in quotes here.

The last line is one word. BROKEN: a rule does not hold. CONSISTENT: the files agree with each other, as anybody with a
copy could make them agree. SIGNED up to record n: besides, the holders of the keys that you named vouch for them.
WITNESSED: besides, you kept each anchor before its last entropy text and a head at or after its result.

Exit status: 0 at least what --require asks, 1 BROKEN, 2 unusable input, 3 less than what --require asks.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # beside this file may lie files of those who are checked: json.py, say

import hmac
import json
import os
import re
import stat
import unicodedata
from argparse import ArgumentParser, Namespace
from base64 import b64decode, b64encode
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    CAN_CHECK_SIGNATURES = False
else:
    CAN_CHECK_SIGNATURES = True

CHAIN_LENGTH = 16384  # secrets under one anchor
LARGEST_LIST = 8 << 20  # bytes of a list's file: nothing is parsed before its size is known
LARGEST_MESSAGE = 64 << 10  # of any other signed file
LARGEST_KEY = 1 << 10  # of a public key's file
LARGEST_LEDGER = 1 << 28  # of a ledger, or of its checkpoints
MOST_READ, LEAST_READ = 1 << 27, 1 << 12  # bytes of one part of a home, and what a file counts besides its own
KEY_READ = 1 << 16  # the same for a public key, which takes longer to check
SIGNED_FOLDERS = {"snapshots", "adopted", "requests", "trusted"}  # in a home
DEEPEST = 16  # folders within each other
Json = dict[str, Any]


class Broken(Exception):
    """A rule does not hold: exit status 1."""


class Unusable(Exception):
    """Something without which nothing can be said is missing: exit status 2."""


def require(holds: object, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


# --- Canonical bytes: one way to write each thing, and every other way is refused, signed or not ---


def read_canonical(data: bytes, *, sort_keys: bool = False) -> Any:
    """Read JSON: "UTF-8, no spaces, plain decimal integers, only `"` and `\\` escaped". Writing gives `data` again."""

    def integer(digits: str) -> int:
        return int(digits) if len(digits) <= 16 else refuse(digits)

    def refuse(found: str) -> int:
        raise ValueError(f"{found[:20]} is not a plain integer below 2^53")

    try:
        value = json.loads(data.decode(), parse_int=integer, parse_float=refuse, parse_constant=refuse)
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if again != data:
        raise ValueError("not canonically encoded")
    return value


Kind = Callable[[Any], bool]  # says whether a value is one of this kind


def anything(value: Any) -> bool:  # "Control characters, U+0000-001F and U+007F-009F, are refused"
    return type(value) is str and not re.search("[\x00-\x1f\x7f-\x9f]", value)


NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
TURNING = f"[\u2028-\u202e\u2066-\u2069{NONCHARACTERS}]"  # line and paragraph separators, direction overrides
INVISIBLE = (  # beyond those that Unicode's category says
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U00016fe4\U0001d159\U000e0000-\U000e0fff]"
)


def text(longest: int, least: int = 1) -> Kind:
    """A text of at most `longest` characters: "white space is single spaces, and none at the ends"."""

    def holds(value: Any) -> bool:
        tidy = anything(value) and value == " ".join(value.split()) and not re.search(TURNING, value)
        return tidy and least <= len(value) <= longest

    return holds


def ticket(value: Any) -> bool:
    """ "Every character of a ticket is visible", so that two people never hold tickets that look the same."""
    hidden = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    seen = text(40)(value) and not re.search(INVISIBLE, value)
    return seen and (value.isascii() or hidden.isdisjoint(map(unicodedata.category, value)))


def number(low: int = 0, high: int = 2**53 - 1) -> Kind:
    return lambda value: type(value) is int and low <= value <= high


def matching(pattern: str) -> Kind:
    return lambda value: type(value) is str and re.fullmatch(pattern, value, re.ASCII) is not None


def array(kind: Kind, low: int, high: int) -> Kind:
    return lambda value: type(value) is list and low <= len(value) <= high and all(map(kind, value))


def fields(kinds: dict[str, Kind]) -> Kind:
    """The kind of an object with exactly these fields in this order."""

    def holds(value: Any) -> bool:
        if type(value) is not dict or list(value) != list(kinds):
            raise ValueError(f"its fields are not {', '.join(kinds)}")
        for name, kind in kinds.items():
            if not kind(value[name]):
                raise ValueError(f"{name} cannot be {ascii(value[name])[:60]}")
        return True

    return holds


KINDS: dict[str, Kind] = {
    "hash": matching("[0-9a-f]{64}"),
    "hash?": matching("([0-9a-f]{64})?"),  # "" where there is none
    "event": matching("[0-9a-f]{16}"),
    "count": number(),
    "positive": number(1),
    "chances": number(1, 1_000_000),
    "anything": anything,
    "ticket": ticket,
    "ticket?": lambda value: value == "" or ticket(value),
    "holder": lambda value: anything(value) and 1 <= len(value) <= 40,  # in records; rules compare it
    "places": matching("[1-9][0-9]{0,15}(,[1-9][0-9]{0,15})*"),
    "rest": number(0, 2**32 - 1),
    "turns": number(5, 7),
    "title": text(120),
    "title?": text(120, 0),
    "group": text(40),
    "group?": text(40, 0),
    "household": number(0, 999_999),
    "generation": number(1, 999_999),
    "reason": text(300),
    "reason?": text(300, 0),
    "text": text(309),
    "seq": number(1),
    "place": number(1),
    "truth": lambda value: type(value) is bool,
    "prize": matching("[a-z0-9-]{1,40}"),
    "prize?": matching("([a-z0-9-]{1,40})?"),
    "mode": matching("natural|fixed"),
    "plan": matching("natural|fixed|mixed"),
    "then": matching("(natural|repeat|stop)?"),
    "win_once": matching("event|prize|never"),
    "order": matching("listed|free"),
    "shown": matching("full|short|ticket"),
    "quantity": number(1, 3000),
    "reserves": number(0, 200),
    "per_press": number(1, 200),
    "state": matching("confirmed|collected|absent|declined|expired"),
    "P": matching("none|[0-9a-f]{64}"),
    "fallback": matching("(not in the pool)?"),
    "picture": matching(r"([0-9a-f]{64}\.(png|jpg|webp))?"),
    "second": matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z"),
    "millisecond": matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
}
KINDS["winners"] = array(KINDS["holder"], 1, 200)


def entropy(item: Any) -> bool:
    """ "dice", "audience", "lottery:WORDS" or "drand:quicknet:ROUND"."""
    if anything(item) and item.startswith("lottery:"):
        return text(100)(item.removeprefix("lottery:"))
    return matching("dice|audience|drand:quicknet:[1-9][0-9]{0,11}")(item)


def kinds_of(line: str) -> dict[str, Kind]:
    """Read "name:kind name:kind"; a name alone is of the kind of that name."""
    return {one.split(":")[0]: KINDS[one.split(":")[-1]] for one in line.split()}


def table(lines: str) -> dict[str, dict[str, Kind]]:
    return {line.split()[0]: kinds_of(line.partition(" ")[2]) for line in lines.strip().splitlines()}


MESSAGES = table("""
wheel-entropy/2     event snapshot:hash anchor:hash kiosk:hash text
wheel-claim/2       event prize:prize? place ticket state
wheel-withdraw/2    event ticket reason
wheel-close/2       event
wheel-checkpoint/2  kiosk:hash seq head:hash
""")
RECORDS = table("""
adopt      event generation:positive snapshot:hash entries:positive weight:positive anchor:hash kiosk:hash signer:hash
entropy    snapshot:hash anchor:hash text:anything request:hash
open       event generation:positive spin:positive prize:prize? places mode step:count pool:hash weight:positive entropy:P
result     spin:positive mode reveal:hash winners rest turns reason:anything fallback
shown      spin:positive duration_ms:count frames:count
void       spin:positive reason:anything
claim      event prize:prize? place ticket:holder state reserve:count request:hash?
withdraw   event ticket:holder reason:anything request:hash
close      event request:hash
restored   from:hash to:hash head:hash
rehearsal  event
refused    file:anything reason:anything
recovered  bytes:count digest:hash
note       text:anything
""")  # noqa: E501
# Parts of a list, smallest first
KINDS["entries"] = array(fields(kinds_of("ticket weight:chances group:group? household")), 1, 3000)
KINDS["groups"] = array(KINDS["group"], 0, 50)
PRIZE = kinds_of("id:prize title quantity reserves per_press groups picture sponsor:title?")
KINDS["prizes"] = array(fields(PRIZE), 0, 200)
RULES = kinds_of("win_once household_once:truth presence:truth predetermined:truth order names:shown")
KINDS["rules"] = fields(RULES)
KINDS["steps"] = array(fields(kinds_of("mode ticket:ticket? reason:reason?")), 0, 1000)
KINDS["spins"] = fields(kinds_of("mode:plan ticket:ticket? reason:reason? steps then"))
KINDS["files"] = array(fields(kinds_of("sha256:hash rows:count")), 0, 1000)
KINDS["source"] = fields(kinds_of("files accepted:count rejected:count"))
KINDS["entropy"] = array(entropy, 0, 4)
KINDS["evening"] = fields(kinds_of("id:event title"))
SNAPSHOT = kinds_of(
    "generation previous:hash? created_at:second event:evening entries names:hash prizes rules entropy spins source"
)
SIGNED = {name: fields({"format": matching(name)} | kinds) for name, kinds in MESSAGES.items()}
SIGNED["wheel-snapshot/2"] = fields({"format": matching("wheel-snapshot/2")} | SNAPSHOT)
SIGNATURE = fields(kinds_of("sig:anything keyid:hash"))
ENVELOPE = fields(
    {
        "payloadType": lambda name: type(name) is str and name in SIGNED,
        "payload": anything,
        "signatures": array(SIGNATURE, 1, 1),
    }
)


# --- Keys and signatures ---

FIELD_PRIME = 2**255 - 19
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, FIELD_PRIME) % FIELD_PRIME
NEUTRAL = (1).to_bytes(32, "little")  # the encoding of the neutral element, (0, 1)
Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z and xy = T/Z


def added(p: Point, q: Point) -> Point:
    """The sum of two points (RFC 8032, 5.1.4); it is complete, so it doubles as well."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * CURVE_D * p[3] * q[3], 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % FIELD_PRIME, g * h % FIELD_PRIME, f * g % FIELD_PRIME, e * h % FIELD_PRIME


@cache
def is_sound_key(encoded: bytes) -> bool:
    """Whether a key "is the canonical encoding of a point of the prime-order group, and not its neutral element"."""
    y, sign = int.from_bytes(encoded, "little") % 2**255, encoded[-1] >> 7 if len(encoded) == 32 else 0
    if len(encoded) != 32 or y >= FIELD_PRIME:
        return False
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD_PRIME) % FIELD_PRIME
    x = pow(square, (FIELD_PRIME + 3) // 8, FIELD_PRIME)
    if x * x % FIELD_PRIME != square:
        x = x * pow(2, (FIELD_PRIME - 1) // 4, FIELD_PRIME) % FIELD_PRIME
    if x * x % FIELD_PRIME != square or x == 0:  # not on the curve; or of order 1 or 2
        return False
    x = x if x % 2 == sign else FIELD_PRIME - x
    point: Point = (x, y, 1, x * y % FIELD_PRIME)
    total: Point = (0, 1, 1, 0)
    for bit in f"{GROUP_ORDER:b}":
        total = added(total, total)
        total = added(total, point) if bit == "1" else total
    return total[0] == 0 and total[1] == total[2]


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 (RFC 8032), strictly: libraries differ about what is refused here before they are asked.

    With a sound key and s below the group's order, R = sB - hA is in the prime-order group; the library compares bytes.
    """
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
        return False
    if not is_sound_key(key) or signature[:32] == NEUTRAL:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_public_key(data: bytes) -> bytes:
    """One key in its one PEM text; "key id = SHA-256 of the raw public key in hex"."""
    found = re.fullmatch(
        rb"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\n-----END PUBLIC KEY-----\n", data
    )
    key = b64decode(found[1]) if found else b""
    if not found or b64encode(key) != found[1] or not is_sound_key(key):
        raise ValueError("not one Ed25519 public key in canonical PEM")
    return key


QUICKNET_KEY = (  # drand's quicknet, a point of G2 in two halves
    0x83CF0F2896ADEE7EB8B5F01FCAD3912212C437E0073E911FB90022D3E760183C8C4B450B6A0A6C3AC6A5776A2D106451,
    0x0D1FEC758C921CC22B0E17E63AAF4BCB5ED66304DE9CF809BD274CA73BAB4AF5A6E9C76A4BC09E76EAE8991EF5ECE45A,
)


@cache
def drand_text_holds(text: str) -> bool | None:
    """Whether "drand:quicknet:ROUND:SIGNATURE" has the BLS signature of its round; None where py_ecc is missing.

    Scheme bls-unchained-g1-rfc9380: "e(signature, G2) = e(H(SHA-256(round as 8 bytes)), key)".
    """
    depth = sys.getrecursionlimit()
    try:  # only now: it takes a while, and few draws need it
        names = ("optimized_bls12_381", "bls.point_compression", "bls.hash_to_curve")
        curve, points, hashing = (import_module(f"py_ecc.{name}") for name in names)
    except ImportError:
        return None
    finally:
        sys.setrecursionlimit(depth)  # py_ecc raises it, and JSON nested too deeply would then crash Python
    number, signature = text.split(":")[2:]
    try:
        point = points.decompress_G1(int(signature, 16))
    except ValueError:
        return False
    if curve.is_inf(point) or not curve.is_inf(curve.multiply(point, curve.curve_order)):
        return False
    message = sha256(int(number).to_bytes(8, "big")).digest()
    hashed = hashing.hash_to_G1(message, b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_", sha256)
    return bool(curve.pairing(curve.G2, point) == curve.pairing(points.decompress_G2(QUICKNET_KEY), hashed))


class Envelope(NamedTuple):
    """DSSE: a payload and exactly one signature."""

    kind: str
    payload: bytes
    keyid: str
    signature: bytes
    body: Json

    def is_signed_with(self, key: bytes) -> bool:
        kind = self.kind.encode()
        message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)
        return digest(key) == self.keyid and signature_holds(key, message, self.signature)


def read_envelope(data: bytes) -> Envelope:
    """ "payloadType, payload, signatures [{sig, keyid}], then one LF"; "payloadType equals format"."""
    if not data.endswith(b"\n"):
        raise ValueError("no LF at the end")
    outer = read_canonical(data[:-1])
    ENVELOPE(outer)
    if outer["payloadType"] != "wheel-snapshot/2" and len(data) > LARGEST_MESSAGE:
        raise ValueError(f"larger than {LARGEST_MESSAGE} bytes")
    payload, signature = (b64decode(one) for one in (outer["payload"], outer["signatures"][0]["sig"]))
    if [b64encode(payload).decode(), b64encode(signature).decode()] != [
        outer["payload"],
        outer["signatures"][0]["sig"],
    ]:
        raise ValueError("base64 not canonical")
    body = read_canonical(payload)
    SIGNED[outer["payloadType"]](body)
    if not unicodedata.is_normalized("NFC", payload.decode()):
        raise ValueError("text not in Unicode's form NFC")
    if body["format"] == "wheel-snapshot/2":
        check_list(body)
    if body["format"] == "wheel-claim/2" and body["prize"] and body["place"] > 3200:  # quantity and reserves at most
        raise ValueError("no prize has such a place")
    return Envelope(outer["payloadType"], payload, outer["signatures"][0]["keyid"], signature, body)


def check_list(body: Json) -> None:
    """What a list must be beyond the kinds of its fields."""

    def each_once(values: list[str], what: str) -> None:
        if len(set(values)) != len(values):
            raise ValueError(f"{what} twice")

    datetime.fromisoformat(body["created_at"])
    each_once([entry["ticket"] for entry in body["entries"]], "a ticket")
    each_once([prize["id"] for prize in body["prizes"]], "a prize's id")
    each_once([item.split(":")[0] for item in body["entropy"]], "a kind of entropy")  # "each kind once"
    if (body["generation"] == 1) != (body["previous"] == ""):
        raise ValueError("previous is empty for generation 1 only")
    spins = body["spins"]
    mixed = spins["mode"] == "mixed"
    if mixed != bool(spins["steps"]) or mixed != bool(spins["then"]):
        raise ValueError("steps and then belong to mixed spins, and only to them")
    for prize in body["prizes"]:
        each_once(prize["groups"], "a group of a prize")
    fixed = list(fixed_tickets(body))
    if not {entry["ticket"] for entry in body["entries"]}.issuperset(fixed):
        raise ValueError("a fixed ticket is not on the list")
    if body["rules"]["win_once"] == "event" or (body["rules"]["win_once"] == "prize" and not body["prizes"]):
        each_once(fixed, "a ticket that can win once is fixed")


def fixed_tickets(body: Json) -> Iterator[str]:
    for step in [body["spins"], *body["spins"]["steps"]]:
        if any((step["mode"] == "fixed") != bool(step[name]) for name in ("ticket", "reason")):
            raise ValueError("a ticket and its reason belong to a fixed spin, and only to it")
        if step["mode"] == "fixed":
            if not body["rules"]["predetermined"]:  # "a signed promise: no fixed step"
                raise ValueError("a fixed spin, although predetermined is false")
            yield step["ticket"]


# --- Codes that people keep or type: key ids, anchors, heads ---

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"


class Code(NamedTuple):
    """The first `bits` bits of a SHA-256."""

    value: int
    bits: int

    def stands_for(self, full: str) -> bool:
        return int(full, 16) >> (256 - self.bits) == self.value


def read_code(written: str) -> Code:
    """ "130 bits as 26 characters of Crockford's base32 plus its check character (value mod 37)", or all 64 digits."""
    kept = re.sub(r"[\s-]", "", written).upper()
    if re.fullmatch("[0-9A-F]{64}", kept):
        return Code(int(kept, 16), 256)
    kept = kept.translate(str.maketrans("ILO", "110"))
    if len(kept) != 27 or not all(character in CROCKFORD[:32] for character in kept[:26]):
        raise Unusable(f"{written!a}: give all 64 hexadecimal digits, or all 26 characters and the check character")
    value = 0
    for character in kept[:26]:
        value = value * 32 + CROCKFORD.index(character)
    if CROCKFORD[value % 37] != kept[26]:
        raise Unusable(f"{written!a}: the check character is wrong, so a character was misread")
    return Code(value, 130)


# --- Files: found by what is in them, never by their names ---


class Files:
    """What was found: the ledger, its checkpoints, signed files by the SHA-256 of their payload, public keys."""

    def __init__(self) -> None:
        self.ledger: bytes | None = None
        self.checkpoints: bytes | None = None
        self.signed: dict[str, list[Envelope]] = {}
        self.keys: dict[str, bytes] = {}
        self.refused: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        try:
            if name.endswith(".pem"):
                key = read_public_key(data)
                self.keys[digest(key)] = key
            elif name.endswith("checkpoints.jsonl"):
                self.checkpoints = (self.checkpoints or b"") + data
            elif name.endswith(".jsonl"):
                if self.ledger not in (None, data):
                    raise Unusable(f"{name}: a second ledger; give only the files that belong together")
                self.ledger = data
            else:
                envelope = read_envelope(data)
                self.signed.setdefault(digest(envelope.payload), []).append(envelope)
        except ValueError as error:
            self.refuse(name, data, str(error))

    def refuse(self, name: str, data: bytes, why: str) -> None:
        """Count a file that lies where signed files lie, or looks like one. A home has other files as well."""
        if Path(name).parent.name in SIGNED_FOLDERS or b'"payloadType"' in data or b"PUBLIC KEY" in data:
            self.refused[name] = why


def files_under(paths: list[Path]) -> Files:
    """Read what lies there. Names files, which say who a ticket is, are never needed and never read."""
    files, spent = Files(), Counter[Path]()
    for path in paths:
        if all(map(is_plain, (path / "ledger.jsonl", path / "kiosk" / "ledger.jsonl"))):
            files.refused[str(path / "ledger.jsonl")] = "a second ledger; that of kiosk was read"
        for file in found_under(path) if path.is_dir() else [path]:
            part = part_of(path, file)
            if spent[part] > MOST_READ and file.suffix != ".jsonl":
                flood = {str(part): "a flood: it holds more than is read, so give a copy with less in it"}
                files.refused = files.refused if str(part) in files.refused else flood | files.refused
                continue
            try:
                spent[part] += KEY_READ if file.suffix == ".pem" else LEAST_READ
                data = read_file(file, largest(file))
                spent[part] += len(data) if file.suffix != ".jsonl" else 0
                files.add(str(file), data)
            except OSError as error:
                files.refuse(str(file), b"", str(error))
    return files


def part_of(home: Path, file: Path) -> Path:
    """What has a limit of its own: `snapshots`, to which others may write, does not use up that of `kiosk/adopted`."""
    match file.relative_to(home).parts[:-1]:
        case ("kiosk", folder, *_) if folder in SIGNED_FOLDERS:
            return home / "kiosk" / folder
        case ("kiosk" | "snapshots" as folder, *_):
            return home / folder
    return home  # one limit for all that a home need not have: there may be thousands of folders


def found_under(home: Path) -> Iterator[Path]:
    kiosk = home / "kiosk" if is_plain(home / "kiosk" / "ledger.jsonl") else home
    for folder, folders, names in os.walk(home):  # follows no links
        if len(Path(folder).relative_to(home).parts) >= DEEPEST:
            folders.clear()
        for name in sorted(names):
            own = Path(folder) == kiosk and name in {"ledger.jsonl", "checkpoints.jsonl"}
            if own or (name.endswith((".json", ".pem")) and not name.startswith("names-")):
                yield Path(folder, name)


def is_plain(path: Path) -> bool:
    """Whether it is a regular file that no link leads to: anything else in a ledger's place is ignored."""
    try:
        return not path.parent.is_symlink() and stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def largest(path: Path) -> int:
    """How many bytes a file of that name may have."""
    limits = {".pem": LARGEST_KEY, ".jsonl": LARGEST_LEDGER}
    return limits.get(path.suffix, LARGEST_LIST)


def read_file(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes: no link, and no waiting for a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError("not a regular file")
        data = file.read(status.st_size + 1) if status.st_size <= limit else b""  # it may be growing
        if max(status.st_size, len(data)) > limit:
            raise OSError(f"larger than {limit} bytes")
        return data


# --- The draw ---


class Entry(NamedTuple):
    ticket: str
    weight: int
    group: str
    household: int
    line: bytes  # "Pool bytes: TICKET TAB WEIGHT LF"


class List:
    """A published list, and the envelopes that hold it."""

    def __init__(self, s: str, envelopes: list[Envelope]) -> None:
        body = envelopes[0].body
        self.s = s
        self.envelopes = envelopes
        self.generation: int = body["generation"]
        self.previous: str = body["previous"]
        self.event: str = body["event"]["id"]
        self.rules: Json = body["rules"]
        self.entropy: list[str] = body["entropy"]
        self.names: str = body["names"]
        self.spins: Json = body["spins"]
        self.prizes: dict[str, Json] = {prize["id"]: prize for prize in body["prizes"]}
        self.entries = [Entry(**one, line=f"{one['ticket']}\t{one['weight']}\n".encode()) for one in body["entries"]]
        self.household = {entry.ticket: entry.household for entry in self.entries}
        self.weight = sum(entry.weight for entry in self.entries)

    def chances(self, other: "List") -> dict[str, tuple[int, str, list[str]]]:
        """Weight, group and household of each ticket that is on both lists; a household is who is in it."""
        both = [entry for entry in self.entries if entry.ticket in other.household]
        members: dict[int, list[str]] = {}
        for entry in both:
            members.setdefault(entry.household, []).append(entry.ticket)
        alone: list[str] = []
        return {one.ticket: (one.weight, one.group, members[one.household] if one.household else alone) for one in both}

    def planned_step(self, spin: int) -> tuple[int, Json]:
        """The step number and the planned mode of spin i, "i while i <= n", then "(i-1) mod n + 1 with repeat"."""
        steps = self.spins["steps"]
        if not steps:
            return 0, self.spins
        if spin <= len(steps) or self.spins["then"] == "repeat":
            step = (spin - 1) % len(steps) + 1
            return step, steps[step - 1]
        require(self.spins["then"] == "natural", "after the last step with stop nothing opens")
        return 0, {"mode": "natural", "ticket": "", "reason": ""}


class Place(NamedTuple):
    ticket: str
    state: str  # held, confirmed, collected; absent, declined, expired (freed); moved (a reserve's holder moved up)


HELD = {"held", "confirmed"}
FREED = {"absent", "declined", "expired"}
NEXT_STATES = {"held": {"confirmed"} | FREED, "confirmed": {"collected"} | FREED}


class Event:
    """An evening: "winners and progress live as long as it"."""

    def __init__(self) -> None:
        self.list: List
        self.rules: Json | None = None  # since its first spin
        self.promised = False  # predetermined is false
        self.opened = 0
        self.places: dict[tuple[str, int], Place] = {}
        self.won: dict[str, set[str]] = {}  # by prize: every ticket that ever got a place of it
        self.freed: dict[str, set[str]] = {}  # by prize: every ticket that freed a place of it
        self.withdrawn: set[str] = set()
        self.left = False
        self.closed = False

    def pool(self, prize: str) -> list[Entry]:
        """The entries that can win this prize now, in the list's order."""
        rules = self.list.rules
        # Under win_once "every ticket that ever got a place of the event", or of z, is out
        once: set[str] = set()
        if rules["win_once"] == "event" or (rules["win_once"] == "prize" and not prize):
            once = set().union(*self.won.values())
        elif rules["win_once"] == "prize":
            once = self.won.get(prize, set())
        # With household_once "their households, as on the list now, likewise"; 0 is no household
        households = {self.list.household[ticket] for ticket in once if rules["household_once"]} - {0}
        # Also withdrawn tickets, and "under every rule anybody who freed a place of z"
        gone = once | self.withdrawn | self.freed.get(prize, set())
        # And "those whose group is not among z's groups (none named: all may win)"
        groups = self.list.prizes[prize]["groups"] if prize else []
        return [
            entry
            for entry in self.list.entries
            if entry.ticket not in gone and entry.household not in households and (not groups or entry.group in groups)
        ]

    def press(self, prize: str) -> list[int]:
        """The places that a press fills: "the lowest min(per_press, open) open places of one kind, winners' first"."""
        if not prize:
            return [self.opened + 1]  # "Without prizes: prize "", place = i"
        one = self.list.prizes[prize]
        winners = range(1, one["quantity"] + 1)
        reserves = range(one["quantity"] + 1, one["quantity"] + one["reserves"] + 1)
        for places in (winners, reserves):
            still_open = [place for place in places if (prize, place) not in self.places]
            if still_open:
                return still_open[: one["per_press"]]
        return []

    def listed_press(self) -> tuple[str, list[Entry]]:
        """ "A press goes to the first listed prize with an open place and a non-empty pool"; and that pool."""
        for prize in self.list.prizes or [""]:
            if self.press(prize) and (pool := self.pool(prize)):
                return prize, pool
        raise Broken("no prize has an open place and somebody who can win it")


def number_drawn(secret: bytes, message: str, weight: int) -> int:
    """The t of one place: a number below `weight`, every one equally likely."""
    k = 0
    while True:
        x = int.from_bytes(hmac.digest(secret, f"{message}{k}\n".encode(), "sha256"), "big")
        if x < 2**256 - 2**256 % weight:
            return x % weight
        k += 1


def winners_drawn(
    secret: bytes, message: str, places: list[int], pool: list[Entry], *, by_household: bool
) -> list[str]:
    """The winner of each place, ascending, from what is left of the pool; where it runs empty the rest stay open.

    "The first entry left whose cumulative weight is > t. It leaves, with its household under household_once".
    """
    left, winners = list(pool), []
    for place in places:
        if not left:
            break
        ends = list(accumulate(entry.weight for entry in left))
        t = number_drawn(secret, message.format(place=place), ends[-1])
        winner = left.pop(bisect_right(ends, t))
        winners.append(winner.ticket)
        if by_household and winner.household:
            left = [entry for entry in left if entry.household != winner.household]
    return winners


def landing(secret: bytes, s: str, spin: int, pool: list[Entry], winner: str) -> tuple[int, int]:
    """Where the wheel comes to rest on the first winner, in units of 2^-32 turn, and the whole turns before."""
    total = sum(entry.weight for entry in pool)
    index = next(index for index, entry in enumerate(pool) if entry.ticket == winner)
    before = sum(entry.weight for entry in pool[:index])
    start, end = (-(-weight * 2**32 // total) for weight in (before, before + pool[index].weight))  # rounded up
    chosen = hmac.digest(secret, f"wheel-land/2\n{s}\n{spin}\n".encode(), "sha256")
    width, u = end - start, int.from_bytes(chosen[:8], "big")
    return start + width * 5 // 100 + (width * 90 // 100) * u // 2**64, 5 + chosen[8] % 3


# --- The ledger: one function a record type ---


def check_record(record: Any) -> None:
    kind = record.get("type") if type(record) is dict else None
    if type(kind) is not str or kind not in RECORDS:
        raise ValueError("not a record of wheel-draw/2")
    kinds = RECORDS[kind] | kinds_of("seq type:anything prev:hash at:millisecond")
    fields(dict(sorted(kinds.items())))(record)  # "ledger records: sorted"
    datetime.fromisoformat(record["at"])


def read_records(ledger: bytes) -> tuple[list[Json], list[str]]:
    """The records, and the head after each: "prev = H(previous line without its LF), 64 zeros for the first"."""
    heads, records = ["0" * 64], []
    lines = ledger.split(b"\n")
    if lines.pop():
        raise Broken(f"record {len(lines) + 1}: torn, its line has no end")
    for seq, line in enumerate(lines, 1):
        try:
            record = read_canonical(line, sort_keys=True)
            check_record(record)
        except ValueError as error:
            raise Broken(f"record {seq}: {error}") from None
        require(record["seq"] == seq, f"record {seq}: its seq is {record['seq']}")
        require(record["prev"] == heads[-1], f"record {seq}: prev is not the hash of the record before: a changed past")
        records.append(record)
        heads.append(digest(line))
    return records, heads


@dataclass
class Spin:
    open: Json
    anchor: str
    event: Event
    pool: list[Entry]
    step: Json
    texts: list[str]  # that its level rests on
    fixed: bool  # its ticket is predetermined, and in the pool
    result: Json | None = None
    void: bool = False
    witnessed: bool = False

    @property
    def told(self) -> str:
        return f"spin {self.open['spin']} of event {self.open['event']}"

    @property
    def level(self) -> int:  # "the highest level of its texts": dice and audience are live, lottery and drand public
        return max((2 if one.startswith(("lottery:", "drand:")) else 1 for one in self.texts), default=0)

    @property
    def unchecked(self) -> bool:
        return any(one.startswith("drand:") and drand_text_holds(one) is None for one in self.texts)


class Anchor:
    """One `adopt`: a chain of secrets that was committed to, and what was drawn from it."""

    def __init__(self, adopt: Json, published: List) -> None:
        self.adopt = adopt
        self.list = published
        self.revealed: str = adopt["anchor"]  # the last value of the chain that everybody knows
        self.texts: list[str] = []
        self.opened = 0
        self.results = 0


class Replay:
    """Lives through the ledger record by record and raises Broken where a rule does not hold."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.heads: list[str] = []
        self.seq = 0
        self.kiosk = ""  # the key in force
        self.kiosk_at: list[str] = [""]  # by record
        self.head_due: list[int] = [0]  # by record: the last one so far after which no spin was open
        self.events: dict[str, Event] = {}
        self.anchors: list[Anchor] = []
        self.spin: Spin | None = None  # "A spin is open from open to shown or void"
        self.needs_adopt = False
        self.known_values: set[str] = set()  # anchors and reveals
        # for the report
        self.spins: list[Spin] = []
        self.adopts: list[Json] = []
        self.voids: list[int] = []
        self.lowering: dict[int, str] = {}  # records that keep the verdict at CONSISTENT unless accepted
        self.requests: list[tuple[int, list[Envelope]]] = []
        self.missing_requests: list[int] = []
        self.restored: list[int] = []
        self.counts = dict.fromkeys(["out of order", "freed by key", "freed by request", "withdrawn", "rehearsals"], 0)
        self.drand: list[int] = []
        self.changed: list[tuple[int, str]] = []
        self.withdrawn_late: list[int] = []

    def run(self, records: list[Json], heads: list[str]) -> None:
        self.heads = heads
        for record in records:
            self.seq = record["seq"]
            try:
                getattr(self, "rule_" + record["type"])(record)
            except Broken as problem:
                raise Broken(f"record {self.seq} ({record['type']}): {problem}") from None
            self.kiosk_at.append(self.kiosk)
            self.head_due.append(self.head_due[-1] if self.spin else self.seq)

    @property
    def anchor(self) -> Anchor:
        require(self.anchors, "no list was adopted before")
        return self.anchors[-1]

    def idle(self) -> None:  # "entropy, claim, withdraw, close, adopt and rehearsal wait for its end"
        require(self.spin is None, "a spin is open")

    def known_event(self, record: Json) -> Event:
        event = self.events.get(record["event"])
        if event is None or event.closed:
            raise Broken("no such event, or the event is closed")
        return event

    def current_event(self, record: Json) -> Event:
        event = self.known_event(record)
        require(self.anchor.list.event == record["event"], "not the event of the list adopted")
        return event

    def signed_request(self, record: Json, kind: str, **message: Any) -> None:
        """ "Signed messages: record and request must agree, else BROKEN"; "A missing request: CONSISTENT"."""
        envelopes = self.files.signed.get(record["request"], [])
        if not envelopes:
            self.missing_requests.append(self.seq)
            return
        require(envelopes[0].body == {"format": kind} | message, f"its request {record['request'][:16]} says otherwise")
        self.requests.append((self.seq, envelopes))

    def rule_adopt(self, record: Json) -> None:
        self.idle()
        envelopes = self.files.signed.get(record["snapshot"], [])
        if not envelopes:
            raise Unusable(f"record {self.seq}: list {record['snapshot']} is missing (or refused: see below)")
        require(envelopes[0].kind == "wheel-snapshot/2", "its snapshot is not a list")
        published = List(record["snapshot"], envelopes)
        due = (published.event, published.generation, len(published.entries), published.weight)
        found = (record["event"], record["generation"], record["entries"], record["weight"])
        require(found == due, "event, generation, entries or weight are not those of its list")
        require(any(one.keyid == record["signer"] for one in envelopes), "signer is not who signed its list")
        # "The kiosk makes a new chain at each adopt"
        require(record["anchor"] not in self.known_values, "its anchor was used before")
        before = self.anchors[-1] if self.anchors else None
        if before and not (before.texts or before.opened) and published.s == before.list.s:
            pass  # "Lost before any entropy or open, the same generation is adopted again"
        elif before:
            generation = before.list.generation
            require(published.generation > generation, f"generation {generation} was adopted before")
            follows = published.generation > generation + 1 or published.previous == before.list.s
            require(follows, "previous is not the list of the generation before")
        event, kind = self.enter_event(published)
        if before and before.texts and not before.results:
            self.lowering[self.seq] = "adopt, although the anchor before had entropy and made no spin"
        skipped = published.generation - (before.list.generation if before else 0) - 1
        told = {"record": self.seq, "kind": kind, "generation": published.generation, "event": published.event}
        told["list"] = published.s
        self.adopts.append(told | {"skipped": max(skipped, 0), "spins_before": before.results if before else 0})
        event.list = published
        event.promised |= not published.rules["predetermined"]
        self.anchors.append(Anchor(record, published))
        self.known_values.add(record["anchor"])
        self.kiosk, self.needs_adopt = record["kiosk"], False

    def enter_event(self, published: List) -> tuple[Event, str]:
        current = self.anchors[-1].list.event if self.anchors else ""
        event = self.events.get(published.event)
        if event is None:
            if current:
                self.events[current].left = True
            event = self.events[published.event] = Event()
            return event, "new event"
        require(not event.closed, "the event is closed")
        require(not event.left, "the event was left: its lists are refused from then on")
        self.check_correction(event, published)
        self.tell_what_was_renamed(event, published)
        self.tell_which_entries_changed(event, published)
        return event, "same list again" if published.s == event.list.s else "correction"

    def check_correction(self, event: Event, published: List) -> None:
        """ "A correction may not rewrite what happened"."""
        for ticket in set().union(*event.won.values()):
            require(ticket in published.household, f"ticket {ticket!a} got a place and is not on this list")
        for prize in event.won:
            if not prize:
                require(not published.prizes, "places were drawn without prizes, and this list has prizes")
                continue
            require(prize in published.prizes, f"prize {prize} has a drawn place and is not on this list")
            for name in ("quantity", "reserves", "per_press", "groups"):
                same = published.prizes[prize][name] == event.list.prizes[prize][name]
                require(same, f"prize {prize} has a drawn place and another {name}")
        require(event.rules in (None, published.rules), "the rules changed after the event's first spin")
        require(not (event.promised and published.rules["predetermined"]), "predetermined is false in this event")

    def tell_what_was_renamed(self, event: Event, published: List) -> None:
        """ "title, picture and sponsor may change", and the names file: the verdict tells of titles and names."""
        for prize in filter(None, event.won):
            before, now = (one.prizes[prize]["title"] for one in (event.list, published))
            if before != now:
                self.changed.append(
                    (self.seq, f"prize {prize}, of which places were drawn as {before!a}, is now {now!a}")
                )
        if event.won and published.names != event.list.names:
            told = "as it does with every correction: a ticket may have another name"
            self.changed.append((self.seq, f"the names file changed after places were drawn, {told}"))

    def tell_which_entries_changed(self, event: Event, published: List) -> None:
        """ "A correction after a place was drawn that changes who may win": how many entries, and how."""
        if not event.won:
            return
        before, now = event.list.chances(published), published.chances(event.list)
        added, removed = len(published.entries) - len(now), len(event.list.entries) - len(before)
        changed = sum(before[ticket] != now[ticket] for ticket in before)
        if added or removed or changed:
            counts = f"{added} added, {removed} removed, {changed} with another weight, group or household"
            self.changed.append((self.seq, f"the entries changed after places were drawn: {counts}"))

    def rule_entropy(self, record: Json) -> None:
        self.idle()
        anchor, published = self.anchor, self.anchor.list
        self.current_event({"event": published.event})
        require(record["snapshot"] == published.s, "for another list")
        require(record["anchor"] == anchor.adopt["anchor"], "for another anchor")
        # "every listed entropy text, in that order; none is taken later"
        require(len(anchor.texts) < len(published.entropy), "the list names no further entropy")
        require(not anchor.opened, "a spin opened before")
        item = published.entropy[len(anchor.texts)]
        value = record["text"].removeprefix(item + ":")
        is_text = value != record["text"] and text(200)(value)
        require(is_text, f"the next text is {item!a}, ':' and a value of at most 200 characters")
        if item == "dice":
            require(re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})*", value), "dice are numbers with points between them")
        if item.startswith("drand:"):
            require(re.fullmatch("[0-9a-f]{96}", value), "the round's signature is 96 lowercase hex digits")
            arose = 1692803367 + 3 * (int(item.split(":")[2]) - 1)  # quicknet: a round every 3 s since its first
            adopted, told = (datetime.fromisoformat(one["at"]).timestamp() for one in (anchor.adopt, record))
            require(adopted < arose, "the drand round was known before the list was adopted")
            require(arose <= told, "the drand round had not arisen yet")
            holds = drand_text_holds(record["text"])
            require(holds is not False, "that is not the signature of the drand round")
            self.drand += [self.seq] if holds is None else []
        anchor.texts.append(record["text"])
        bound = {"snapshot": published.s, "anchor": record["anchor"], "kiosk": self.kiosk}
        self.signed_request(record, "wheel-entropy/2", event=published.event, **bound, text=record["text"])

    def rule_open(self, record: Json) -> None:
        self.idle()
        anchor, published = self.anchor, self.anchor.list
        event = self.current_event(record)
        require(not self.needs_adopt, "nothing opens after void until the next adopt")
        require(anchor.results < CHAIN_LENGTH, "the chain of secrets is used up")
        # "No spin opens under an anchor before every listed entropy text is recorded for it"
        require(len(anchor.texts) == len(published.entropy), "a listed entropy text is missing")
        require(record["generation"] == published.generation, "another generation than the adopted one")
        require(record["spin"] == event.opened + 1, f"the event's next spin is {event.opened + 1}")
        require(record["entropy"] == combined(anchor.texts), "entropy is not the hash of the texts recorded")
        prize = record["prize"]
        require(prize in published.prizes if published.prizes else prize == "", "no such prize")
        first, pool = event.listed_press()
        if prize != first:
            require(published.rules["order"] == "free", f"the next press goes to prize {first!a}")
            self.counts["out of order"] += 1
            pool = event.pool(prize)
            require(pool, "the pool is empty")
        number_of_step, step = published.planned_step(record["spin"])
        require((record["step"], record["mode"]) == (number_of_step, step["mode"]), "step and mode are not the list's")
        places = event.press(prize)
        if step["mode"] == "fixed":  # "planned fixed means one place, even on fallback"
            places = places[:1]
        require(record["places"] == ",".join(map(str, places)) != "", f"the open places of this press are {places}")
        require(record["pool"] == digest(b"".join(entry.line for entry in pool)), "another pool")
        require(record["weight"] == sum(entry.weight for entry in pool), "another weight of the pool")
        event.opened += 1
        event.rules = published.rules
        anchor.opened += 1
        fixed = step["mode"] == "fixed" and any(entry.ticket == step["ticket"] for entry in pool)
        self.spin = Spin(record, anchor.adopt["anchor"], event, pool, step, anchor.texts, fixed)
        self.spins.append(self.spin)

    def open_spin(self, record: Json) -> Spin:
        if self.spin is None:
            raise Broken("no spin is open")
        require(record["spin"] == self.spin.open["spin"], f"spin {self.spin.open['spin']} is open")
        return self.spin

    def rule_result(self, record: Json) -> None:
        spin, anchor = self.open_spin(record), self.anchor
        require(spin.result is None, "a second result")
        # "spin i reveals r_j = s_{N-j}": hashed once it gives the value before, hashed j times the anchor
        secret = bytes.fromhex(record["reveal"])
        require(digest(secret) == anchor.revealed, "reveal is not the next secret under the anchor")
        opened, pool, s = spin.open, spin.pool, anchor.list.s
        places = [int(place) for place in opened["places"].split(",")]
        if spin.fixed:
            winners = [spin.step["ticket"]]
        else:
            message = f"wheel-draw/2\n{s}\n{opened['spin']}\n{opened['prize']}\n{{place}}\n{opened['pool']}\n"
            message += f"{opened['entropy']}\n"
            by_household = anchor.list.rules["household_once"]
            winners = winners_drawn(secret, message, places, pool, by_household=by_household)
        require(record["winners"] == winners, f"the winners are {winners!a}")
        rest, turns = landing(secret, s, opened["spin"], pool, winners[0])
        require((record["rest"], record["turns"]) == (rest, turns), f"the landing is {rest} after {turns} turns")
        # "result.mode is what happened, natural or fixed"; reason and fallback go with it
        told = (record["mode"], record["reason"], record["fallback"])
        if spin.fixed:
            require(told == ("fixed", spin.step["reason"], ""), "mode, reason or fallback is not that of a fixed spin")
        else:
            fallback = "not in the pool" if spin.step["mode"] == "fixed" else ""
            require(told == ("natural", "", fallback), "mode, reason or fallback is not that of a natural spin")
        for place, ticket in zip(places, winners, strict=False):
            spin.event.places[opened["prize"], place] = Place(ticket, "held")
            spin.event.won.setdefault(opened["prize"], set()).add(ticket)
        anchor.revealed = record["reveal"]
        anchor.results += 1
        self.known_values.add(record["reveal"])
        spin.result = record

    def rule_shown(self, record: Json) -> None:
        require(self.open_spin(record).result is not None, "One result precedes shown")
        self.spin = None

    def rule_void(self, record: Json) -> None:
        spin = self.open_spin(record)
        require(spin.result is None, "void only without a result")
        spin.void, self.spin, self.needs_adopt = True, None, True
        self.voids.append(self.seq)
        self.lowering[self.seq] = f"{spin.told} was opened and is void"

    def rule_claim(self, record: Json) -> None:
        self.idle()
        event = self.known_event(record)
        prize, place, state = record["prize"], record["place"], record["state"]
        held = event.places.get((prize, place))
        if held is None or held.ticket != record["ticket"]:
            raise Broken("its ticket does not hold this place")
        # A shown place is held, then confirmed, then collected; absent, declined and expired free it before that
        require(state in NEXT_STATES.get(held.state, ()), f"{held.state} does not become {state}")
        require(state != "absent" or event.list.rules["presence"], "presence is false: nobody can be absent")
        winners_place = not prize or place <= event.list.prizes[prize]["quantity"]
        require(state != "collected" or winners_place, "a reserve has nothing to collect")
        event.places[prize, place] = Place(held.ticket, state)
        reserve = self.free_place(event, record) if state in FREED else 0
        require(record["reserve"] == reserve, f"the reserve who moves in is that of place {reserve}")
        if record["request"]:  # without one "a key of the kiosk's keyboard caused it, for claims only"
            who = {"event": record["event"], "prize": prize, "place": place, "ticket": record["ticket"]}
            self.signed_request(record, "wheel-claim/2", **who, state=state)

    def free_place(self, event: Event, record: Json) -> int:
        """ "the lowest reserve's place that is held or confirmed, whose ticket moves in as held, or 0"."""
        self.counts["freed by request" if record["request"] else "freed by key"] += 1
        prize, place = record["prize"], record["place"]
        event.freed.setdefault(prize, set()).add(record["ticket"])
        if not prize or place > event.list.prizes[prize]["quantity"]:
            return 0  # "A reserve's place once left or freed is spent", and so is a freed place without a prize
        quantity, reserves = event.list.prizes[prize]["quantity"], event.list.prizes[prize]["reserves"]
        for reserve in range(quantity + 1, quantity + reserves + 1):
            waiting = event.places.get((prize, reserve))
            if waiting and waiting.state in HELD:
                event.places[prize, reserve] = Place(waiting.ticket, "moved")
                event.places[prize, place] = Place(waiting.ticket, "held")
                return reserve
        del event.places[prize, place]  # "the place is open again and the next press fills it"
        return 0

    def rule_withdraw(self, record: Json) -> None:
        self.idle()
        event = self.current_event(record)  # "A left event takes only claim and close"
        require(record["ticket"] in event.list.household, "its ticket is not on the list")
        require(record["ticket"] not in event.withdrawn, "its ticket was withdrawn before")
        event.withdrawn.add(record["ticket"])
        self.counts["withdrawn"] += 1
        self.withdrawn_late += [self.seq] if self.anchor.texts else []
        who = {"event": record["event"], "ticket": record["ticket"]}
        self.signed_request(record, "wheel-withdraw/2", **who, reason=record["reason"])

    def rule_close(self, record: Json) -> None:
        self.idle()
        event = self.known_event(record)
        event.closed = True
        self.signed_request(record, "wheel-close/2", event=record["event"])

    def rule_rehearsal(self, record: Json) -> None:
        self.idle()
        self.current_event(record)
        self.counts["rehearsals"] += 1

    def rule_restored(self, record: Json) -> None:
        # "from is the key in force until then and to is another one; head is that of the record before"
        require(self.kiosk == record["from"] != record["to"], "from is not the key in force, or to is that key")
        require(record["head"] == record["prev"], "its head is not that of the record before")
        self.kiosk = record["to"]
        self.restored.append(self.seq)

    def rule_note(self, record: Json) -> None:
        """No rule reads a note, nor what was refused or recovered."""

    rule_refused = rule_recovered = rule_note


def combined(texts: list[str]) -> str:
    """P: "none", or H(text_1 LF ... text_n LF)."""
    return digest("".join(f"{text}\n" for text in texts).encode()) if texts else "none"


# --- Trust: what the auditor brings along, and which word it allows ---


class Trusted:
    """What comes "from something a forger does not control": key ids, and what was kept."""

    def __init__(self, options: Namespace) -> None:
        self.accepted: list[int] = options.accept
        self.kiosks = [read_code(one) for one in options.kiosk]
        self.organisers = [read_code(one) for one in options.organiser]
        self.seen = [read_seen(one) for one in options.seen]
        for path in options.trust:
            try:
                lines = read_file(path, LARGEST_MESSAGE).decode().splitlines()
            except (OSError, ValueError) as error:
                raise Unusable(f"{path}: {error}") from None
            for line in lines:
                role, _, code = line.partition("#")[0].strip().partition(" ")
                if role not in {"", "kiosk", "organiser"}:
                    raise Unusable(f"{path}: {line!a} is neither `kiosk KEYID` nor `organiser KEYID`")
                if role:
                    (self.kiosks if role == "kiosk" else self.organisers).append(read_code(code))


def read_seen(written: str) -> tuple[str, Code, int | None]:
    """CODE, or CODE@N: "an anchor that he kept before text N of its list arose; CODE alone, before the last one"."""
    code, _, text_number = written.partition("@")
    if "@" in written and not re.fullmatch("[1-4]", text_number, re.ASCII):
        raise Unusable(f"{written!a}: after @ stands the number of the text that you kept the anchor before, 1 to 4")
    return written, read_code(code), int(text_number) if text_number else None


def named(keyid: str, codes: list[Code]) -> bool:
    return any(code.stands_for(keyid) for code in codes)


def heads_that_count(files: Files, replay: Replay, trusted: Trusted) -> tuple[int, int, dict[str, int]]:
    """The last record whose head a named key in force signed, how many lines of checkpoints were ignored, and the last
    record that each kiosk "signed elsewhere, after another key was in force here".

    "A head that counts and contradicts its record, or lies beyond the ledger: BROKEN"; so is a fork. Lines that are
    "malformed, badly signed or by keys that do not count are counted and ignored".
    """
    ignored, counted, signed, elsewhere = 0, set[int](), dict[tuple[str, int], str](), dict[str, int]()
    for line in BytesIO(files.checkpoints or b""):
        if not line.startswith(b'{"payloadType":"wheel-checkpoint/2",') or len(line) > LARGEST_MESSAGE:
            ignored += 1  # there may be millions of them
            continue
        try:
            envelope = read_envelope(line)
            kiosk, seq, head = (envelope.body[name] for name in ("kiosk", "seq", "head"))
        except (ValueError, KeyError):
            ignored += 1
            continue
        key = files.keys.get(kiosk)
        valid = key is not None and envelope.keyid == kiosk and named(kiosk, trusted.kiosks)
        if not (valid and key and CAN_CHECK_SIGNATURES and envelope.is_signed_with(key)):
            ignored += 1
            continue
        require(
            signed.setdefault((kiosk, seq), head) == head,
            f"a fork: kiosk {kiosk[:16]} signed two heads for record {seq}",
        )
        # "a key counts until the next record that names another"
        if replay.kiosk_at[min(seq, len(replay.kiosk_at) - 1)] != kiosk:
            if head not in replay.heads[seq : seq + 1]:
                elsewhere[kiosk] = max(seq, elsewhere.get(kiosk, 0))
            ignored += 1
            continue
        require(seq < len(replay.heads), f"record {seq} was signed and is not in the ledger: its end was cut")
        require(replay.heads[seq] == head, f"record {seq} is not the one that was signed")
        counted.add(seq)
    return last_vouched_for(replay, counted), ignored, elsewhere


def last_vouched_for(replay: Replay, counted: set[int]) -> int:
    """The last of the records whose heads count, as far as each key vouched for its own part of the ledger.

    "The key before must have signed the record before that one, or, if a spin is open there, the record before its
    open": else the next key's holder could write its past.
    """
    for record in range(2, len(replay.kiosk_at)):
        before = replay.kiosk_at[record - 1]
        changes = before not in ("", replay.kiosk_at[record])
        if changes and counted.isdisjoint(range(replay.head_due[record - 1], record)):
            return max((seq for seq in counted if seq < record), default=0)
    return max(counted, default=0)


def is_vouched_for(envelopes: list[Envelope], files: Files, trusted: Trusted) -> bool:
    candidates = [one for one in envelopes if one.keyid in files.keys and named(one.keyid, trusted.organisers)]
    return CAN_CHECK_SIGNATURES and any(one.is_signed_with(files.keys[one.keyid]) for one in candidates)


def why_not_vouched_for(envelopes: list[Envelope], files: Files, trusted: Trusted) -> str:
    """ "" if a named organiser's key signed this file, else why that cannot be said."""
    candidates = [one for one in envelopes if named(one.keyid, trusted.organisers)]
    if not candidates:
        return f"signed by key {envelopes[0].keyid}, which you did not name as an organiser's"
    if not any(one.keyid in files.keys for one in candidates):
        return f"the file of public key {candidates[0].keyid} is missing"
    require(is_vouched_for(envelopes, files, trusted), f"a signature of key {candidates[0].keyid} is bad")
    return ""


def keys_not_named(files: Files, replay: Replay, trusted: Trusted) -> Iterator[str]:
    if not CAN_CHECK_SIGNATURES:
        yield "NO SIGNATURE WAS CHECKED: Python's package cryptography is missing (pip install cryptography)"
    if not trusted.kiosks:
        yield "no kiosk's key was named (--kiosk KEYID, from a photograph of the screen or another safe place)"
    if not trusted.organisers:
        yield "no organiser's key was named (--organiser KEYID, from the organiser's own site or print)"
    for kiosk in sorted(set(replay.kiosk_at) - {""}):  # "Every kiosk id up to n must be named"
        if not named(kiosk, trusted.kiosks):
            yield f"key {kiosk} of a kiosk was not named"
        elif kiosk not in files.keys:
            yield f"the file of public key {kiosk} is missing"


def files_not_vouched_for(files: Files, replay: Replay, trusted: Trusted) -> Iterator[str]:
    signed = [(f"the request of record {seq}", envelopes) for seq, envelopes in replay.requests]
    for anchor in replay.anchors:
        by_signer = [one for one in anchor.list.envelopes if one.keyid == anchor.adopt["signer"]]
        signed.append((f"the list of record {anchor.adopt['seq']}", by_signer))
    if CAN_CHECK_SIGNATURES and trusted.organisers:
        for what, envelopes in signed:
            if reason := why_not_vouched_for(envelopes, files, trusted):
                yield f"{what}: {reason}"
    for seq in replay.missing_requests:
        yield f"the request of record {seq} is missing"


def records_not_vouched_for(files: Files, replay: Replay, trusted: Trusted, last: int) -> Iterator[str]:
    if not files.checkpoints:
        yield "there are no checkpoints, so no kiosk vouches for any record"
    unsigned = len(replay.heads) - 1 - last
    if unsigned:
        yield f"{unsigned} of {len(replay.heads) - 1} records follow the last signed head"
    for seq, what in replay.lowering.items():
        if seq not in trusted.accepted:
            yield f"record {seq}: {what}; --accept {seq} if you know why"


def witness(replay: Replay, trusted: Trusted, *, signed: bool) -> list[str]:
    """Mark the spins whose anchor was kept, and a head at or after the result; never a sealed one. Notices.

    "Besides": only on top of SIGNED. "Its level is the highest of the texts that he kept the anchor before".
    """
    notices, kept_heads, kept_lists, kept_before = [], [0], set[str](), dict[str, int]()
    for written, code, text_number in trusted.seen:
        heads = [seq for seq, head in enumerate(replay.heads) if seq and code.stands_for(head)]
        anchors = [anchor for anchor in replay.anchors if code.stands_for(anchor.adopt["anchor"])]
        lists = {anchor.list.s for anchor in replay.anchors if code.stands_for(anchor.list.s)}
        found = heads or anchors or lists
        require(found, f"you kept {written!a}, which is neither a head, an anchor nor a list of this ledger")
        if text_number and not anchors:
            raise Unusable(f"{written!a}: that is no anchor, and only an anchor is kept before a text")
        kept_heads += heads
        kept_lists |= lists
        for anchor in anchors:
            if (text_number or 0) > len(anchor.texts):
                raise Unusable(f"{written!a}: only {len(anchor.texts)} texts are recorded under that anchor")
            name, last = anchor.adopt["anchor"], len(anchor.texts)
            kept_before[name] = min(kept_before.get(name, last), text_number or last)
            if not anchor.results:
                notices.append(f"you kept the anchor of record {anchor.adopt['seq']}, under which no spin was made")
    for spin in replay.spins:
        result_kept = spin.result is not None and max(kept_heads) >= spin.result["seq"]
        if signed and result_kept and spin.texts and spin.anchor in kept_before:
            spin.witnessed, spin.texts = True, spin.texts[kept_before[spin.anchor] - 1 :]
    for anchor in replay.anchors:
        witnessed = any(spin.witnessed and spin.anchor == anchor.adopt["anchor"] for spin in replay.spins)
        if witnessed and anchor.list.s not in kept_lists:
            notices.append(
                f"record {anchor.adopt['seq']}: you did not keep its list's S; who has both keys could put another list"
                f" under the anchor once the texts were known (--seen {anchor.list.s} if you kept it before)"
            )
    return notices


def given_up(files: Files, replay: Replay, trusted: Trusted) -> Iterator[str]:
    """ "Entropy that an organiser signed for this kiosk, and that was not recorded", evidence of a choice."""
    anchors = {anchor.adopt["anchor"]: anchor for anchor in replay.anchors}
    recorded = [envelopes for _, envelopes in replay.requests]
    for envelopes in files.signed.values():
        body = envelopes[0].body
        if body["format"] != "wheel-entropy/2" or envelopes in recorded or body["kiosk"] not in replay.kiosk_at:
            continue
        if not is_vouched_for(envelopes, files, trusted):
            continue
        anchor, what = anchors.get(body["anchor"]), f"{body['text']!a} was signed for"
        if anchor is None:
            yield f"{what} anchor {body['anchor']} of this kiosk, which is not in this ledger"
        elif anchor is not replay.anchors[-1]:
            yield f"record {anchor.adopt['seq']}: {what} its anchor and not recorded before the next"
        elif len(anchor.texts) == len(anchor.list.entropy):
            yield f"record {anchor.adopt['seq']}: {what} its anchor, and another text was recorded"


# --- The report ---


def level_in_words(spin: Spin) -> str:
    """ "Live and public are told as such only for witnessed spins", and no level of what was predetermined."""
    if spin.fixed:
        return "predetermined by the organiser"
    if spin.level == 0:
        return "sealed: you trust whoever runs the kiosk"
    words = ["live, if you were there", "public, if you kept the anchor before its public text"][spin.level - 1]
    if spin.witnessed:
        words = ["live", "public"][spin.level - 1]
    return words + ("; drand round unchecked" if spin.unchecked else "")


def lowest_level(spins: list[Spin]) -> str:
    """ "The summary has the lowest level of its spins, and counts the predetermined ones apart".

    "What is not witnessed is lower than what is".
    """
    drawn = [spin for spin in spins if not spin.fixed]
    fixed = f"predetermined by the organiser: {len(spins) - len(drawn)} of {len(spins)} spins"
    if not drawn:
        return fixed if spins else "no spin"
    lowest = level_in_words(min(drawn, key=lambda spin: (spin.witnessed, spin.level, not spin.unchecked)))
    return lowest if len(drawn) == len(spins) else f"{lowest}; {fixed}"


def verify(files: Files, trusted: Trusted) -> Json:
    """Everything that the report says, but for a broken rule: that one is raised."""
    accepted = trusted.accepted
    if not files.ledger:
        raise Unusable("no ledger.jsonl here, nor kiosk/ledger.jsonl, or it is empty")
    records, heads = read_records(files.ledger)
    replay = Replay(files)
    replay.run(records, heads)
    last, ignored, elsewhere = heads_that_count(files, replay, trusted)
    # "Absence is never success": everything that keeps the verdict at CONSISTENT
    reasons = [*keys_not_named(files, replay, trusted), *files_not_vouched_for(files, replay, trusted)]
    reasons += records_not_vouched_for(files, replay, trusted, last)
    notices = witness(replay, trusted, signed=not reasons)
    spins = [spin for spin in replay.spins if not spin.void]
    verdict = "CONSISTENT" if reasons else "SIGNED"
    if spins and all(spin.witnessed for spin in spins):
        verdict = "WITNESSED"
    event = replay.events[replay.anchors[-1].list.event] if replay.anchors else None
    state = "none" if event is None else "closed" if event.closed else "open"
    notices += [f"record {seq}: {what}; you accepted it" for seq, what in replay.lowering.items() if seq in accepted]
    notices += [f"--accept {seq}: nothing to accept there" for seq in accepted if seq not in replay.lowering]
    notices += [f"record {seq}: a restored kiosk with another key goes on" for seq in replay.restored]
    notices += [f"record {seq}: the drand round is unchecked (its BLS signature)" for seq in replay.drand]
    notices += [f"record {seq}: {what}" for seq, what in replay.changed] + [*given_up(files, replay, trusted)]
    if late := replay.withdrawn_late:
        which = ", ".join(map(str, late[:10])) + (", ..." if len(late) > 10 else "")
        notices.append(f"{len(late)} tickets were withdrawn after entropy was known, which can change winners: {which}")
    notices += [
        f"kiosk {kiosk[:16]} signed a record {seq} that is not here: it went on elsewhere, or its records were left out"
        for kiosk, seq in elsewhere.items()
    ]
    if replay.spin:
        notices.append(f"record {replay.spin.open['seq']}: {replay.spin.told} has not ended in this copy")
    if ignored and trusted.kiosks:  # without any key that was named, no line can count
        notices.append(
            f"{ignored} lines of checkpoints were ignored: malformed, badly signed or by keys that do not count"
        )
    if files.refused:
        which = "; ".join(some_refused(files))
        notices.append(f"{len(files.refused)} files or folders were ignored that are not as they must be: {which}")
    return {
        "verdict": verdict,
        "sentence": verdict if reasons else f"{verdict} up to record {last}, event {state}",
        "level": lowest_level(spins),
        "records": len(records),
        "head": heads[-1],
        "signed up to": last,
        "event": state,
        "adopts": replay.adopts,
        "spins": [told_of(spin) for spin in spins],
        "void": [{"record": seq, "what": what} for seq, what in replay.lowering.items() if seq in replay.voids],
        **replay.counts,
        "why not SIGNED": reasons,
        "notices": notices,
    }


def some_refused(files: Files) -> list[str]:
    first = [f"{name!a}: {why}" for name, why in [*files.refused.items()][:5]]
    return first + (["..."] if len(files.refused) > 5 else [])


def told_of(spin: Spin) -> Json:
    result = spin.result or {"seq": spin.open["seq"], "mode": spin.open["mode"], "winners": [], "fallback": ""}
    names = {name: spin.open[name] for name in ("event", "spin", "prize", "places")}
    told = {name: result[name] for name in ("mode", "fallback", "winners")} | {"pool": len(spin.pool)}
    return {"record": result["seq"], **names, **told, "level": level_in_words(spin), "witnessed": spin.witnessed}


def in_lines(report: Json) -> list[str]:
    """The report for people; ascii() keeps what a ticket is made of from moving the cursor."""
    lines = [
        f"record {one['record']}: adopt, {one['kind']} {one['event']}, generation {one['generation']}"
        f" ({one['skipped']} skipped), list {one['list']}, {one['spins_before']} spins under the anchor before"
        for one in report["adopts"]
    ]
    for one in report["spins"]:
        what = f"{one['mode']}{', ' + one['fallback'] if one['fallback'] else ''}"
        who = ", ".join(ascii(ticket) for ticket in one["winners"]) or "not drawn yet"
        prize = f" {one['prize']}" if one["prize"] else ""
        witnessed = ", WITNESSED" if one["witnessed"] else ""
        lines.append(
            f"record {one['record']}: spin {one['spin']} of event {one['event']},{prize} places {one['places']}: {who}"
            f" ({what}, {one['pool']} in the pool; {one['level']}{witnessed})"
        )
    lines += [f"record {one['record']}: {one['what']}" for one in report["void"]]
    lines += [f"{name}: {report[name]}" for name in ("records", "head", "out of order", "freed by key")]
    lines += [f"{name}: {report[name]}" for name in ("freed by request", "withdrawn", "rehearsals")]
    lines += [f"not SIGNED: {reason}" for reason in report["why not SIGNED"]]
    lines += [f"notice: {notice}" for notice in report["notices"]]
    return [*lines, f"level: {report['level']}", report["sentence"]]  # "verdict and level stand together"


ORDER = ["BROKEN", "CONSISTENT", "SIGNED", "WITNESSED"]


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="verify_draw", description=__doc__.partition("\n")[0])
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="a home, a copy of it, or single files")
    parser.add_argument("--kiosk", metavar="KEYID", action="append", default=[], help="a kiosk's key id; several")
    parser.add_argument("--organiser", metavar="KEYID", action="append", default=[], help="an organiser's; several")
    parser.add_argument(
        "--trust", metavar="FILE", action="append", default=[], type=Path, help="lines: kiosk|organiser KEYID"
    )
    parser.add_argument(
        "--seen",
        metavar="CODE",
        nargs="+",
        action="extend",
        default=[],
        help="anchors (@N: before text N), heads, lists",
    )
    parser.add_argument(
        "--require", choices=["consistent", "signed", "witnessed"], default="signed", help="for status 0"
    )
    parser.add_argument(
        "--accept", metavar="SEQ", action="append", default=[], type=int, help="a void or adopt you know of"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    options.paths = options.paths or [Path()]
    try:
        return answer(parser, options)
    except Exception as error:  # also MemoryError and RecursionError: they say nothing about the draw, so never 1
        parser.exit(2, f"verify_draw: nothing can be said: {type(error).__name__} {str(error)[:200]!a}\n")


def answer(parser: ArgumentParser, options: Namespace) -> int:
    """Print the report; returns the exit status."""
    files = Files()
    try:
        files, trusted = files_under(options.paths), Trusted(options)
        report = verify(files, trusted)
        lines = in_lines(report)
    except Unusable as error:
        refused = [f"  refused: {one}" for one in some_refused(files)]
        parser.exit(2, "\n".join([f"verify_draw: {error}", *refused, ""]))
    except Broken as problem:
        report = {"verdict": "BROKEN", "sentence": "BROKEN", "problem": str(problem)}
        lines = [str(problem), "BROKEN"]
    print(json.dumps(report) if options.json else "\n".join(lines))
    if report["verdict"] == "BROKEN":
        return 1
    return 0 if ORDER.index(report["verdict"]) >= ORDER.index(options.require.upper()) else 3


if __name__ == "__main__":
    raise SystemExit(main())
