"""The public manifest: what everybody may see of a list before the draw, and the receipts that tie people to it.

Invariant: it names nobody. Each entry is there as the hash of a leaf that holds a code, and the codes follow from a
secret that stays in admin/: only the holder of a receipt, which has the code of one entry, can tell that this entry is
in. `tools/verify/verify_receipt.py` checks a receipt without any of this code. The manifest is signed by the
organiser, and states the total and the largest weight.

    leaf   CODE TAB ticket TAB weight TAB group TAB household
    hash   SHA-256(00 || leaf), the leaf's node in a Merkle tree (RFC 9162, 2.1.1); root: of the tree over these nodes
    CODE   HMAC-SHA256(secret, "wheel-code/2" LF S LF ticket LF), its first 32 hex digits
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

import msgspec

from kiosk.core import canonical
from kiosk.core.durable import PRIVATE, write_atomic
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home
from kiosk.core.keys import PrivateKey
from kiosk.core.regular_files import read_file
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.model import Entry, Snapshot

MANIFEST_TYPE = "wheel-public/2"
_SECRET_BYTES = 32
_CODE_DIGITS = 32


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown to everybody.

    Attributes:
        event: the event's id.
        snapshot: S.
        entries: how many there are.
        weight: of all of them together.
        largest: the largest weight of one of them.
        hashes: of each entry's leaf, in the list's order.
        root: of the tree over them.
    """

    format: str = MANIFEST_TYPE
    event: str
    generation: int
    snapshot: str
    entries: int
    weight: int
    largest: int
    hashes: tuple[str, ...]
    root: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What proves to one participant that their entry is in the manifest: place `index` (from 0) of `entries`."""

    format: str = "wheel-receipt/2"
    generation: int
    snapshot: str
    entries: int
    index: int
    ticket: str
    weight: int
    group: str
    household: int
    code: str
    path: tuple[str, ...]


def manifest_of(snapshot: Snapshot, s: str, secret: bytes) -> Manifest:
    """Return the manifest of the list `snapshot`, whose name is `s`."""
    nodes = _leaf_nodes(snapshot, s, secret)
    return Manifest(
        event=snapshot.event.id,
        generation=snapshot.generation,
        snapshot=s,
        entries=len(nodes),
        weight=snapshot.weight,
        largest=max(entry.weight for entry in snapshot.entries),
        hashes=tuple(node.hex() for node in nodes),
        root=tree_root(nodes).hex(),
    )


def signed_manifest(snapshot: Snapshot, s: str, secret: bytes, *, key: PrivateKey) -> bytes:
    """Return the manifest's file: its envelope, signed with the organiser's key."""
    return seal(canonical.encode(manifest_of(snapshot, s, secret)), payload_type=MANIFEST_TYPE, key=key)


def receipt_for(snapshot: Snapshot, s: str, ticket: str, secret: bytes) -> Receipt:
    """Return the receipt of one entry.

    Raises:
        RefusedError: the ticket is not on the list.
    """
    index = next((place for place, entry in enumerate(snapshot.entries) if entry.ticket == ticket), None)
    if index is None:
        raise RefusedError(f"Ticket {ticket} is not on the list of generation {snapshot.generation}.")
    entry = snapshot.entries[index]
    nodes = _leaf_nodes(snapshot, s, secret)
    return Receipt(
        generation=snapshot.generation,
        snapshot=s,
        entries=len(nodes),
        index=index,
        ticket=entry.ticket,
        weight=entry.weight,
        group=entry.group,
        household=entry.household,
        code=_code(secret, s, ticket),
        path=tuple(node.hex() for node in inclusion_path(nodes, index)),
    )


def receipt_secret(home: Home, *, make: bool) -> bytes:
    """Return the secret that all codes follow from.

    Args:
        home: where.
        make: make it if there is none; the caller holds the lock.

    Raises:
        RefusedError: there is none, so no manifest was ever published here.
        HomeError: it cannot be read or written.
    """
    path = home.receipt_secret
    try:
        return _secret_from(read_file(path, limit=1024).decode("ascii"))
    except FileNotFoundError:
        if not make:
            raise RefusedError(
                "No public manifest was ever published here, so there is nothing that a receipt could prove.",
                remedy="wheel-admin publish --public DIR",
            ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise HomeError(f"Cannot read {path}: {reason}.", remedy="Bring it back from your backup.") from error
    secret = secrets.token_bytes(_SECRET_BYTES)
    write_atomic(path, secret.hex().encode(), mode=PRIVATE, replace=False)
    return secret


def _secret_from(text: str) -> bytes:
    secret = bytes.fromhex(text)
    if len(secret) != _SECRET_BYTES:
        raise ValueError(f"it holds {len(secret)} bytes, not {_SECRET_BYTES}")
    return secret


def tree_root(nodes: Sequence[bytes]) -> bytes:
    """Return the root of the Merkle tree over leaf nodes (RFC 9162, 2.1.1)."""
    if len(nodes) == 1:
        return nodes[0]
    split = _split(len(nodes))
    return hashlib.sha256(b"\1" + tree_root(nodes[:split]) + tree_root(nodes[split:])).digest()


def inclusion_path(nodes: Sequence[bytes], index: int) -> list[bytes]:
    """Return what is needed to get from leaf node `index` to the root, from the bottom up (RFC 9162, 2.1.3.1)."""
    if len(nodes) == 1:
        return []
    split = _split(len(nodes))
    if index < split:
        return [*inclusion_path(nodes[:split], index), tree_root(nodes[split:])]
    return [*inclusion_path(nodes[split:], index - split), tree_root(nodes[:split])]


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _leaf_nodes(snapshot: Snapshot, s: str, secret: bytes) -> list[bytes]:
    return [hashlib.sha256(b"\0" + _leaf(entry, s, secret)).digest() for entry in snapshot.entries]


def _leaf(entry: Entry, s: str, secret: bytes) -> bytes:
    code = _code(secret, s, entry.ticket)
    return f"{code}\t{entry.ticket}\t{entry.weight}\t{entry.group}\t{entry.household}".encode()


def _code(secret: bytes, s: str, ticket: str) -> str:
    return hmac.digest(secret, f"wheel-code/2\n{s}\n{ticket}\n".encode(), "sha256").hex()[:_CODE_DIGITS]
