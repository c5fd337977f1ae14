"""Whether a state that a power cut left is a good one: what was promised is there, and the real programs go on from it.

Invariant: everything is looked at twice. First the bytes: each promised file as it was promised, or as a later step
makes it, whole; nothing else. Then the programs start on them: the kiosk finishes what is unfinished and spins, the
organiser finishes `init` and publishes, the kiosk takes the new list, and the stand-alone verifier passes.
"""

import contextlib
import io
import json
import os
import re
import shutil
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal, TypeAlias
from unittest.mock import patch

import msgspec

from kiosk.core.errors import RefusedError, WheelError
from kiosk.devices.inputs import Action
from kiosk.draw.protocol import Chain, digest
from kiosk.intake.snapshot_files import generation_of
from kiosk.ledger import secret_store as secrets
from kiosk.supervise.run_report import RunReport
from kiosk.supervise.status_file import Status
from tests.torture.power_cuts import headless_kiosk
from tests.torture.power_cuts.disk import Disk, Leaf, MakeDirectory, Operation, Promise, Remove, Rename
from tests.torture.power_cuts.scenarios import DICE, ROWS, Stage
from verify import verify_draw
from wheel_admin.commands.draft import init
from wheel_admin.commands.publish.publish import publish_draft
from wheel_admin.draft import load_draft

State: TypeAlias = dict[str, Leaf | None]
Kind: TypeAlias = Leaf | Literal["directory", "absent"]
Decided: TypeAlias = Mapping[tuple[str, ...], tuple[str, ...]]
"""What a spin came to, by everything that decides it."""

CHAIN_LENGTH = 20
"""N of the recorded kiosks: a chain of 16384 secrets for each of so many starts would be most of the work."""
LEDGER = "home/kiosk/ledger.jsonl"
_GROWING = (LEDGER, "home/kiosk/checkpoints.jsonl")
_STATUS = "home/kiosk/status.json"
_TORN = "home/kiosk/ledger-torn-"
_PASSING = re.compile(r"(.*/)?(\..*\.tmp|\.lock|status\.json)")
"""What nobody is promised: temporary files, locks, and the status, which is a sign of life."""
_PRIVATE = re.compile(r"(signing-key\.pem|kiosk-key\.pem|\.secret|receipt-secret\.hex|draft\.json)")


@dataclass(frozen=True, slots=True)
class Duty:
    """What must hold for the bytes of a state.

    Attributes:
        sure: what was promised of each path, and
        since: what else it may be: as a step made it after that, whole.
        what: who promised last.
        torn: what an earlier power cut left of a record: it is never dropped.
        lost: a list or a secret was missing from the start.
    """

    sure: Mapping[str, Kind]
    since: Mapping[str, tuple[Kind, ...]]
    what: str
    torn: bytes
    lost: bool


def kind_of(state: State, path: str) -> Kind:
    """Return what lies at `path`."""
    if path not in state:
        return "absent"
    return state[path] or "directory"


def duties(before: State, operations: Sequence[Operation], *, lost: bool) -> Iterator[Duty]:
    """Yield the duty after each number of operations, from 0 on.

    Args:
        before: what lay on the disk, durably.
        operations: what happened.
        lost: a list or a secret was missing from the start.
    """
    disk = Disk(before)
    sure: dict[str, Kind] = {path: kind_of(before, path) for path in before if not _PASSING.fullmatch(path)}
    since: dict[str, tuple[Kind, ...]] = {}
    ledger = kind_of(before, LEDGER)
    torn = ledger.data[len(whole_lines(ledger.data)) :] if isinstance(ledger, Leaf) else b""
    what = "what lay there before"
    yield Duty(sure, since, what, torn, lost)
    for operation in operations:
        disk.apply(operation)
        if isinstance(operation, Promise):
            seen, what = disk.seen(), operation.what
            kept = {path for path in {*sure, *since, *seen} if covered(path, operation.below)}
            sure = {**sure, **{path: kind_of(seen, path) for path in kept if not _PASSING.fullmatch(path)}}
            since = {path: kinds for path, kinds in since.items() if path not in kept}
        elif isinstance(operation, Rename | Remove | MakeDirectory):
            path = operation.target if isinstance(operation, Rename) else operation.path
            if not _PASSING.fullmatch(path):
                since = {**since, path: (*since.get(path, ()), kind_of(disk.seen(), path))}
        yield Duty(sure, since, what, torn, lost)


def covered(path: str, below: Iterable[str]) -> bool:
    """Say whether a promise about what lies below `below` is about `path`. The organiser's keys are not the kiosk's."""
    for part in below:
        if path == part or path.startswith(f"{part}/"):
            return part != "home/kiosk" or not path.startswith("home/kiosk/trusted")
        if part.startswith(f"{path}/"):
            return True
    return False


def bytes_problems(state: State, duty: Duty) -> Iterator[str]:
    """Yield what is wrong with the bytes of `state`."""
    for path in sorted({*duty.sure, *duty.since, *state}):
        found = kind_of(state, path)
        if isinstance(found, Leaf) and _PRIVATE.search(path) and found.mode & 0o077:
            yield f"{path} can be read by others"
        if path in _GROWING:
            yield from _growing_problems(path, found, duty)
        elif not _PASSING.fullmatch(path):
            sure = duty.sure.get(path, "absent")
            if found != sure and found not in duty.since.get(path, ()):
                yield f"{path} is {_said(found)}, promised ({duty.what}): {_said(sure)}"
        elif path == _STATUS and isinstance(found, Leaf) and not _is_status(found.data):
            yield f"{path} is torn"
    ledger = kind_of(state, LEDGER)
    data = ledger.data if isinstance(ledger, Leaf) else b""
    kept = [leaf.data for path, leaf in state.items() if leaf and path.startswith(_TORN)]
    if duty.torn not in kept and duty.torn not in data:
        yield "what an earlier power cut left of a record was dropped"
    if not duty.lost and _readable(whole_lines(data)):
        yield from _missing(state, whole_lines(data))


def _growing_problems(path: str, found: Kind, duty: Duty) -> Iterator[str]:
    sure = duty.sure.get(path, "absent")
    promised = whole_lines(sure.data) if isinstance(sure, Leaf) else b""
    grown = found.data if isinstance(found, Leaf) else b""
    if not grown.startswith(promised):
        yield f"{path} lost what was promised ({duty.what})"
    if not _readable(whole_lines(grown)):
        yield f"{path} has a whole line that nobody wrote"


def _is_status(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=Status)
    except msgspec.MsgspecError:
        return False
    return True


def _missing(state: State, ledger: bytes) -> Iterator[str]:
    """Yield what an `adopt` record stands for and is not there: the kiosk's copy of the list, and the secret."""
    adopted = _adopted(ledger)
    for generation, _ in adopted:
        if generation and f"home/kiosk/adopted/snapshot-{generation:06d}.json" not in state:
            yield f"generation {generation} was adopted without a copy of it"
    for place in ("secrets", "secrets-2") if adopted else ():
        if f"home/kiosk/{place}/{adopted[-1][1]}.secret" not in state:
            yield f"generation {adopted[-1][0]} was adopted without its secret in {place}"


@lru_cache(maxsize=64)
def _readable(lines: bytes) -> bool:
    try:
        _records(lines)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=64)
def _adopted(ledger: bytes) -> tuple[tuple[int, str], ...]:
    """Return generation and anchor of each `adopt` record."""
    return tuple((one["generation"], one["anchor"]) for one in _records(ledger) if one["type"] == "adopt")


def whole_lines(data: bytes) -> bytes:
    """Return the lines of a growing file that were written whole."""
    end = data.find(b"\0")
    return data[: data.rfind(b"\n", 0, len(data) if end < 0 else end) + 1]


def decided(ledger: bytes) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return what the spins of a ledger came to, by anchor, number, pool and entropy."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    anchor, opened = "", {}
    for record in _records(ledger):
        if record["type"] == "adopt":
            anchor = record["anchor"]
        elif record["type"] == "open":
            opened = record
        elif record["type"] == "result":
            key = (anchor, str(record["spin"]), opened["pool"], opened["entropy"])
            found[key] = tuple(str(record[name]) for name in ("winners", "rest", "turns"))
    return found


class Lab:
    """Where states are put on a real disk, and the programs started on them.

    Args:
        root: an empty directory for it.
        random_bytes: where the secrets of the kiosks come from.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def program_problems(self, state: State, *, expected: Decided, lost: bool) -> Iterator[str]:
        """Start the programs on `state`; yield what is wrong with what they do.

        Args:
            state: what the power cut left.
            expected: what spins came to before it, so that none may be drawn again.
            lost: a list or a secret was missing from the start, and the ledger may say so.
        """
        put(state, self._stage.root)
        home = self._stage.home
        before = state.get(LEDGER)
        data = before.data if before else b""
        whole = whole_lines(data)
        try:
            report = self._kiosk(must_spin=not lost)
            yield from self._kiosk_problems(data, whole, expected, lost=lost)
            if report.generation < self._floor(whole) and not lost:
                yield f"generation {report.generation} is shown, {self._floor(whole)} was published"
            floor = self._floor(whole)
            self._finish_init()
            self._stage.plan("none")
            if lost:
                self._stage.new_event()  # a list that cannot be compared with the lost one is not a correction
            published = publish_draft(home, clock=self._stage.clock, dry_run=False, force=True)
            if published.generation <= floor:
                yield f"generation {published.generation} was published after {floor}"
            report = self._kiosk(must_spin=True)
            if report.generation != published.generation:
                yield f"generation {report.generation} is shown, {published.generation} was published"
            yield from self._verifier_problems()
            if any(home.root.rglob(".*.tmp")):
                yield "a temporary file was left"
        except (WheelError, AssertionError, RuntimeError, OSError, ValueError) as error:
            yield " ".join([f"{type(error).__name__}: {error}", *getattr(error, "problems", ())])

    def _kiosk(self, *, must_spin: bool) -> RunReport:
        report = headless_kiosk.run(
            self._stage.home,
            self._spin,
            clock=self._stage.clock,
            random_bytes=self._stage.random_bytes,
            presented=lambda _: None,
        )
        if must_spin and (not report.spins or report.spins[-1].resumed):
            raise AssertionError("the kiosk made no new spin")
        return report

    def _spin(self, kiosk: headless_kiosk.Scripted) -> Generator[Action | None, None, None]:
        """Spin once, after handing in the public entropy that the list may wait for."""
        headless_kiosk.look(kiosk)
        yield None
        if (kiosk.session.why_no_spin() or "").startswith("Waiting for public entropy"):
            self._stage.entropy(DICE)
            headless_kiosk.look(kiosk)
            yield None
        yield Action.SPIN
        yield None

    def _kiosk_problems(self, data: bytes, whole: bytes, expected: Decided, *, lost: bool) -> Iterator[str]:
        home = self._stage.home
        after = home.ledger.read_bytes()
        if not after.startswith(whole):
            yield "the ledger lost a whole record"
        torn = data[len(whole) :]
        fresh = _records(after[len(whole) :])
        if torn:
            aside = {digest(path.read_bytes()) for path in home.kiosk.glob("ledger-torn-*.bin")}
            told = {record["digest"] for record in _records(after) if record["type"] == "recovered"}
            if digest(torn) not in aside & told:
                yield "a torn record was dropped in silence"
        if not lost and any(record["type"] == "note" for record in fresh):
            yield "the ledger says that something was lost"
        adopted = [record["snapshot"] for record in _records(after) if record["type"] == "adopt"]
        if not lost and len(adopted) != len(set(adopted)):
            yield "a list was adopted again: its secret was lost"
        again = decided(after)
        for key, came_to in again.items():
            if expected.get(key, came_to) != came_to:
                yield f"spin {key[1]} was drawn again"
        yield from self._verifier_problems()

    def _verifier_problems(self) -> Iterator[str]:
        home, said = self._stage.home, io.StringIO()
        kept = [path for path in self._stage.copies.glob("*.json") if not (home.snapshots / path.name).exists()]
        lent = [Path(shutil.copy(path, home.snapshots)) for path in kept]  # as the auditor would who has them
        if not home.ledger.read_bytes():
            return  # there were no draws, only spins of the sample names
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                code = verify_draw.main([str(home.root), "--require", "consistent"])
            except SystemExit as left:
                code = int(left.code or 0)
        for path in lent:
            path.unlink()
        if code:
            yield f"not verified: {' / '.join(said.getvalue().splitlines()[-2:])}"

    def _floor(self, ledger: bytes) -> int:
        """Return the generation below which nothing may be shown."""
        home = self._stage.home
        adopted = [record["generation"] for record in _records(ledger) if record["type"] == "adopt"]
        good = [path for path in home.snapshots.glob("snapshot-*.json") if b'"payload"' in path.read_bytes()]
        return max([*adopted, *(generation_of(path) or 0 for path in good)], default=0)

    def _finish_init(self) -> None:
        home = self._stage.home
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(RefusedError):
            init.init(passphrase=False, home=home.root)
        if not load_draft(home).entries:
            self._stage.take_in(ROWS)


def put(state: State, root: Path) -> None:
    """Make `root` hold `state` and nothing else."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for path, leaf in state.items():
        if leaf is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(leaf.data)
            (root / path).chmod(leaf.mode)


def taken(root: Path) -> dict[str, Leaf | None]:
    """Return what `root` holds, as a state."""
    found: dict[str, Leaf | None] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        found[name] = None if path.is_dir() else Leaf(path.read_bytes(), path.stat().st_mode & 0o7777)
    return found


@contextlib.contextmanager
def fast() -> Iterator[None]:
    """Short chains of secrets, and no waiting for a disk: which bytes are durable is chosen by hand here."""
    short = partial(Chain, length=CHAIN_LENGTH)
    with patch.object(secrets, "Chain", short), patch.object(os, "fsync", lambda _: None):
        yield


def _records(ledger: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in whole_lines(ledger).splitlines()]


def _said(kind: Kind) -> str:
    return f"{len(kind.data)} bytes, {digest(kind.data)[:8]}, mode {kind.mode:o}" if isinstance(kind, Leaf) else kind
