"""The one form as bytes that each published or recorded JSON text has (docs/protocol.md, "Canonical bytes").

Invariant: pure. A text is accepted if encoding what was read gives the same bytes again; anything else is refused,
signed or not. So a text cannot mean one thing here and another to a verifier: no field twice, none left out, no
spaces, no second way to write a number or a character.

The form: UTF-8, the fields of a struct in the order of its class (of a mapping: sorted), plain decimal integers, and
no escapes in strings other than backslash-quote and backslash-backslash. Control characters (U+0000 to U+001F, U+007F
to U+009F) and lone surrogates are refused.
"""

import base64
import binascii
import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_MOST_OF_A_REASON = 160
"""Nobody vouches for the bytes yet, and the reason may repeat a part of them."""
_ESCAPES = re.compile(rb'\\[\\"]')
_ASCII_CONTROL = bytes([*range(0x20), 0x7F])
_LATIN_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")


class NotCanonical(ValueError):
    """The bytes are not the one form of a value of that type. The text says why, as a phrase."""


def encode(value: Any) -> bytes:
    """Return the one form of `value`: a struct, or a mapping (its keys are sorted).

    Raises:
        NotCanonical: it holds a control character or a lone surrogate, so it has no such form.
    """
    try:
        data = msgspec.json.encode(value, order="sorted" if isinstance(value, dict) else None)
    except UnicodeEncodeError as error:
        raise NotCanonical("it holds a lone surrogate") from error
    if _has_control_characters(data):
        raise NotCanonical("it holds a control character")
    return data


def decode(data: bytes, *, kind: type[T]) -> T:
    """Read `data` as a value of `kind`.

    Raises:
        NotCanonical: it is not JSON, not of that type, or not in the one form.
    """
    try:
        value = msgspec.json.decode(data, type=kind)
    except UnicodeDecodeError as error:
        raise NotCanonical("it is not UTF-8") from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotCanonical(ascii(str(error))[1:-1][:_MOST_OF_A_REASON]) from error
    if encode(value) != data:
        raise NotCanonical("it is not in the one form that it has")
    return value


def to_base64(data: bytes) -> str:
    """Return padded base64 without line breaks."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Read padded base64.

    Raises:
        NotCanonical: it is not base64, or not the one form of these bytes.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotCanonical(f"it is not base64: {error}") from error
    if to_base64(data) != text:
        raise NotCanonical("its base64 is not in the one form that it has")
    return data


def _has_control_characters(data: bytes) -> bool:
    # What msgspec writes has no other escapes than these two, unless a string holds a control character.
    return (
        len(data.translate(None, _ASCII_CONTROL)) < len(data)
        or _LATIN_CONTROL.search(data) is not None
        or (b"\\" in data and b"\\" in _ESCAPES.sub(b"", data))
    )
