"""DSSE: who signed exactly these bytes.

Invariant: pure; verification knows no files. The bytes that were signed are the bytes that are parsed and hashed:
nothing is ever parsed and serialised again before a check.

Source: Dead Simple Signing Envelope v1 (protocol.md): the signature covers
PAE(type, payload) = "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload. Ed25519 is RFC 8032.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

import msgspec

from kiosk.core.errors import SnapshotMalformed, SnapshotUntrusted
from kiosk.core.keys import PrivateKey, TrustedKeys


class _Signature(msgspec.Struct, frozen=True):
    sig: str
    keyid: str = ""


class _Envelope(msgspec.Struct, frozen=True):
    payloadType: str  # noqa: N815 - DSSE's own name
    payload: str
    signatures: tuple[_Signature, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A payload whose signature holds: its bytes, S (their SHA-256, lowercase hex), and the key that signed."""

    payload: bytes
    s: str
    keyid: str


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding: the exact bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, *, payload_type: str, key: PrivateKey) -> bytes:
    """Return the envelope, as JSON bytes, with one signature by `key`."""
    signature = _Signature(sig=_b64(key.sign(pae(payload_type, payload))), keyid=key.public.keyid)
    envelope = _Envelope(payloadType=payload_type, payload=_b64(payload), signatures=(signature,))
    return msgspec.json.encode(envelope) + b"\n"


def verify(data: bytes, *, payload_type: str, keys: TrustedKeys) -> Opened:
    """Return the payload if a trusted key signed it.

    Args:
        data: the envelope's bytes.
        payload_type: the only type that is accepted.
        keys: trusted keys by keyid.

    Raises:
        SnapshotMalformed: not JSON, not an envelope, not base64, or of another payload type.
        SnapshotUntrusted: no signature by a trusted key, or none that holds.
    """
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        payload = _unb64(envelope.payload)
        signatures = [(signature.keyid, _unb64(signature.sig)) for signature in envelope.signatures]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, binascii.Error, ValueError) as error:
        raise SnapshotMalformed(f"The file is not a DSSE envelope: {error}.") from error
    if envelope.payloadType != payload_type:
        raise SnapshotMalformed(f"The envelope holds {envelope.payloadType[:80]!r}, not {payload_type!r}.")
    signed = pae(envelope.payloadType, payload)
    known = [(keyid, signature) for keyid, signature in signatures if keyid in keys]
    if not known:
        # Nobody vouches for these texts yet, so they are cut and escaped: a refusal is one short line.
        named = ", ".join(ascii(keyid[:8])[1:-1] or "(no keyid)" for keyid, _ in signatures[:3]) or "nobody"
        raise SnapshotUntrusted(f"Signed by {named}, whom this kiosk does not trust.")
    for keyid, signature in known:
        if keys[keyid].verifies(signature, signed):
            return Opened(payload=payload, s=hashlib.sha256(payload).hexdigest(), keyid=keyid)
    raise SnapshotUntrusted("The signature does not hold: the file was altered after it was signed.")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii"), validate=True)
