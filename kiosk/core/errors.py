"""Every error that a person may meet, as one tree with an exit code on each class.

Law: an error says what was found and what to do about it; it is also the builtin that fits, so that code which
does not know us can still catch it. Nothing here knows files, screens or the draw.

Exit codes (both commands):

====  =======================================================================
0     done
1     a defect of ours: please report it with the log
2     the command line or the configuration is wrong
3     an input file cannot be used (spreadsheet, CSV)
4     refused: the draft or the snapshot breaks a rule
5     busy: somebody else holds the lock
6     trust: a key is missing or a signature does not hold
7     home: a directory or a file is missing, unreadable, unwritable, full
8     ledger: the record of the draws is broken
9     screen: no display or no renderer could be used
10    memory: the kiosk took too much of it; start it again
====  =======================================================================
"""

from typing import ClassVar


class WheelError(Exception):
    """Root of all errors that are meant for people.

    Args:
        message: what was found, naming the file, row or value.
        remedy: what to do about it, as an imperative sentence; empty if there is nothing to do.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}" if self.remedy else self.message


class UsageError(WheelError, ValueError):
    """The command line or the configuration asks for something impossible."""

    exit_code = 2


class InputError(WheelError, ValueError):
    """A file that the organiser gave cannot be used as a list of participants."""

    exit_code = 3


class RefusedError(WheelError, ValueError):
    """A rule forbids it; nothing was changed. `problems` holds every reason, not only the first."""

    exit_code = 4

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.problems = problems


class BusyError(WheelError, TimeoutError):
    """Somebody else holds the lock."""

    exit_code = 5


class TrustError(WheelError, ValueError):
    """A key is missing or a signature does not hold."""

    exit_code = 6


class HomeError(WheelError, OSError):
    """A directory or a file of the home is missing, unreadable, unwritable or full."""

    exit_code = 7


class SecretUnreadable(HomeError):
    """A committed secret cannot be read now. It is not lost: it may be readable again."""


class LedgerError(WheelError, RuntimeError):
    """The ledger cannot be read or written."""

    exit_code = 8


class LedgerBroken(LedgerError):
    """The chain of the ledger does not hold: somebody or something changed a line."""


class ScreenError(WheelError, RuntimeError):
    """No display or no renderer could be used."""

    exit_code = 9


class NoDisplay(ScreenError):
    """There is no display, or no window on it. One may still come."""


class MemoryHigh(WheelError, MemoryError):
    """The kiosk takes more memory than it may. Left in idle, for the supervisor to start it again."""

    exit_code = 10


class SnapshotError(RefusedError):
    """A snapshot file was refused. The leaves say why."""


class SnapshotUnreadable(SnapshotError, OSError):
    """The file is not a regular, readable file."""


class SnapshotTooLarge(SnapshotError):
    """The file is larger than any list within the limits can be; it was not parsed."""


class SnapshotMalformed(SnapshotError):
    """The bytes are not a DSSE envelope, or the payload is not a wheel-snapshot/2 within the limits."""


class SnapshotUntrusted(SnapshotError):
    """No trusted key signed exactly these bytes."""

    exit_code = 6


class StaleGeneration(SnapshotError):
    """The generation is below one that this kiosk has already adopted: an old file was put back."""


class ReplacedGeneration(SnapshotError):
    """Another list was already adopted under this very generation number."""


class NamesMissing(SnapshotError):
    """The names file that the list names is not here, or is another one: the list waits for it."""


class RewritesThePast(SnapshotError):
    """The list cannot follow what happened in its event, or its event is over."""


class IllegalTransition(WheelError, RuntimeError):
    """The state machine got an event that its table does not list for the state."""
