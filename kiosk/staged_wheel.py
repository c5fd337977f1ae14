"""Which wheel is on stage: the current list's, repainted when entries leave it.

Invariant: a repainted wheel is shown only when the result before it is dismissed, so that a winner stays on the wheel
while the name stands on the screen. The picture is handed to the loop once and not kept.
"""

from kiosk.draw.pool import Pool
from kiosk.intake.loader import Loader, Painted, resting_angle
from kiosk.intake.repainter import Repainter
from kiosk.session.draw_session import Session
from kiosk.stage import Stage

_REPAINT_FROM_MS = 600
"""By then what shows the result is painted: two threads that paint at once hold each other up."""


class StagedWheel:
    """Changes the wheel of a stage.

    Args:
        stage: its wheel is changed.
        session: what is left on the wheel.
        loader: paints.
    """

    def __init__(self, stage: Stage, session: Session, loader: Loader) -> None:
        self._stage = stage
        self._session = session
        self._loader = loader
        self._repainter = Repainter(loader.repaint)
        self._new: Painted | None = None

    def take_new(self) -> Painted | None:
        """Return the wheel to show from now on; None if it is the same."""
        new, self._new = self._new, None
        return new

    def adopt(self, painted: Painted) -> None:
        """Show the wheel of another list, where its last spin left it or with its first entry under the pointer."""
        self._repainter.forget()
        self._show(painted)
        self._stage.angle = resting_angle(painted.wheel.face, self._session.rest())

    def match(self, pool: Pool) -> None:
        """Make sure that the wheel shows `pool`, painting it now if it does not."""
        wheel = self._stage.wheel
        if wheel is None or wheel.pool.digest != pool.digest:
            self._show(self._loader.repaint(pool))

    def plan_repaint(self) -> None:
        """Plan to paint the wheel again if entries have left it, or if its names are not shown any more."""
        pool, wheel = self._session.pool(), self._stage.wheel
        if not len(pool) or wheel is None:
            return
        if pool.digest != wheel.pool.digest or wheel.listed is not self._session.listed:  # its names may be erased
            self._repainter.plan(pool)

    def start_repaint(self, rested_ms: int) -> None:
        """Start painting what is planned, if anything is, unless the wheel came to rest only just now."""
        if rested_ms >= _REPAINT_FROM_MS:
            self._repainter.start()

    def show_repainted(self) -> None:
        """Show the repainted wheel, if one was planned."""
        painted = self._repainter.take()
        if painted is not None:
            self._show(painted)

    def close(self) -> None:
        """Stop the painting thread."""
        self._repainter.close()

    def _show(self, painted: Painted) -> None:
        self._stage.wheel = painted.wheel
        self._new = painted
