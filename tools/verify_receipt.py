"""Check with a participant's receipt that their entry is in the public manifest of a list, whoever made either.
Exit status: 0 the entry is in it, 1 it is not, 2 unusable input (one line on stderr says which)."""

import json
from argparse import ArgumentParser, Namespace
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


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("receipt", metavar="RECEIPT", type=Path, help="of wheel-admin receipt TICKET")
    parser.add_argument("manifest", metavar="MANIFEST", type=Path, help="of wheel-admin publish --public")
    args = parser.parse_args(argv)
    try:
        r, m = (Namespace(**json.loads(path.read_bytes())) for path in (args.receipt, args.manifest))
        good = included(r, m)
        print(f"ticket {r.ticket!a}, name {r.name!a}, chances {r.weight!a}: entry {r.index + 1} of {m.entries!a}")
        print(f"list {m.snapshot!a}, which must be the S of the draw")
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        parser.exit(2, f"verify_receipt: a file cannot be used: {error}\n")
    print("INCLUDED" if good else "NOT INCLUDED")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
