"""Every state of every job: after each operation, and after a kill there and a second start.

Invariant: a state is looked at once, however many moments lead to it, and is held against the strictest of their
duties.
"""

import hashlib
import os
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.power_cuts.checks import (
    LEDGER,
    Duty,
    Lab,
    State,
    bytes_problems,
    decided,
    duties,
    fast,
    kind_of,
    put,
    taken,
)
from tests.torture.power_cuts.disk import Disk, Leaf, Operation
from tests.torture.power_cuts.recorder import Recorder
from tests.torture.power_cuts.scenarios import Job, Stage

_MEMORY = Path("/dev/shm")  # noqa: S108 - a disk in memory, if the system has it
_RANDOM_NAME = re.compile(rb"\.[0-9a-f]{8}\.tmp")


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded of a job.

    Attributes:
        before: what lay on the disk at the start, all of it durable.
        operations: what happened.
        killed_after: how many of them happened before a kill and a second start; None if nobody was killed.
    """

    job: Job
    before: State
    operations: tuple[Operation, ...]
    killed_after: int | None = None

    @property
    def name(self) -> str:
        """For people."""
        return self.job.name if self.killed_after is None else f"{self.job.name}, killed after {self.killed_after}"


@dataclass(slots=True)
class Tally:
    """What was found.

    Attributes:
        states: the fingerprints of those whose bytes were looked at.
        started: on how many of them the programs were started.
        bad: those in which something did not hold, and what.
    """

    states: set[bytes] = field(default_factory=set)
    started: int = 0
    bad: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add what was found elsewhere."""
        self.states |= other.states
        self.started += other.started
        self.bad += other.bad


def record(job: Job) -> Recording:
    """Record a job on a disk of its own."""
    with _place() as root, fast():
        stage = Stage(root, _counted_bytes("recorded"))
        job.before(stage)
        before = taken(root)
        stage.recorder = Recorder(root)
        with stage.recorder.recording():
            job.work(stage)
    return Recording(job, before, tuple(stage.recorder.operations))


def kill(recording: Recording, after: int) -> Recording:
    """Record the second start after a kill that came after so many operations; the machine went on running."""
    disk = Disk(recording.before)
    for operation in recording.operations[:after]:
        disk.apply(operation)
    with _place() as root, fast():
        put(disk.seen(), root)
        stage = Stage(root, _counted_bytes("after a kill"))
        stage.clock.advance_ns(3600 * 10**9)
        stage.recorder = Recorder(root)
        with stage.recorder.recording():
            recording.job.again(stage)
    operations = (*recording.operations[:after], *stage.recorder.operations)
    return Recording(recording.job, recording.before, operations, after)


def kills(recording: Recording, *, most: int | None = None, seed: int = 0) -> Iterator[Recording]:
    """Yield what follows a kill after each operation, or after `most` of them."""
    points = range(1, len(recording.operations))
    chance = random.Random(f"{seed} {recording.name}")  # noqa: S311 - a sample
    chosen = points if most is None else sorted(chance.sample(points, min(most, len(points))))
    for after in chosen:
        yield kill(recording, after)


def states(recording: Recording, *, fine: bool) -> dict[bytes, tuple[State, Duty]]:
    """Return each state that a power cut may leave of a recording, by its fingerprint, and what must hold for it.

    Args:
        recording: of a job; after a kill, only what may be left from then on.
        fine: cut an added line at every byte, not only at a few.
    """
    return {fingerprint(state): (state, duty) for state, duty in moments(recording, fine=fine)}


def moments(recording: Recording, *, fine: bool) -> Iterator[tuple[State, Duty]]:
    """Yield the states after each operation, in order; most of them come several times, with rising duties."""
    disk = Disk(recording.before)
    owed = duties(recording.before, recording.operations, lost=recording.job.lost)
    for number, duty in enumerate(owed):
        if number:
            disk.apply(recording.operations[number - 1])
        if number >= (recording.killed_after or 0):
            for state in disk.states(fine=fine):
                yield state, duty


def fingerprint(state: State) -> bytes:
    """Return what tells states apart; temporary files have random names."""
    told = hashlib.blake2b(digest_size=16)
    for path, leaf in state.items():
        told.update(_RANDOM_NAME.sub(b".tmp", path.encode()) + b"\0")
        told.update(b"/" if leaf is None else b"%o %d " % (leaf.mode, len(leaf.data)) + leaf.data)
    return told.digest()


def examine(recording: Recording, *, every: int = 1, fine: bool = True, seed: int = 0) -> Tally:
    """Look at the bytes of all states of a recording, and start the programs on some.

    Args:
        recording: of a job.
        every: the programs are started on one state in so many.
        fine: cut an added line at every byte, not only at a few.
        seed: chooses the ones that the programs are started on.
    """
    tally = Tally()
    chance = random.Random(f"{seed} {recording.name}")  # noqa: S311 - a sample
    with starting(recording) as start:
        for known, (state, duty) in states(recording, fine=fine).items():
            tally.states.add(known)
            problems = list(bytes_problems(state, duty))
            if not problems and chance.randrange(every) == 0:
                tally.started += 1
                problems = list(start(state))
            tally.bad += [f"{recording.name}: {problem}" for problem in problems[:1]]
    return tally


@contextmanager
def starting(recording: Recording) -> Iterator[Callable[[State], Iterator[str]]]:
    """Yield a function that starts the programs on a state of the recording, and says what goes wrong."""
    expected = decided(_ledger(recording))
    with _place() as root, fast():
        lab = Lab(Stage(root, _counted_bytes("after a power cut")))
        yield lambda state: lab.program_problems(state, expected=expected, lost=recording.job.lost)


def _ledger(recording: Recording) -> bytes:
    disk = Disk(recording.before)
    for operation in recording.operations:
        disk.apply(operation)
    leaf = kind_of(disk.seen(), LEDGER)
    return leaf.data if isinstance(leaf, Leaf) else b""


def _counted_bytes(when: str) -> Callable[[int], bytes]:
    """Return a source of entropy that repeats in every run, and never within one: no secret is ever made twice."""
    calls = iter(range(1 << 30))
    return lambda size: hashlib.sha256(f"{when}, call {next(calls)}".encode()).digest()[:size]


@contextmanager
def _place() -> Iterator[Path]:
    """Yield an empty directory, in memory where the system has that."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as directory:
        root = Path(directory) / "disk"
        root.mkdir()
        yield root
