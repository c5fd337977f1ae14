"""What can be wrong with a kiosk, each with the short code that the screen shows in place of an engineer's words.

Invariant: docs/operating.md explains every code, and no other; the full message goes to the log, the status file, the
health report and the diagnostics page.
"""

from enum import Enum

import msgspec


class Code(Enum):
    """The codes, most important first: what is wrong."""

    DISK = "D1"
    LEDGER = "K1"
    SECRETS_USED_UP = "K2"
    LIST_CLOSED = "K3"
    LISTS_UNREADABLE = "L1"
    FILE_REFUSED = "L2"
    NO_NEW_LISTS = "L3"
    OUT_OF_REACH = "L4"
    STICK = "L5"
    PICTURE = "P1"
    SETTINGS = "S1"


class Trouble(msgspec.Struct, frozen=True):
    """Something that is wrong: its code, and the message for the organiser."""

    code: Code
    message: str
