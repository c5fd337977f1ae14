"""What somebody should know: the notices of the status line, most important first.

Invariant: it says what is so and decides nothing. Every refused file is recorded once, and a flood of them is not.
"""

import logging
from collections.abc import Callable

from kiosk.draw_session import Session
from kiosk.intake.snapshot_files import Refusal

logger = logging.getLogger(__name__)

_REFUSALS_RECORDED = 8
"""Refused files recorded at one look: a flood of bad files must not become a flood of records."""
_REFUSALS_SHOWN = 3


class Notices:
    """The trouble there is.

    Args:
        session: records refused files.
        standing: what is wrong with the set-up; empty if nothing is.
        look: returns the files refused last; the same tuple as long as nobody looked again.
        troubles: returns what is out of order now and will mend itself; empty texts are passed over.
        watcher_alive: whether new lists would still arrive.
    """

    def __init__(
        self,
        session: Session,
        *,
        standing: str,
        look: Callable[[], tuple[Refusal, ...]],
        troubles: Callable[[], tuple[str, ...]],
        watcher_alive: Callable[[], bool],
    ) -> None:
        self._session = session
        self._standing = standing
        self._look = look
        self._troubles = troubles
        self._watcher_alive = watcher_alive
        self._refusals: tuple[Refusal, ...] = ()
        self._recorded: tuple[Refusal, ...] = ()
        self.problem = ""

    def report(self, error: Exception, message: str) -> None:
        """Show `error` as the problem, and log it under `message` unless it is shown already."""
        if self.problem != str(error):
            logger.warning(f"{message}: %s", error)
        self.problem = str(error)

    def take_refusals(self) -> None:
        """Show what was refused, and record what was refused since the last call. For idle only.

        Raises:
            HomeError: a record could not be written; the next call writes it.
        """
        self._refusals = self._look()
        if self._refusals is self._recorded:
            return
        for refusal in self._refusals[:_REFUSALS_RECORDED]:
            if self._session.refuse_file(refusal.path.name, refusal.error.message):
                logger.warning("refused %s: %s", refusal.path.name, refusal.error)
        self._recorded = self._refusals

    @property
    def key(self) -> tuple[object, ...]:
        """What `lines` depends on; cheap to compare."""
        return (self.problem, self._troubles(), id(self._refusals), self._watcher_alive())

    def lines(self, *, first: str = "", last: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return all notices, with `first` before them and `last` before the state of the watcher."""
        notices = [text for text in dict.fromkeys((first, *self._troubles(), self.problem, self._standing)) if text]
        notices += [
            f"{refusal.path.name} refused: {refusal.error.message}" for refusal in self._refusals[:_REFUSALS_SHOWN]
        ]
        notices += last
        if not self._watcher_alive():
            notices.append("New lists do not arrive: restart the kiosk.")
        return tuple(notices)
