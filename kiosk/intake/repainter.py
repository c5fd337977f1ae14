"""Repaints the wheel on a thread of its own when an entry leaves it.

Invariant: at most one picture is pending, and it is of the newest pool.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from kiosk.draw.pool import Pool
from kiosk.intake.loader import Painted


class Repainter:
    """Paints pools.

    Args:
        paint: paints one; slow, on any thread.
    """

    def __init__(self, paint: Callable[[Pool], Painted]) -> None:
        self._paint = paint
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")
        self._planned: Pool | None = None
        self._pending: Future[Painted] | None = None

    def plan(self, pool: Pool) -> None:
        """Plan to paint `pool`; a picture that is pending is forgotten."""
        self._planned, self._pending = pool, None

    def start(self) -> None:
        """Start painting what is planned, if anything is."""
        planned, self._planned = self._planned, None
        if planned is not None:
            self._pending = self._thread.submit(self._paint, planned)

    def take(self) -> Painted | None:
        """Return the planned or pending picture, waiting for it if it is not finished; None if there is none."""
        self.start()
        pending, self._pending = self._pending, None
        return pending.result() if pending is not None else None

    def forget(self) -> None:
        """Forget the picture: another list is on the wheel."""
        self._planned = self._pending = None

    def close(self) -> None:
        """Stop the thread."""
        self._thread.shutdown(cancel_futures=True)
