"""Kiosk code against the verifier: whatever happens in a room, what the kiosk wrote verifies, and no change does.

Histories are made by the real session, ledger, clerk and checkpoints from a seed, on a clock that is moved by hand.
`WHEEL_HISTORIES` says how many (default 300).
"""

import json
import os
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.core.clock import NS_PER_S, ManualClock, rfc3339
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.draw.modes import Fixed, Mixed, Natural, Spins
from kiosk.draw.protocol import Chain, digest
from kiosk.draw_session import Session
from kiosk.intake.request_files import Delivered, name_of
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import Note
from kiosk.ledger.secret_store import SecretStore
from kiosk.organiser_requests import Clerk
from kiosk.snapshot.model import Listed
from kiosk.snapshot.requests import AbsentRequest, EntropyMessage, Message, WithdrawRequest
from kiosk.snapshot.sample import SAMPLE, SAMPLE_S
from tests.support import KEY, counted_bytes, entries, envelope, listed, private_key, snapshot
from tests.verify.test_verify_draw import tool
from verify import verify_checkpoints

HISTORIES = int(os.environ.get("WHEEL_HISTORIES", "300"))
KIOSK_KEY = private_key(7)


class Room:
    """A home with a kiosk in it, to which chance happens."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test's history, no draw
        self.home = Home(directory)
        for path in (self.home.snapshots, self.home.trusted, self.home.secrets):
            path.mkdir(parents=True)
        trust(self.home.trusted, KEY.public)
        pem = KIOSK_KEY.public.pem()
        self.home.kiosk_public_key.write_bytes(pem)
        self.clock = ManualClock()
        self.bytes = counted_bytes()
        self.generation = 0
        self.nonce = 0
        self.on_wheel: Listed | None = None
        self.open()
        self.publish()

    def open(self) -> None:
        self.ledger = Ledger(self.home.ledger, clock=self.clock)
        self.checkpoints = Checkpoints(self.home.checkpoints, key=KIOSK_KEY)
        self.checkpoints.check(self.home.ledger)
        self.session = Session(
            ledger=self.ledger,
            secrets=SecretStore(self.home.secrets, random_bytes=self.bytes),
            kiosk_id=KIOSK_KEY.public.keyid,
            checkpoints=self.checkpoints,
        )
        self.clerk = Clerk(ledger=self.ledger, session=self.session)

    def close(self) -> None:
        self.ledger.close()
        self.checkpoints.close()

    # what may happen

    def publish(self) -> None:
        self.finish()
        self.generation += self.random.randint(1, 3)
        people = entries(self.random.randint(1, 7), weights=[self.random.choice([1, 1, 2, 9, 10**6]) for _ in range(7)])
        content = snapshot(
            self.generation, people=people, spins=self.spins(len(people)), remove_winners=self.random.random() < 0.7
        )
        self.on_wheel = listed(content)
        (self.home.snapshots / f"snapshot-{self.generation:06d}.json").write_bytes(envelope(content))
        self.session.adopt(self.on_wheel)

    def spins(self, people: int) -> Spins:
        def fixed() -> Fixed:
            return Fixed(ticket=f"E{self.random.randint(1, people):04d}", reason="a notary's draw, äöü")

        kind = self.random.random()
        if kind < 0.4:
            return Natural()
        if kind < 0.55:
            return fixed()
        steps = tuple(Natural() if self.random.random() < 0.5 else fixed() for _ in range(self.random.randint(1, 4)))
        return Mixed(steps=steps, then=self.random.choice(["natural", "repeat", "stop"]))

    def spin(self) -> None:
        try:
            decision = self.session.press(start=0)
        except RefusedError:
            return
        self.session.shown(decision, duration_ms=11_000, frames=660)

    def press_and_lose_power(self) -> None:
        try:
            self.session.press(start=0)
        except RefusedError:
            return
        self.restart()

    def restart(self) -> None:
        self.close()
        self.open()
        assert self.on_wheel is not None
        self.session.adopt(self.on_wheel)
        self.finish()

    def finish(self) -> None:
        if self.on_wheel is not None and self.ledger.history.unfinished is not None:
            self.session.shown(self.session.resume(start=0), duration_ms=11_000, frames=660)

    def lose_the_secret(self) -> None:
        for path in self.home.secrets.iterdir():
            path.unlink()
        self.restart()

    def tear_the_tail(self) -> None:
        self.close()
        torn = self.random.choice([b'{"at":"20', b"\0" * 30, os.urandom(9).replace(b"\n", b""), b"\0\0\n"])
        with self.home.ledger.open("ab") as file:
            file.write(torn)
        self.open()
        self.restart()

    def show_sample_names(self) -> None:
        self.session.adopt(Listed(SAMPLE, SAMPLE_S))
        self.spin()
        assert self.on_wheel is not None
        self.session.adopt(self.on_wheel)

    def hand_in(self, message: Message) -> None:
        self.clerk.take(Delivered(message=message, name=name_of(message), id=f"{self.nonce:08x}"))

    def entropy(self) -> None:
        assert self.on_wheel is not None
        self.clock.advance_ns(NS_PER_S)
        second = int(self.clock.utc_now().timestamp())
        drand = f"drand:quicknet:{(second - 1692803367) // 3 + 1 + self.random.randint(-1, 2)}:{'5e' * 32}"
        text = self.random.choice(["dice:3.1.6", "audience:grüße", "lottery:1 2 3", drand])
        s = self.on_wheel.s if self.random.random() < 0.8 else "f" * 64
        at = rfc3339(self.clock.utc_now())
        self.nonce += 1
        self.hand_in(EntropyMessage(generation=self.generation, snapshot=s, entropy=text, created_at=at))

    def request(self) -> None:
        assert self.on_wheel is not None
        self.nonce += 1
        common: dict[str, Any] = {
            "generation": self.generation,
            "snapshot": self.on_wheel.s,
            "nonce": f"{self.nonce:016x}",
            "created_at": rfc3339(self.clock.utc_now()),
        }
        if self.random.random() < 0.5:
            self.hand_in(WithdrawRequest(**common, ticket=f"E{self.random.randint(1, 8):04d}", reason="asked to"))
        else:
            self.hand_in(AbsentRequest(**common, spin=self.random.randint(1, 4)))

    def press_the_key_for_absence(self) -> None:
        try:
            self.clerk.report_absent()
        except RefusedError:
            return

    def refuse(self) -> None:
        self.session.refuse(f"snapshot-{self.random.randint(1, 9):06d}.json", "The signature does not hold: ✗")

    def note(self) -> None:
        self.ledger.append(Note(text='"quoted" \\ Ünïcödé \u2028'))

    EVENTS: tuple[tuple[Callable[["Room"], None], int], ...] = (
        (spin, 12),
        (entropy, 3),
        (request, 4),
        (press_and_lose_power, 2),
        (restart, 1),
        (publish, 2),
        (press_the_key_for_absence, 1),
        (tear_the_tail, 1),
        (lose_the_secret, 1),
        (show_sample_names, 1),
        (refuse, 1),
        (note, 1),
    )

    def live(self, events: int) -> None:
        happenings, weights = zip(*self.EVENTS, strict=True)
        for happening in self.random.choices(happenings, weights, k=events):
            self.clock.advance_ns(self.random.randint(0, 90) * NS_PER_S)
            happening(self)
        self.session.sign_head()
        self.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short chains, and no waiting for the disk: what is tested here is what was written."""
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=40))
    monkeypatch.setattr(os, "fsync", lambda _: None)


def report(home: Home, capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    code = tool.main([str(home.root), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == (0 if answer["ok"] else 1)
    return answer


def signed_up_to(home: Home, capsys: pytest.CaptureFixture[str]) -> int:
    """Return the last record that a checkpoint covers; 0 if the other verifier finds anything wrong."""
    capsys.readouterr()
    code = verify_checkpoints.main([str(home.root), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == (0 if answer["ok"] else 1)
    assert answer["ok"] == (not answer["problems"])
    return int(answer["last record signed"]) if answer["ok"] else 0


def found_out(home: Home, capsys: pytest.CaptureFixture[str]) -> bool:
    """Say whether the verifier refuses this home: with a problem, or because the ledger is no text at all."""
    try:
        return not report(home, capsys)["ok"]
    except SystemExit as stopped:
        return stopped.code == 2


@pytest.mark.slow
def test_whatever_happens_in_a_room_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kinds: set[str] = set()
    levels: set[str] = set()
    for seed in range(HISTORIES):
        room = Room(tmp_path / "home", seed)
        room.live(12)
        answer = report(room.home, capsys)
        assert answer["problems"] == [], f"history {seed}"
        assert answer["signatures"] == "CHECKED"
        assert signed_up_to(room.home, capsys) == answer["records"]
        kinds.update(json.loads(line)["type"] for line in room.home.ledger.read_bytes().splitlines())
        levels.add(answer["level"])
        shutil.rmtree(room.home.root)

    assert kinds == set(tool.FIELDS)  # the histories did hold every type of record
    assert levels == {"sealed", "witnessed", "public"}


Lines = list[bytes]


def flip_a_byte(lines: Lines, chance: random.Random) -> Lines:
    at = chance.randrange(len(lines))
    line = bytearray(lines[at])
    line[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
    return [*lines[:at], bytes(line), *lines[at + 1 :]]


def change_a_field(lines: Lines, chance: random.Random) -> Lines:
    at = chance.randrange(len(lines))
    record = json.loads(lines[at])
    name = chance.choice(sorted(set(record) - {"type"}))
    record[name] = record[name] + 1 if isinstance(record[name], int) else record[name][::-1] + "0"
    return [*lines[:at], canonical(record), *lines[at + 1 :]]


def swap_two(lines: Lines, chance: random.Random) -> Lines:
    one, other = sorted(chance.sample(range(len(lines)), 2))
    return [*lines[:one], lines[other], *lines[one + 1 : other], lines[one], *lines[other + 1 :]]


def drop_one(lines: Lines, chance: random.Random) -> Lines:
    at = chance.randrange(len(lines))
    return lines[:at] + lines[at + 1 :]


def repeat_one(lines: Lines, chance: random.Random) -> Lines:
    at = chance.randrange(len(lines))
    return [*lines[: at + 1], *lines[at:]]


def cut_the_end(lines: Lines, chance: random.Random) -> Lines:
    return lines[: -chance.randint(1, len(lines) - 1)]


def rewrite_history(lines: Lines, chance: random.Random) -> Lines:
    """What somebody would do who knows the format: change a record, and mend the chain behind it."""
    changed = change_a_field(lines, chance)
    mended: Lines = []
    for number, line in enumerate(changed, 1):
        record = json.loads(line)
        record["seq"], record["prev"] = number, digest(mended[-1]) if mended else "0" * 64
        mended.append(canonical(record))
    return mended


def canonical(record: dict[str, Any]) -> bytes:
    return msgspec.json.encode(record, order="sorted")


@pytest.mark.parametrize(
    "mutate",
    [flip_a_byte, change_a_field, swap_two, drop_one, repeat_one, cut_the_end, rewrite_history],
    ids=lambda mutate: mutate.__name__,
)
def test_every_change_of_a_ledger_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mutate: Callable[[Lines, random.Random], Lines]
) -> None:
    for seed in range(max(1, HISTORIES // 30)):
        room = Room(tmp_path / "home", seed)
        room.live(10)
        lines = room.home.ledger.read_bytes().splitlines()
        for _ in range(10):
            changed = mutate(lines, room.random)
            if changed == lines:
                continue
            room.home.ledger.write_bytes(b"".join(line + b"\n" for line in changed))
            assert found_out(room.home, capsys), f"history {seed}: {set(changed) - set(lines)}"
        shutil.rmtree(room.home.root)


def test_a_ledger_without_its_last_newline_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    room = Room(tmp_path / "home", 1)
    room.live(5)
    room.home.ledger.write_bytes(room.home.ledger.read_bytes()[:-1])

    assert not report(room.home, capsys)["ok"]


def test_what_somebody_saw_on_the_screen_must_be_in_the_ledger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = Room(tmp_path / "home", 5)
    room.spin()
    anchor = room.ledger.history.current
    head = room.ledger.head
    assert anchor is not None
    room.live(5)
    short = " ".join(head[at : at + 4] for at in range(0, 16, 4))

    assert tool.main([str(room.home.root), "--seen", short, head.upper(), anchor.anchor]) == 0
    for wrong in ("f" * 16, head[:15], ""):
        assert tool.main([str(room.home.root), "--seen", wrong]) == 1
    lines = room.home.ledger.read_bytes().splitlines(keepends=True)
    room.home.ledger.write_bytes(b"".join(lines[:3]))
    room.home.checkpoints.write_bytes(b"")  # somebody was thorough: only what was seen tells
    assert tool.main([str(room.home.root)]) == 0
    assert tool.main([str(room.home.root), "--seen", short]) == 1
