"""What a source holds that cannot be taken, and when to look at it again.

Invariant: each reason is said once, as long as it stays the same. What was refused is looked at again when the source
has another version of it, when the trusted keys changed, or after a wait that doubles: the damage may have happened on
the way.
"""

import logging

import msgspec

from kiosk.core.clock import NS_PER_S
from kiosk.fetcher.index_file import HintedFile

logger = logging.getLogger(__name__)

_LONGEST_WAIT_NS = 300 * NS_PER_S
_MOST_KEPT = 500
"""Refusals remembered; a source that earns more is asked for the oldest ones again."""
_SHOWN = 3


class _Refused(msgspec.Struct):
    reason: str
    again_ns: int
    wait_ns: int


class Refusals:
    """The refusals of one source.

    Args:
        first_wait_s: how long a refused file is left alone first, in seconds.

    Attributes:
        keyring: the trusted keys that they are about.
    """

    def __init__(self, *, first_wait_s: float) -> None:
        self._first_wait_ns = round(first_wait_s * NS_PER_S)
        self._refused: dict[HintedFile, _Refused] = {}
        self.keyring: object = None

    def begin(self, keyring: object, files: tuple[HintedFile, ...]) -> None:
        """Forget what has to be decided again: everything under other keys, and what the source no longer holds."""
        if keyring != self.keyring:
            self._refused.clear()
            self.keyring = keyring
        present = set(files)
        for file in [file for file in self._refused if file not in present]:
            del self._refused[file]

    def add(self, file: HintedFile, reason: str, now_ns: int) -> None:
        """Take note that a file was refused."""
        before = self._refused.pop(file, None)
        if before is None or before.reason != reason:
            logger.warning("refused %s: %s", file.name, reason)
        wait_ns = min(_LONGEST_WAIT_NS, before.wait_ns * 2) if before else self._first_wait_ns
        while len(self._refused) >= _MOST_KEPT:
            del self._refused[next(iter(self._refused))]
        self._refused[file] = _Refused(reason, now_ns + wait_ns, wait_ns)

    def settled(self, now_ns: int) -> frozenset[HintedFile]:
        """Return the files that need not be looked at now."""
        return frozenset(file for file, refused in self._refused.items() if now_ns < refused.again_ns)

    @property
    def waiting(self) -> bool:
        """Whether something has to be looked at again."""
        return bool(self._refused)

    def shown(self) -> tuple[str, ...]:
        """Return the newest refusals in words, for the status."""
        newest = list(self._refused.items())[: -_SHOWN - 1 : -1]
        return tuple(f"{file.name}: {refused.reason}" for file, refused in newest)
