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
        self._pending: Future[Painted] | None = None

    def start(self, pool: Pool) -> None:
        """Start painting `pool`; a picture that is pending is forgotten."""
        self._pending = self._thread.submit(self._paint, pool)

    def take(self) -> Painted | None:
        """Return the pending picture, waiting for it if it is not finished; None if there is none."""
        pending, self._pending = self._pending, None
        return pending.result() if pending is not None else None

    def forget(self) -> None:
        """Forget the pending picture: another list is on the wheel."""
        self._pending = None

    def close(self) -> None:
        """Stop the thread."""
        self._thread.shutdown(cancel_futures=True)
