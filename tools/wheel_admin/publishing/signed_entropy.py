"""The entropy texts that this organiser signed, each with its list and anchor, in admin/signed-entropy.json.

Invariant: a text is recorded before it is signed, so an organiser who is made to sign it for a second anchor learns it.
An operator who knows a text can lose the secrets and choose others that suit it; only a new text undoes that. And for
one anchor each item has one text: whoever holds the secrets could record the one of two that suits.
"""

import re
from typing import Literal

import msgspec

from kiosk.core.durable import write_atomic
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home
from kiosk.core.permissions import mode_of
from kiosk.core.regular_files import read_file
from kiosk.snapshot.requests import EntropyMessage

FORMAT: Literal["wheel-signed-entropy/1"] = "wheel-signed-entropy/1"
MOST = 1000
"""How many texts are remembered; the oldest ones go."""
_MOST_BYTES = 4 << 20


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text, and what it was signed for: the list's S and the kiosk's anchor."""

    snapshot: str
    anchor: str
    text: str

    @property
    def item(self) -> str:
        """Which kind of entropy it is; a list has each kind once."""
        return self.text.partition(":")[0]

    @property
    def words(self) -> list[str]:
        """Its words and numbers: `dice:3.01` is the text of `dice:3.1`, written otherwise."""
        return [word.lstrip("0") for word in re.findall(r"\w+", self.text.casefold())]


class SignedEntropy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts in the order in which they were signed."""

    format: Literal["wheel-signed-entropy/1"] = FORMAT
    texts: tuple[Signed, ...] = ()


def record_text(home: Home, message: EntropyMessage, *, again: bool) -> None:
    """Record that the message's text is signed for its anchor; the caller holds the lock.

    Args:
        home: whose file.
        message: what is about to be signed.
        again: the organiser knows that the text was signed for another anchor.

    Raises:
        RefusedError: the text was signed for another anchor, and `again` is not said; or another text of its item was
            signed for this anchor.
        HomeError: the file cannot be read or written.
    """
    known = _load(home)
    new = Signed(message.snapshot, message.anchor, message.text)
    other = next((one for one in known if one.words == new.words and one.anchor != new.anchor), None)
    if other is not None and not again:
        raise RefusedError(
            f"{message.text!r} was signed before, for anchor {other.anchor[:16]}. The kiosk has another anchor now:"
            f" {message.anchor[:16]}. Somebody who knew the text could choose the new secrets to suit it.",
            remedy="Use a text that arose after this anchor: roll again, or plan a later lottery or drand round."
            " If these are other dice with the same numbers, say --same-text.",
        )
    rival = next((one for one in known if one.anchor == new.anchor and one.item == new.item and one != new), None)
    if rival is not None:
        raise RefusedError(
            f"{rival.text!r} was signed for this anchor, so {new.text!r} cannot be: whoever holds the secrets could"
            " choose between the two.",
            remedy="Hand in the first text, or publish again: the new list has another anchor, and takes another text.",
        )
    if new not in known:
        kept = SignedEntropy(texts=(*known, new)[-MOST:])
        data = msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n"
        write_atomic(home.signed_entropy, data, mode=mode_of(home, home.signed_entropy))


def _load(home: Home) -> tuple[Signed, ...]:
    try:
        return msgspec.json.decode(read_file(home.signed_entropy, limit=_MOST_BYTES), type=SignedEntropy).texts
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise HomeError(f"Cannot read {home.signed_entropy}: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HomeError(
            f"{home.signed_entropy} cannot be understood: {error}.",
            remedy="Move it away; then nothing warns of a text that is signed for a second anchor.",
        ) from error
