"""The public manifest: what everybody may see of a list before the draw, and the receipts that tie people to it.

Invariant: it names nobody. Each entry is there as a salted hash, and its salt follows from a secret that stays in
admin/: only who holds a receipt, which has the salt of one entry, can tell that this entry is in.
`tools/verify/verify_receipt.py`
checks a receipt without any of this code.

    hash of an entry  H("wheel-entry/1" LF S LF salt LF ticket TAB weight TAB name LF), salt in hex
    salt              HMAC-SHA256(secret, "wheel-salt/1" LF S LF ticket LF)
    root              of the Merkle tree over the hashes' bytes (RFC 9162, 2.1.1; as in RFC 6962)
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

import msgspec

from kiosk.core.durable import PRIVATE, write_atomic
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.draw.modes import Mixed
from kiosk.draw.protocol import digest
from kiosk.snapshot.model import Entry, Snapshot

_SECRET_BYTES = 32


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown to everybody.

    Attributes:
        snapshot: S.
        entries: how many there are.
        mode: natural, fixed or mixed; `steps` are the modes of a mixed list, `then` what follows them.
        hashes: of each entry, in the list's order.
        root: of the tree over them.
    """

    format: str = "wheel-public/1"
    generation: int
    snapshot: str
    created_at: str
    entries: int
    mode: str
    steps: tuple[str, ...] = ()
    then: str = ""
    remove_winners: bool
    hashes: tuple[str, ...]
    root: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What proves to one participant that their entry is in the manifest: place `index` (from 0) of `entries`."""

    format: str = "wheel-receipt/1"
    generation: int
    snapshot: str
    entries: int
    index: int
    ticket: str
    name: str
    weight: int
    salt: str
    path: tuple[str, ...]


def manifest_of(snapshot: Snapshot, s: str, secret: bytes) -> Manifest:
    """Return the manifest of the list `snapshot`, whose name is `s`."""
    hashes = tuple(_entry_hash(entry, s, secret) for entry in snapshot.entries)
    spins = snapshot.spins
    return Manifest(
        generation=snapshot.generation,
        snapshot=s,
        created_at=snapshot.created_at,
        entries=len(hashes),
        mode=_mode(spins),
        steps=tuple(_mode(step) for step in spins.steps) if isinstance(spins, Mixed) else (),
        then=spins.then if isinstance(spins, Mixed) else "",
        remove_winners=snapshot.remove_winners,
        hashes=hashes,
        root=tree_root([bytes.fromhex(one) for one in hashes]).hex(),
    )


def receipt_for(snapshot: Snapshot, s: str, ticket: str, secret: bytes) -> Receipt:
    """Return the receipt of one entry.

    Raises:
        RefusedError: the ticket is not on the list.
    """
    index = next((place for place, entry in enumerate(snapshot.entries) if entry.ticket == ticket), None)
    if index is None:
        raise RefusedError(f"Ticket {ticket} is not on the list of generation {snapshot.generation}.")
    entry = snapshot.entries[index]
    leaves = [bytes.fromhex(_entry_hash(one, s, secret)) for one in snapshot.entries]
    return Receipt(
        generation=snapshot.generation,
        snapshot=s,
        entries=len(leaves),
        index=index,
        ticket=entry.ticket,
        name=entry.name,
        weight=entry.weight,
        salt=_salt(secret, s, ticket),
        path=tuple(node.hex() for node in inclusion_path(leaves, index)),
    )


def receipt_secret(home: Home, *, make: bool) -> bytes:
    """Return the secret that all salts follow from.

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


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the Merkle tree over `leaves` (RFC 9162, 2.1.1)."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = _split(len(leaves))
    return hashlib.sha256(b"\1" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return what is needed to get from leaf `index` to the root, from the bottom up (RFC 9162, 2.1.3.1)."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_path(leaves[:split], index), tree_root(leaves[split:])]
    return [*inclusion_path(leaves[split:], index - split), tree_root(leaves[:split])]


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _salt(secret: bytes, s: str, ticket: str) -> str:
    return hmac.digest(secret, f"wheel-salt/1\n{s}\n{ticket}\n".encode(), "sha256").hex()


def _entry_hash(entry: Entry, s: str, secret: bytes) -> str:
    salt = _salt(secret, s, entry.ticket)
    return digest(f"wheel-entry/1\n{s}\n{salt}\n{entry.ticket}\t{entry.weight}\t{entry.name}\n".encode())


def _mode(step: object) -> str:
    return type(step).__name__.lower()
