"""Runs what must not wait, so that a test of it fails instead of hanging the suite."""

import threading
from collections.abc import Callable


def within_seconds(action: Callable[[], object]) -> BaseException | None:
    """Run `action` on a thread; returns what it raised. Fails if it waits."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "the reader waits"
    return raised[0] if raised else None
