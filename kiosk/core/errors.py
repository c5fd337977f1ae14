"""Every error that a user may see, as one tree with an exit code on each class.

Invariant: an error says what was found and how to fix it. Each leaf is also a matching builtin exception, so that
generic code can catch it. Nothing here knows files, screens or the draw.

Exit codes of both commands; docs/operating.md has the same table, and a test compares the two:

====  =======================================================================
0     done
1     internal error; please report it with the log
2     usage: the command line or the configuration is wrong
3     input: a spreadsheet or CSV file cannot be used
4     refused: the draft or the snapshot breaks a rule
5     busy: another process holds the lock
6     trust: a key is missing or a signature is invalid
7     home: a directory or a file is missing, unreadable, unwritable or full
8     ledger: the record of the draws is broken
9     screen: no display or no renderer can be used
10    memory: the kiosk used too much, or a command got too little; start it again
11    output: what was done stands, but standard output could not be written
====  =======================================================================
"""

from typing import ClassVar, Self


class WheelError(Exception):
    """Root of all errors that are shown to users.

    Args:
        message: what was found, naming the file, row or value.
        remedy: how to fix it, as an imperative sentence; empty if there is nothing to do.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}" if self.remedy else self.message


class UsageError(WheelError, ValueError):
    """The command line or the configuration is wrong."""

    exit_code = 2


class InputError(WheelError, ValueError):
    """An input file cannot be used as a list of participants."""

    exit_code = 3


class RefusedError(WheelError, ValueError):
    """A rule forbids it; nothing was changed. `problems` holds every reason, not only the first."""

    exit_code = 4

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.problems = problems


class BusyError(WheelError, TimeoutError):
    """Another process holds the lock."""

    exit_code = 5


class TrustError(WheelError, ValueError):
    """A key is missing or a signature is invalid."""

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
    """The hash chain of the ledger is broken: a line was changed."""


class ScreenError(WheelError, RuntimeError):
    """No display or no renderer can be used."""

    exit_code = 9


class NoDisplay(ScreenError):
    """There is no display, or no window on it. A display may still be connected."""


class LeftWaiting(Exception):
    """Somebody asked to leave while the kiosk was still starting."""


class MemoryHigh(WheelError, MemoryError):
    """The kiosk uses more memory than its limit. It exits in idle, and the supervisor restarts it."""

    exit_code = 10


class OutputError(WheelError, OSError):
    """Standard output cannot be written: a full disk, or a pipe that nobody reads any more."""

    exit_code = 11

    @classmethod
    def of(cls, error: OSError) -> Self:
        """Return the error for what writing raised."""
        return cls(
            f"Standard output cannot be written: {error.strerror or error}. What was done stands.",
            remedy="Look at the result with another command.",
        )


class SnapshotError(RefusedError):
    """A snapshot file was refused; the subclass says why."""


class SnapshotUnreadable(SnapshotError, OSError):
    """The file is not a regular, readable file."""


class SnapshotTooLarge(SnapshotError):
    """The file exceeds the size limit; it was not parsed."""


class SnapshotMalformed(SnapshotError):
    """The bytes are not a DSSE envelope, or the payload is not a wheel-snapshot/2 within the limits."""


class SnapshotUntrusted(SnapshotError):
    """No trusted key signed these bytes."""

    exit_code = 6


class StaleGeneration(SnapshotError):
    """The generation is below the highest one adopted: an old file was put back."""


class ReplacedGeneration(SnapshotError):
    """A different list was already adopted under this generation number."""


class NamesMissing(SnapshotError):
    """The names file that the list names is not here, or is another one: the list waits for it."""


class RewritesThePast(SnapshotError):
    """The list cannot follow what happened in its event, or its event is over."""


class IllegalTransition(WheelError, RuntimeError):
    """The transition table does not list this event for the current state."""
