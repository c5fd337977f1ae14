"""Check with a participant's receipt that their entry is in the public manifest of a list, and in the list itself.
Exit status: 0 the entry is in it, 1 it is not, 2 unusable input (one line on stderr says which)."""

import json
import sys
from argparse import ArgumentParser, Namespace
from base64 import b64decode
from hashlib import sha256
from pathlib import Path


def inner(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def root_of(nodes: list[bytes]) -> bytes:  # RFC 9162, 2.1.1, from the bottom up: a node without neighbour moves up
    while len(nodes) > 1:
        lone = nodes[len(nodes) & ~1 :]
        nodes = [inner(*pair) for pair in zip(nodes[::2], nodes[1::2], strict=False)] + lone
    return nodes[0]


def included(receipt: Namespace, manifest: Namespace) -> bool:  # RFC 9162, 2.1.3.2, in its own words
    r, m = receipt, manifest
    text = f"wheel-entry/1\n{r.snapshot}\n{r.salt}\n{r.ticket}\t{r.weight}\t{r.name}\n"
    entry = sha256(text.encode()).digest()
    fn, sn, node = r.index, m.entries - 1, sha256(b"\0" + entry).digest()
    for other in map(bytes.fromhex, r.path):
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            node = inner(other, node)
            while fn % 2 == 0 and fn:
                fn, sn = fn // 2, sn // 2
        else:
            node = inner(node, other)
        fn, sn = fn // 2, sn // 2
    leaves = [sha256(b"\0" + bytes.fromhex(one)).digest() for one in m.hashes]
    same_list = (r.snapshot, r.entries) == (m.snapshot, m.entries) and m.entries == len(leaves)
    same_entry = 0 <= r.index < len(leaves) and entry.hex() == m.hashes[r.index]
    return same_list and same_entry and sn == 0 and node.hex() == m.root == root_of(leaves).hex()


def listed(receipt: Namespace, envelope: Namespace) -> bool:  # docs/protocol.md, Signed files
    r, payload = receipt, b64decode(envelope.payload)
    entries = json.loads(payload)["entries"]
    same_entry: bool = entries[r.index] == {"ticket": r.ticket, "name": r.name, "weight": r.weight}
    return sha256(payload).hexdigest() == r.snapshot and len(entries) == r.entries and same_entry


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("receipt", metavar="RECEIPT", type=Path, help="of wheel-admin receipt TICKET")
    parser.add_argument("manifest", metavar="MANIFEST", type=Path, help="of wheel-admin publish --public")
    parser.add_argument("snapshot", metavar="SNAPSHOT", type=Path, nargs="?", help="the list, where it may be seen")
    args = parser.parse_args(argv)
    try:
        files = [path for path in (args.receipt, args.manifest, args.snapshot) if path]
        r, m, *envelope = (Namespace(**json.loads(path.read_bytes())) for path in files)
        good = included(r, m) and all(listed(r, one) for one in envelope)
        text = f"ticket {r.ticket!r}, name {r.name!r}, chances {r.weight!r}: entry {r.index + 1} of {m.entries!r}\n"
        text += f"list {m.snapshot!r}, which must be the S of the draw\n"
    except (OSError, LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
        parser.exit(2, f"verify_receipt: a file cannot be used: {error!a}\n")
    encoding = sys.stdout.encoding or "ascii"
    print((text + ("INCLUDED" if good else "NOT INCLUDED")).encode(encoding, "backslashreplace").decode(encoding))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
