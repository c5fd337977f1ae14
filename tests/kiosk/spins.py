"""What tests of the draw session share: power cuts, full disks, short chains."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kiosk.ledger.record import Record, Result
from kiosk.session.draw_decision import Decision
from kiosk.snapshot.requests import WithdrawMessage
from tests.support import EVENT, Desk, listed, snapshot

SHORT_CHAIN = 60
"""A chain of 16384 links takes 10 ms, which these tests need not spend a thousand times."""
TEN = listed(snapshot())
OTHER = "fedcba9876543210"


def results(desk: Desk) -> list[Result]:
    return [body for body in desk.bodies() if isinstance(body, Result)]


def tickets(decisions: list[Decision]) -> list[str]:
    return [decision.entry.ticket for decision in decisions]


def withdraw(desk: Desk, ticket: str) -> None:
    assert desk.take(WithdrawMessage(event=EVENT, ticket=ticket, reason="ill")) is None


class PowerCut(BaseException):
    """Ends everything at once; nothing of ours handles it. Without a restart it is an error that the loop survives."""


def cut_power(desk: Desk, number: int, *, after: bool) -> None:
    """Let the `number`-th append from now (from 1) be a power cut, before or after the record is durable."""
    append, calls = desk.ledger.append, iter(range(1, 1000))

    def cutting(body: Any) -> Record:
        if next(calls) != number:
            return append(body)
        if after:
            append(body)
        raise PowerCut

    desk.ledger.append = cutting  # type: ignore[method-assign]


@contextmanager
def full_disk(kind: type) -> Iterator[None]:
    """Let the disk be full for records of that kind: a part of the line fits, the rest does not."""
    write = os.write
    marker = f'"type":"{kind.__name__.lower()}"'.encode()

    def full(descriptor: int, data: Any) -> int:
        if marker in bytes(data):
            return write(descriptor, bytes(data)[:20])
        if bytes(data).endswith(b"}\n") and not bytes(data).startswith(b"{"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", full)
        yield
