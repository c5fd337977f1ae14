"""Records published files that were refused, once each.

Invariant: every refused file is recorded once; a flood of bad files does not become a flood of records.
"""

import logging
from collections.abc import Callable

from kiosk.intake.snapshot_files import Refusal
from kiosk.session.draw_session import Session

logger = logging.getLogger(__name__)

_RECORDED_AT_ONCE = 8
"""Refused files recorded at one look."""


class RefusedFiles:
    """The published files that are refused now.

    Args:
        session: records them.
        look: returns the files refused last; the same tuple as long as nothing changed.

    Attributes:
        current: what `record` saw last.
    """

    def __init__(self, session: Session, look: Callable[[], tuple[Refusal, ...]]) -> None:
        self._session = session
        self._look = look
        self._recorded: tuple[Refusal, ...] = ()
        self.current: tuple[Refusal, ...] = ()

    def record(self) -> int:
        """Record what was refused since the last call; returns how many files were recorded. For idle only.

        Raises:
            HomeError: a record could not be written; the next call writes it.
        """
        self.current = self._look()
        if self.current is self._recorded:
            return 0
        recorded = 0
        for refusal in self.current[:_RECORDED_AT_ONCE]:
            if self._session.refuse_file(refusal.path.name, refusal.error.message):
                recorded += 1
                logger.warning("refused %s: %s", refusal.path.name, refusal.error)
        self._recorded = self.current
        return recorded
