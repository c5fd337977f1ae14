"""DSSE: who signed exactly these bytes.

Invariant: pure; verification knows no files. The bytes that were signed are the bytes that are parsed and hashed. An
envelope has one form (docs/protocol.md, "Canonical bytes"): payloadType, payload, signatures with exactly one {sig,
keyid}, then one LF. So nobody without a key can change a byte of a file and leave it valid.

Source: Dead Simple Signing Envelope v1 (protocol.md): the signature covers
PAE(type, payload) = "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload. Ed25519 is RFC 8032.
"""

import hashlib
from collections.abc import Collection
from typing import Annotated

import msgspec

from kiosk.core import canonical
from kiosk.core.canonical import NotCanonical, from_base64, to_base64
from kiosk.core.errors import SnapshotMalformed, SnapshotUntrusted
from kiosk.core.keys import PrivateKey, TrustedKeys


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sig: str
    keyid: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    payloadType: str  # noqa: N815 - DSSE's own name
    payload: str
    signatures: tuple[_Signature]


class Opened(msgspec.Struct, frozen=True):
    """An envelope's content.

    Attributes:
        payload_type: what it says it is; equal to the payload's `format`.
        payload: the bytes that were signed.
        s: their SHA-256, lowercase hex: the payload's name everywhere.
        keyid: of the key that is named as the signer's.
    """

    payload_type: str
    payload: bytes
    s: str
    keyid: str


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding: the exact bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, *, payload_type: str, key: PrivateKey) -> bytes:
    """Return the envelope, as JSON bytes, with one signature by `key`."""
    signature = _Signature(sig=to_base64(key.sign(pae(payload_type, payload))), keyid=key.public.keyid)
    envelope = _Envelope(payloadType=payload_type, payload=to_base64(payload), signatures=(signature,))
    return canonical.encode(envelope) + b"\n"


def verify(data: bytes, *, payload_types: Collection[str], keys: TrustedKeys) -> Opened:
    """Return the payload if a trusted key signed it.

    Args:
        data: the envelope's bytes.
        payload_types: the only types that are accepted.
        keys: trusted keys by keyid.

    Raises:
        SnapshotMalformed: not an envelope in its one form, or of another payload type.
        SnapshotUntrusted: not signed by a trusted key, or the signature does not hold.
    """
    opened, signature = _parse(data, payload_types, keys)
    if not keys[opened.keyid].verifies(signature, pae(opened.payload_type, opened.payload)):
        raise SnapshotUntrusted("The signature does not hold: the file was altered after it was signed.")
    return opened


def unsealed(data: bytes, *, payload_types: Collection[str]) -> Opened:
    """Return the payload without asking who signed it: for what is known by its SHA-256 already.

    Raises:
        SnapshotMalformed: not an envelope in its one form, or of another payload type.
    """
    return _parse(data, payload_types, None)[0]


def _parse(data: bytes, payload_types: Collection[str], keys: TrustedKeys | None) -> tuple[Opened, bytes]:
    if not data.endswith(b"\n"):
        raise SnapshotMalformed("The file is not a signed envelope: it does not end with a line feed.")
    try:
        envelope = canonical.decode(data[:-1], kind=_Envelope)
    except NotCanonical as error:
        raise SnapshotMalformed(f"The file is not a signed envelope: {error}.") from error
    keyid = envelope.signatures[0].keyid
    if envelope.payloadType not in payload_types:
        expected = " or ".join(payload_types)
        raise SnapshotMalformed(f"The envelope holds {envelope.payloadType[:80]!a}, not {expected}.")
    if keys is not None and keyid not in keys:  # before the payload is looked at, which may be large
        raise SnapshotUntrusted(f"Signed by {keyid[:8]}, whom this kiosk does not trust.")
    try:
        payload = from_base64(envelope.payload)
        signature = from_base64(envelope.signatures[0].sig)
    except NotCanonical as error:
        raise SnapshotMalformed(f"The file is not a signed envelope: {error}.") from error
    digest = hashlib.sha256(payload).hexdigest()
    return Opened(envelope.payloadType, payload, digest, keyid), signature
