"""The power goes at every byte of an evening's records: the same winners, no second draw, and every rule still holds.

A power cut leaves a prefix of what was being written. Each prefix is put on the disk and the real ledger, session,
clerk and checkpoints start on it, as the kiosk does; then the evening goes on to its end.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.draw.modes import NATURAL_STEP, fixed_step, mixed
from kiosk.draw.protocol import Chain
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Body, Result
from kiosk.session.open_session import Books, open_session
from kiosk.snapshot.model import Listed
from kiosk.snapshot.requests import ClaimMessage, CloseMessage, EntropyMessage, WithdrawMessage
from tests.support import EVENT, KEY, audit_home, delivered, listed, prize, publish, snapshot

pytestmark = pytest.mark.slow

FIRST = listed(
    snapshot(
        people=12,
        prizes=(prize("grand"), prize("mugs", 3, reserves=1, per_press=3), prize("rest", 2)),
        entropy=("dice",),
        spins=mixed(NATURAL_STEP, NATURAL_STEP, fixed_step("E0004", "a notary's draw"), then="natural"),
    )
)
SECOND = listed(snapshot(2, people=14, prizes=FIRST.snapshot.prizes, previous=FIRST.s))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=20))
    monkeypatch.setattr(os, "fsync", lambda _: None)  # thousands of starts; what is durable is chosen by hand here
    home = Home(tmp_path / "home")
    for path in (home.snapshots, home.trusted):
        path.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    for one in (FIRST, SECOND):
        publish(home.snapshots, one.snapshot)
    return home


class Evening:
    """An evening that knows from the ledger alone how far it came."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.history = books.ledger.history

    def go_on(self) -> None:
        """Finish what is unfinished, and go on to the end."""
        self._list(FIRST if self.history.generation < 2 else SECOND)
        if self.books.session.unfinished_s is not None:
            self._end(self.books.session.resume(start=0))
        for step in (self._dice, partial(self._spins, 2), self._claims, partial(self._list, SECOND), self._rest):
            step()

    def _list(self, one: Listed) -> None:
        if self.history.generation <= one.snapshot.generation:
            self.books.session.adopt(one)

    def _dice(self) -> None:
        current = self.history.current
        if current is not None and current.generation == 1:
            self.books.clerk.take(
                delivered(
                    EntropyMessage(
                        event=EVENT,
                        snapshot=current.snapshot,
                        anchor=current.anchor,
                        kiosk=self.books.session.kiosk_id,
                        text="dice:3.1",
                    )
                )
            )

    def _spins(self, upto: int) -> None:
        while self.books.session.spins_made < upto:
            self._end(self.books.session.press(start=0))

    def _end(self, decision: object) -> None:
        self.books.session.shown(decision, duration_ms=11_000, frames=660)  # type: ignore[arg-type]

    def _claims(self) -> None:
        results = [body for body in bodies(self.books) if isinstance(body, Result)]
        winner = next((result.winners[1] for result in results if len(result.winners) > 1), "")
        if not winner:
            return
        gone = "E0011" if "E0011" not in {one for result in results for one in result.winners} else "E0012"
        for message in (
            ClaimMessage(event=EVENT, prize="mugs", place=2, ticket=winner, state="confirmed"),
            ClaimMessage(event=EVENT, prize="mugs", place=2, ticket=winner, state="declined"),
            WithdrawMessage(event=EVENT, ticket=gone, reason="asked to"),
        ):
            self.books.clerk.take(delivered(message))

    def _rest(self) -> None:
        while self.books.session.why_no_spin() is None:
            self._end(self.books.session.press(start=0))
        self.books.clerk.take(delivered(CloseMessage(event=EVENT)))


def bodies(books: Books) -> list[Body]:
    return [record.body for record in read_records(Path(books.ledger._file.path).read_bytes())]


def run(home: Home, what: Callable[[Evening], None]) -> None:
    def random_bytes(size: int) -> bytes:
        """The same ledger is followed by the same secret, and every other one by another."""
        return hashlib.sha256(home.ledger.read_bytes()).digest()[:size]

    with open_session(home, clock=ManualClock(), random_bytes=random_bytes) as books:
        what(Evening(books))


def winners(home: Home) -> list[tuple[int, tuple[str, ...]]]:
    found = [record.body for record in read_records(home.ledger.read_bytes())]
    return [(body.spin, body.winners) for body in found if isinstance(body, Result)]


def test_whenever_the_power_goes_the_winners_are_the_same_and_drawn_once(home: Home) -> None:
    run(home, Evening.go_on)
    whole, signed = home.ledger.read_bytes(), home.checkpoints.read_bytes()
    kinds = [type(record.body).__name__ for record in read_records(whole)]
    assert {"Adopt", "Entropy", "Open", "Result", "Shown", "Claim", "Withdraw", "Close"} <= set(kinds)
    assert kinds.count("Result") >= 5
    audit_home(home)
    expected = winners(home)
    ends = [at + 1 for at, byte in enumerate(whole) if byte == 0x0A]
    kept = {path: path.read_bytes() for path in home.kiosk.rglob("*") if path.is_file()}
    secrets = {path: data for path, data in kept.items() if path.suffix == ".secret"}

    cuts = [*range(ends[1] + 1, len(whole), 41), *(end + step for end in ends[2:] for step in (-1, 0, 1))]
    for cut in cuts:
        before = max((end for end in ends if end <= cut), default=0)
        count = whole[:before].count(b"\n")
        restore(home, whole[:cut], signed_before(signed, count), secrets)
        run(home, Evening.go_on)
        assert winners(home)[: len(winners_of(whole[:cut]))] == winners_of(whole[:cut])
        history = audit_home(home)
        assert history.event is not None
        assert history.event.closed
        if cut >= ends[kinds.index("Shown")]:
            same = [one for one in expected if one in winners(home)]
            assert same[: len(winners_of(whole[:before]))] == winners_of(whole[:before])
    assert len(cuts) >= 150


def signed_before(signed: bytes, count: int) -> bytes:
    """Return the checkpoints that can exist while only `count` records are durable."""
    import base64
    import json

    lines = []
    for line in signed.splitlines(keepends=True):
        payload = json.loads(base64.b64decode(json.loads(line)["payload"]))
        if payload["seq"] <= count:
            lines.append(line)
    return b"".join(lines)


def winners_of(data: bytes) -> list[tuple[int, tuple[str, ...]]]:
    whole = data[: data.rfind(b"\n") + 1]
    found = [record.body for record in read_records(whole)]
    return [(body.spin, body.winners) for body in found if isinstance(body, Result)]


def restore(home: Home, ledger: bytes, signed: bytes, secrets: dict[Path, bytes]) -> None:
    """Put a state on the disk: the ledger, what was signed, and the secrets that there were."""
    for torn in home.kiosk.glob("ledger-torn-*.bin"):
        torn.unlink()
    shutil.rmtree(home.adopted)
    home.ledger.write_bytes(ledger)
    home.checkpoints.write_bytes(signed)
    for path, data in secrets.items():
        path.write_bytes(data)


@pytest.mark.parametrize("lost", [False, True], ids=["secret there", "secret lost"])
def test_a_power_cut_between_open_and_result_ends_one_way_only(home: Home, lost: bool) -> None:
    run(home, Evening.go_on)
    lines = home.ledger.read_bytes().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if b'"type":"open"' in line)
    expected = winners(home)[0]
    secrets = {path: path.read_bytes() for path in home.kiosk.rglob("*.secret")}
    # The secret of the first list is superseded by now: make the same one again.
    restore(home, b"", b"", {})
    for path in secrets:
        path.unlink()

    def up_to_open(evening: Evening) -> None:
        evening._list(FIRST)
        evening._dice()
        append = evening.books.ledger.append

        def cut(body: Body) -> object:
            if isinstance(body, Result):
                raise KeyboardInterrupt
            return append(body)

        evening.books.ledger.append = cut  # type: ignore[assignment,method-assign]
        with pytest.raises(KeyboardInterrupt):
            evening.books.session.press(start=0)

    run(home, up_to_open)
    assert home.ledger.read_bytes().splitlines(keepends=True)[: at + 1] == lines[: at + 1]
    if lost:
        for path in home.kiosk.rglob("*.secret"):
            path.unlink()
    if lost:
        with pytest.raises(RefusedError, match="publish"):
            run(home, Evening.go_on)
        assert winners(home) == []
        run(home, lambda evening: evening.books.session.adopt(SECOND))
        run(home, Evening.go_on)
    else:
        run(home, Evening.go_on)
        assert winners(home)[0] == expected
    audit_home(home)
