"""Check with a participant's receipt that their entry is in the public manifest of a list, and in the list itself.

The manifest shows a hash of each entry, and who holds a receipt can tell which one is theirs. docs/protocol.md,
"Manifest and receipts", has the rules; its sentences stand in quotes here. This needs Python 3.11 and its standard
library; only the manifest's signature needs the package `cryptography`. It shares no code with the program that drew.

The last line is NOT INCLUDED, INCLUDED (in a manifest that anybody could have made), or INCLUDED AND SIGNED: the holder
of the organiser's key that you named made this manifest.

Exit status: 0 included and signed, 1 not included or badly signed, 2 unusable input, 3 included but unchecked.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # beside this file may lie files of those who are checked: json.py, say

import json
import re
from argparse import ArgumentParser
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    CAN_CHECK_SIGNATURES = False
else:
    CAN_CHECK_SIGNATURES = True

MANIFEST = ["format", "event", "generation", "snapshot", "entries", "weight", "largest", "hashes", "root"]
RECEIPT = [
    "format",
    "generation",
    "snapshot",
    "entries",
    "index",
    "ticket",
    "weight",
    "group",
    "household",
    "code",
    "path",
]
NUMBERS = {"generation", "entries", "weight", "largest", "index", "household"}
HASHES = {"snapshot", "root"}
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD_PRIME = 2**255 - 19
EIGHTH = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDER = {0, 1, FIELD_PRIME - 1, EIGHTH, FIELD_PRIME - EIGHTH}  # y of the eight points whose order divides 8
LARGEST_LIST = 8 << 20  # bytes of a list's file, or of a manifest
LARGEST_RECEIPT = 64 << 10
LARGEST_KEY = 1 << 10
Json = dict[str, Any]


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


# --- Reading: one way to write each thing, and every other way is refused ---


def read_file(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"{path.name} is larger than {limit} bytes")
    return data


def read_canonical(data: bytes) -> Any:
    def refuse(found: str) -> int:
        raise ValueError(f"{found[:20]} is not a plain integer")

    def integer(digits: str) -> int:
        return int(digits) if len(digits) <= 16 else refuse(digits)

    try:
        value = json.loads(data.decode(), parse_int=integer, parse_float=refuse, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() != data:
        raise ValueError("not canonically encoded")
    return value


def is_hash(value: Any) -> bool:
    return type(value) is str and re.fullmatch("[0-9a-f]{64}", value) is not None


def check_fields(value: Any, names: list[str], form: str) -> Json:
    if type(value) is not dict or list(value) != names or value["format"] != form:
        raise ValueError(f"not a {form}")
    for name in names:
        one = value[name]
        if name in NUMBERS:
            good = type(one) is int and 0 <= one < 2**53
        elif name in {"hashes", "path"}:
            good = type(one) is list and all(map(is_hash, one))
        else:
            good = type(one) is str and not re.search("[\x00-\x1f\x7f-\x9f]", one)
        if not good or (name in HASHES and not is_hash(one)):
            raise ValueError(f"{name} cannot be {ascii(one)[:60]}")
    return dict(value)


def read_envelope(data: bytes, form: str) -> tuple[bytes, str, bytes]:
    """The payload, the id of the key and the signature."""
    outer = read_canonical(data.removesuffix(b"\n")) if data.endswith(b"\n") else None
    if (
        type(outer) is not dict
        or list(outer) != ["payloadType", "payload", "signatures"]
        or outer["payloadType"] != form
    ):
        raise ValueError(f"not the envelope of a {form}")
    signatures = outer["signatures"]
    if type(signatures) is not list or len(signatures) != 1 or list(signatures[0]) != ["sig", "keyid"]:
        raise ValueError("not exactly one signature")
    texts = [outer["payload"], signatures[0]["sig"]]
    if not all(type(one) is str for one in texts) or not is_hash(signatures[0]["keyid"]):
        raise ValueError("payload, sig or keyid are no text")
    payload, signature = map(b64decode, texts)
    if [b64encode(one).decode() for one in (payload, signature)] != texts:
        raise ValueError("base64 not canonical")
    return payload, signatures[0]["keyid"], signature


def read_public_key(data: bytes) -> bytes:
    found = re.fullmatch(
        rb"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\n-----END PUBLIC KEY-----\n", data
    )
    if not found or b64encode(b64decode(found[1])) != found[1]:
        raise ValueError("not one Ed25519 public key in canonical PEM")
    return b64decode(found[1])


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 (RFC 8032), strictly: canonical, and no point of small order."""
    points = [int.from_bytes(one, "little") % 2**255 for one in (key, signature[:32])]
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
        return False
    if any(y >= FIELD_PRIME or y in SMALL_ORDER for y in points):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- The tree of RFC 9162, 2.1 ---


def inner(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def root_of(nodes: list[bytes]) -> bytes:
    """The root over these leaf nodes, from the bottom up: a node without a neighbour moves up as it is."""
    while len(nodes) > 1:
        lone = nodes[len(nodes) & ~1 :]
        nodes = [inner(*pair) for pair in zip(nodes[::2], nodes[1::2], strict=False)] + lone
    return nodes[0]


def leads_to(root: str, node: bytes, index: int, entries: int, path: list[str]) -> bool:
    """RFC 9162, 2.1.3.2: whether the path leads from leaf `index` of `entries` to the root."""
    last = entries - 1
    for other in map(bytes.fromhex, path):
        if last == 0:
            return False
        if index % 2 or index == last:
            node = inner(other, node)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            node = inner(node, other)
        index, last = index // 2, last // 2
    return last == 0 and node.hex() == root


# --- The rules ---


def leaf_of(receipt: Json) -> bytes:
    """ "CODE TAB ticket TAB weight TAB group TAB household", hashed as a leaf: SHA-256(00 || leaf)."""
    parts = [receipt[name] for name in ("code", "ticket", "weight", "group", "household")]
    return sha256(b"\0" + "\t".join(map(str, parts)).encode()).digest()


def why_not_included(receipt: Json, manifest: Json) -> str:
    """Return "" if the entry is in the manifest."""
    nodes = [bytes.fromhex(one) for one in manifest["hashes"]]
    leaf, index = leaf_of(receipt), receipt["index"]
    if not re.fullmatch("[0-9a-f]{32}", receipt["code"]):
        return "the code is not 32 hexadecimal digits"
    if any(receipt[name] != manifest[name] for name in ("snapshot", "generation", "entries")):
        return "receipt and manifest are of different lists"
    if not nodes or len(nodes) != manifest["entries"] or root_of(nodes).hex() != manifest["root"]:
        return "the manifest does not agree with itself"
    if not (index < len(nodes) and nodes[index] == leaf):
        return "the manifest has another entry in this place"
    if not leads_to(manifest["root"], leaf, index, len(nodes), receipt["path"]):
        return "the path does not lead to the root"
    if not 1 <= receipt["weight"] <= manifest["largest"] <= manifest["weight"]:
        return "the weight is larger than the manifest says that any is"
    return ""


def why_not_listed(receipt: Json, manifest: Json, data: bytes) -> str:
    """Return "" if the list itself has the entry and is the one of the manifest."""
    payload, _, _ = read_envelope(data, "wheel-snapshot/2")
    listed = read_canonical(payload)
    weights = [entry["weight"] for entry in listed["entries"]]
    if digest(payload) != manifest["snapshot"]:
        return "this list is not the one of the manifest"
    if (len(weights), sum(weights), max(weights)) != tuple(manifest[name] for name in ("entries", "weight", "largest")):
        return "the manifest tells other weights than the list"
    names = ("ticket", "weight", "group", "household")
    if listed["entries"][receipt["index"]] != {name: receipt[name] for name in names}:
        return "the list has another entry in this place"
    return ""


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="verify_receipt", description=__doc__.partition("\n")[0])
    parser.add_argument("receipt", metavar="RECEIPT", type=Path, help="what the participant got")
    parser.add_argument("manifest", metavar="MANIFEST", type=Path, help="what was published before the draw")
    parser.add_argument("snapshot", metavar="SNAPSHOT", type=Path, nargs="?", help="the list, where it may be seen")
    parser.add_argument("--organiser", metavar="KEYID", help="the organiser's key id, from a place that you trust")
    parser.add_argument("--key", metavar="FILE", type=Path, help="the file of this public key")
    options = parser.parse_intermixed_args(argv)
    try:
        receipt = check_fields(read_canonical(read_file(options.receipt, LARGEST_RECEIPT)), RECEIPT, "wheel-receipt/2")
        payload, keyid, signature = read_envelope(read_file(options.manifest, LARGEST_LIST), "wheel-public/2")
        manifest = check_fields(read_canonical(payload), MANIFEST, "wheel-public/2")
        key = read_public_key(read_file(options.key, LARGEST_KEY)) if options.key else b""
        why = why_not_included(receipt, manifest)
        if not why and options.snapshot:
            why = why_not_listed(receipt, manifest, read_file(options.snapshot, LARGEST_LIST))
    except Exception as error:  # also MemoryError and RecursionError: they say nothing about the entry, so never 1
        parser.exit(2, f"verify_receipt: a file cannot be used: {error!a}\n")
    unchecked = ""
    if not CAN_CHECK_SIGNATURES:
        unchecked = "NO SIGNATURE WAS CHECKED: Python's package cryptography is missing (pip install cryptography)"
    elif not options.organiser or not options.key:
        unchecked = "name the organiser's key (--organiser KEYID --key FILE) to know who made the manifest"
    elif options.organiser != keyid or digest(key) != keyid:
        unchecked = f"the manifest is signed by key {keyid}, and that is not the one you named and gave"
    elif not signature_holds(key, b"DSSEv1 14 wheel-public/2 %d %b" % (len(payload), payload), signature):
        why = why or "the manifest's signature is bad"
    print(
        f"ticket {receipt['ticket']!a}, {receipt['weight']} of {manifest['weight']} chances, group {receipt['group']!a}"
    )
    print(f"entry {receipt['index'] + 1} of {manifest['entries']} in list {manifest['snapshot']}, the draw's S")
    print(why or unchecked or "the manifest's signature holds")
    print("NOT INCLUDED" if why else "INCLUDED" if unchecked else "INCLUDED AND SIGNED")
    return 1 if why else 3 if unchecked else 0


if __name__ == "__main__":
    raise SystemExit(main())
