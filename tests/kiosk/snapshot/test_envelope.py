"""DSSE envelopes: who signed exactly these bytes, against the published vectors and against every altered byte."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.errors import SnapshotMalformed, SnapshotUntrusted
from kiosk.core.keys import PrivateKey, TrustedKeys
from kiosk.snapshot.envelope import Opened, pae, seal, unsealed, verify
from tests.support import KEY, STRANGER, TRUSTED, private_key, trusting

TYPE = "t/x"
PAYLOAD = b"list\n"
SEALED = seal(PAYLOAD, payload_type=TYPE, key=KEY)


def opened(data: bytes, *, keys: TrustedKeys = TRUSTED) -> Opened:
    return verify(data, payload_types=(TYPE,), keys=keys)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def envelope_of(*signatures: dict[str, str], payload: bytes = PAYLOAD, payload_type: str = TYPE) -> bytes:
    """Return an envelope in its one form, with whatever signatures."""
    content = {"payloadType": payload_type, "payload": b64(payload), "signatures": signatures}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def signature_by(key: PrivateKey, *, payload: bytes = PAYLOAD, keyid: str | None = None) -> dict[str, str]:
    keyid = key.public.keyid if keyid is None else keyid
    return {"sig": b64(key.sign(pae(TYPE, payload))), "keyid": keyid}


# ---- the published vectors ------------------------------------------------------------------------------------------


def test_pae_is_that_of_the_dsse_protocols_own_vector() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_the_dsse_protocols_own_signature_holds_over_our_pae() -> None:
    x = 46950820868899156662930047687818585632848591499744589407958293238635476079160
    y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
    raw = base64.b64decode("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==")
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()

    public.verify(signature, pae("http://example.com/HelloWorld", b"hello world"), ECDSA(SHA256()))


@given(st.text(max_size=20), st.binary(max_size=20), st.text(max_size=20), st.binary(max_size=20))
def test_two_different_messages_never_have_the_same_pae(
    kind: str, payload: bytes, other_kind: str, other_payload: bytes
) -> None:
    assert (pae(kind, payload) == pae(other_kind, other_payload)) == ((kind, payload) == (other_kind, other_payload))


def test_pae_counts_bytes_not_characters() -> None:
    assert pae("ü", "é".encode()) == "DSSEv1 2 ü 2 é".encode()


# ---- sealing and opening --------------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_to_the_same_bytes_and_their_digest(payload: bytes) -> None:
    result = opened(seal(payload, payload_type=TYPE, key=KEY))

    assert result.payload == payload
    assert result.s == hashlib.sha256(payload).hexdigest()
    assert result.keyid == KEY.public.keyid


def test_the_envelope_has_the_fields_that_dsse_names() -> None:
    written = json.loads(SEALED)

    assert set(written) == {"payloadType", "payload", "signatures"}
    assert base64.b64decode(written["payload"]) == PAYLOAD
    assert [set(signature) for signature in written["signatures"]] == [{"keyid", "sig"}]


@pytest.mark.slow
def test_every_altered_byte_is_refused() -> None:
    for at in range(len(SEALED)):
        for byte in range(256):
            changed = SEALED[:at] + bytes([byte]) + SEALED[at + 1 :]
            if changed != SEALED:
                with pytest.raises((SnapshotMalformed, SnapshotUntrusted)):
                    opened(changed)


def test_every_truncation_is_malformed() -> None:
    for size in range(len(SEALED)):
        with pytest.raises(SnapshotMalformed):
            opened(SEALED[:size])


@pytest.mark.parametrize(
    "changed",
    [
        SEALED.replace(b"{", b'{"x":"\xff",', 1),
        SEALED.replace(b"{", b'{"x":' + b"9" * 5000 + b",", 1),
        SEALED.replace(b"{", b'{"payloadType":"t/x",', 1),
        SEALED.replace(b":", b": ", 1),
        SEALED.replace(b"t/x", b"t\\/x"),
        SEALED.replace(b"t/x", b"\\u0074/x"),
        SEALED + b"\n",
        SEALED[:-1] + b"\r\n",
        b"\xef\xbb\xbf" + SEALED,
        SEALED.replace(b'=","signatures', b'","signatures'),
        SEALED.replace(b"bGlzdAo=", b"bGlzdAp="),
        SEALED.replace(b'"signatures":[', b'"signatures":[{"sig":"","keyid":""},'),
    ],
    ids=lambda changed: changed[:40].decode("latin-1"),
)
def test_what_somebody_without_a_key_can_add_is_refused(changed: bytes) -> None:
    """Seen in an attack: the kiosk took such a file, and the verifier called the draw broken for ever."""
    assert changed != SEALED
    with pytest.raises(SnapshotMalformed):
        opened(changed)


def test_a_payload_known_by_its_digest_is_opened_without_a_key() -> None:
    result = unsealed(seal(PAYLOAD, payload_type=TYPE, key=STRANGER), payload_types=(TYPE,))

    assert (result.payload, result.s) == (PAYLOAD, hashlib.sha256(PAYLOAD).hexdigest())


def test_a_payload_put_under_another_payloads_signature_is_untrusted() -> None:
    with pytest.raises(SnapshotUntrusted, match="altered"):
        opened(envelope_of(signature_by(KEY), payload=b"other\n"))


def test_a_strangers_signature_is_untrusted_and_the_stranger_is_named() -> None:
    with pytest.raises(SnapshotUntrusted, match=STRANGER.public.keyid[:8]):
        opened(seal(PAYLOAD, payload_type=TYPE, key=STRANGER))


def test_a_stranger_who_uses_a_trusted_keyid_is_untrusted() -> None:
    with pytest.raises(SnapshotUntrusted, match="altered"):
        opened(envelope_of(signature_by(STRANGER, keyid=KEY.public.keyid)))


def test_a_signature_without_a_keyid_is_malformed() -> None:
    with pytest.raises(SnapshotMalformed, match="keyid"):
        opened(envelope_of({"sig": signature_by(KEY)["sig"]}))


def test_an_envelope_has_exactly_one_signature() -> None:
    for signatures in ([], [signature_by(KEY)] * 2, [signature_by(STRANGER), signature_by(KEY)]):
        with pytest.raises(SnapshotMalformed):
            opened(envelope_of(*signatures))


@pytest.mark.slow
@pytest.mark.parametrize("signature", [b"", b"\0" * 63, b"\0" * 64, b"\0" * 65, b"\xff" * 64])
def test_a_signature_of_any_length_and_content_is_untrusted_not_an_accident(signature: bytes) -> None:
    with pytest.raises(SnapshotUntrusted):
        opened(envelope_of({"sig": b64(signature), "keyid": KEY.public.keyid}))


def test_the_key_that_signed_is_told_when_several_are_trusted() -> None:
    other = private_key(3)

    result = opened(envelope_of(signature_by(other)), keys=trusting(KEY, other))

    assert result.keyid == other.public.keyid


def test_nobody_is_trusted_when_no_key_is() -> None:
    with pytest.raises(SnapshotUntrusted):
        opened(SEALED, keys={})


def test_a_payload_of_another_type_is_malformed_even_if_well_signed() -> None:
    with pytest.raises(SnapshotMalformed, match="t/y"):
        opened(seal(PAYLOAD, payload_type="t/y", key=KEY))


def test_a_signature_over_another_type_does_not_hold_for_this_one() -> None:
    other = {"sig": b64(KEY.sign(pae("t/y", PAYLOAD))), "keyid": KEY.public.keyid}

    with pytest.raises(SnapshotUntrusted):
        opened(envelope_of(other))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff" + SEALED,
        b'{"payloadType":"t/x","payload":"bGlzdAo","signatures":[]}',
        b'{"payloadType":"t/x","payload":"bGlz*dAo=","signatures":[]}',
        '{"payloadType":"t/x","payload":"ü","signatures":[]}'.encode(),
        b'{"payloadType":"t/x","payload":"","signatures":[{"sig":"*"}]}',
        b'{"payloadType":"t/x","payload":"","signatures":[{"keyid":"a"}]}',
        b'{"payloadType":"t/x","payload":"","signatures":{}}',
        b'{"payloadType":"t/x","payload":null,"signatures":[]}',
        b'{"payload":"","signatures":[]}',
    ],
    ids=lambda data: data[:50].decode("latin-1"),
)
def test_what_is_not_an_envelope_is_malformed(data: bytes) -> None:
    with pytest.raises(SnapshotMalformed):
        opened(data)


@given(st.binary(max_size=300))
def test_garbage_is_malformed_and_nothing_else(data: bytes) -> None:
    with pytest.raises(SnapshotMalformed):
        opened(data)


@given(st.data())
def test_any_damage_is_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SEALED)))
    cut = data.draw(st.integers(0, 80))
    damaged = SEALED[:at] + data.draw(st.binary(max_size=80)) + SEALED[at + cut :]
    if damaged != SEALED:
        with pytest.raises((SnapshotMalformed, SnapshotUntrusted)):
            opened(damaged)


@pytest.mark.parametrize(
    "data",
    [
        envelope_of(*[{"sig": "", "keyid": "someone"}] * 10_000),
        envelope_of(*[{"sig": ""}] * 10_000),
        envelope_of(payload_type="x" * 1_000_000),
        envelope_of({"sig": "", "keyid": "a\nb\x1b[2J"}),
        envelope_of({"sig": "", "keyid": "\u2028" * 10}),
        SEALED.replace(b"{", b'{"' + b"x" * 100_000 + b'":1,', 1),
    ],
    ids=["many signers", "many without keyid", "long type", "control characters", "separators", "a long field"],
)
def test_a_refusals_text_is_one_short_line_whatever_the_file_holds(data: bytes) -> None:
    """It goes to the log, the screen and the ledger, and nobody has vouched for the file yet."""
    with pytest.raises((SnapshotMalformed, SnapshotUntrusted)) as caught:
        opened(data)

    assert len(caught.value.message) <= 500
    assert caught.value.message.isprintable()
