"""The key ids that this organiser relies on: recorded at first contact, in admin/known-keys.json.

Invariant: an id is added by the organiser's own commands only, and a kiosk's only if none is known yet. The kiosk's
files cannot change it later: a key that appears there afterwards is reported, not believed.
"""

from typing import Literal

import msgspec

from kiosk.core.durable import write_atomic
from kiosk.core.errors import HomeError
from kiosk.core.home import Home
from kiosk.core.key_files import public_kiosk_key
from kiosk.core.permissions import mode_of
from kiosk.core.regular_files import read_file

FORMAT: Literal["wheel-known-keys/1"] = "wheel-known-keys/1"
_MOST_BYTES = 1 << 20


class KnownKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Key ids, in the order in which they were recorded."""

    format: Literal["wheel-known-keys/1"] = FORMAT
    kiosks: tuple[str, ...] = ()
    organisers: tuple[str, ...] = ()


def load_known_keys(home: Home) -> KnownKeys:
    """Read the ids; none where nothing was recorded.

    Raises:
        HomeError: the file cannot be read or understood.
    """
    try:
        return msgspec.json.decode(read_file(home.known_keys, limit=_MOST_BYTES), type=KnownKeys)
    except FileNotFoundError:
        return KnownKeys()
    except OSError as error:
        raise HomeError(f"Cannot read {home.known_keys}: {error.strerror}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HomeError(
            f"{home.known_keys} cannot be understood: {error}.",
            remedy="Move it away, and name the keys with --kiosk and --organiser.",
        ) from error


def record_keys(home: Home, *, kiosks: tuple[str, ...] = (), organisers: tuple[str, ...] = ()) -> KnownKeys:
    """Add ids that are not recorded yet; the caller holds the lock.

    Raises:
        HomeError: the file cannot be read or written.
    """
    known = load_known_keys(home)
    added = KnownKeys(
        kiosks=tuple(dict.fromkeys((*known.kiosks, *kiosks))),
        organisers=tuple(dict.fromkeys((*known.organisers, *organisers))),
    )
    if added != known:
        data = msgspec.json.format(msgspec.json.encode(added), indent=1) + b"\n"
        write_atomic(home.known_keys, data, mode=mode_of(home, home.known_keys))
    return added


def meet_kiosk(home: Home) -> KnownKeys:
    """Record the id of this home's kiosk if no kiosk is known yet; the caller holds the lock.

    Raises:
        HomeError: a file cannot be read or written.
    """
    known = load_known_keys(home)
    present = kiosk_in(home)
    if known.kiosks or not present:
        return known
    return record_keys(home, kiosks=(present,))


def kiosk_in(home: Home) -> str:
    """Return the id of the kiosk key that lies in the home; "" if there is none that can be read."""
    key = public_kiosk_key(home.kiosk_public_key)
    return key.keyid if key else ""
