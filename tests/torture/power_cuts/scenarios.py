"""What is recorded: every job in which something durable is written, done by the real programs' code.

Invariant: a job begins on a home whose every byte is durable. Each answer that a person gets is a promise in the
recording: a command that says that it is done, a frame on the screen.
"""

import contextlib
import io
import os
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import typer
from typer.core import TyperCommand

from kiosk.core.clock import ManualClock
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.devices.inputs import Action
from kiosk.screen.scene import Phase, Scene
from kiosk.snapshot.sample import SAMPLE
from tests.torture.power_cuts import headless_kiosk
from tests.torture.power_cuts.failing_calls import half_written, never_synced
from tests.torture.power_cuts.recorder import Recorder
from wheel_admin.commands.draft import event, init, settings
from wheel_admin.commands.draft import import_files as importing
from wheel_admin.commands.publish.entropy import entropy, hand_in_entropy
from wheel_admin.commands.publish.publish import publish_draft
from wheel_admin.commands.publish.published_lists import prune
from wheel_admin.commands.publish.republish import republish_generation
from wheel_admin.commands.publish.requests import request_absent, request_withdraw
from wheel_admin.draft import load_draft

ROWS = "Ticket,Name,Chances\n" + "".join(f"E{n:04d},Person {n},{1 + n % 3}\n" for n in range(1, 21))
MORE_ROWS = ROWS + "E0021,Person 21,1\nE0022,,2\n"
"""A longer list, whose last row is rejected."""

DICE = "dice:3.1.6.6.2.4.1.1.2.5"

ADMINS = ("admin", "snapshots", "kiosk/trusted")
"""What a command of the organiser promises."""
KIOSKS = ("kiosk",)
"""What a frame on the screen promises: but for the keys that the organiser puts there, the status, and the lock."""

_ALONE = typer.Context(TyperCommand("import"))
"""What a command is called with that nobody has prepared."""


@dataclass(slots=True)
class Stage:
    """One home, and everybody who works on it, in one process.

    Attributes:
        root: the directory that is recorded; the home is in it.
        recorder: takes the promises; None while a job is prepared.
        clock: everybody's.
        random_bytes: where the kiosk's secrets come from.
    """

    root: Path
    random_bytes: Callable[[int], bytes]
    recorder: Recorder | None = None
    clock: ManualClock = field(default_factory=ManualClock)

    @property
    def home(self) -> Home:
        """The home."""
        return Home(self.root / "home")

    @property
    def public(self) -> Path:
        """Where public manifests go."""
        return self.root / "public" / "lists"

    @property
    def copies(self) -> Path:
        """Where an auditor keeps lists that the home has lost."""
        return self.root / "copies"

    def init(self) -> None:
        """`wheel-admin init`."""
        with self._command("init"):
            init.init(passphrase=False, home=self.home.root)

    def take_in(self, rows: str, *, rejects: bool = False) -> None:
        """`wheel-admin import`."""
        file = self.root.with_suffix(".csv")
        file.write_text(rows)
        with self._command("import", *(["rejects.csv"] if rejects else [])):
            asked = self.root / "rejects.csv" if rejects else None
            importing.import_files(_ALONE, [file], replace=True, rejects=asked, home=self.home.root)

    def title(self, text: str) -> None:
        """`wheel-admin title`."""
        with self._command("title"):
            settings.title(text, home=self.home.root)
        if load_draft(self.home).title != text:
            raise AssertionError("the title was said to be set, and is not")

    def new_event(self) -> None:
        """`wheel-admin event new`."""
        with self._command("event new"):
            event.new(home=self.home.root)

    def publish(self, *, public: bool = False) -> None:
        """`wheel-admin publish`."""
        with self._command("publish", *(["public"] if public else [])):
            where = self.public if public else None
            publish_draft(self.home, clock=self.clock, dry_run=False, force=False, public=where)

    def republish(self, generation: int) -> None:
        """`wheel-admin republish`."""
        with self._command("republish"):
            republish_generation(self.home, generation, clock=self.clock, force=False)

    def prune(self, keep: int) -> None:
        """`wheel-admin prune`."""
        with self._command("prune"):
            prune(keep=keep, home=self.home.root)

    def entropy(self, text: str) -> None:
        """`wheel-admin entropy`."""
        with self._command("entropy"):
            hand_in_entropy(self.home, text, clock=self.clock)

    def plan(self, item: str) -> None:
        """`wheel-admin entropy plan`."""
        with self._command("entropy plan"):
            entropy(["plan", item], home=self.home.root)

    def withdraw(self, ticket: str) -> None:
        """`wheel-admin withdraw`."""
        with self._command("withdraw"):
            request_withdraw(self.home, ticket, "asked to be left out")

    def absent(self) -> None:
        """`wheel-admin absent`."""
        with self._command("absent"):
            request_absent(self.home, None, "")

    def kiosk(self, script: headless_kiosk.Script) -> None:
        """`wheel-kiosk run`."""
        headless_kiosk.run(
            self.home,
            script,
            clock=self.clock,
            random_bytes=self.random_bytes,
            presented=self._see,
        )

    def kill_while_spinning(self) -> None:
        """`wheel-kiosk run`, killed as soon as the wheel turns."""

        def presented(scene: Scene) -> None:
            if scene.phase is Phase.TURNING:
                raise _Killed

        with contextlib.suppress(_Killed):
            headless_kiosk.run(
                self.home, headless_kiosk.spin(1), clock=self.clock, random_bytes=self.random_bytes, presented=presented
            )

    def _see(self, scene: Scene) -> None:
        """Look at a frame: what it shows is a promise, and a wheel that turns turns towards a recorded result."""
        records = self.home.ledger.read_bytes()
        draws = scene.title != SAMPLE.snapshot.title  # spins of the sample names are no draws
        if draws and scene.phase is Phase.TURNING and records.count(_RESULT) == records.count(_SHOWN):
            raise ShownTooEarly("the wheel turns, and its result is not in the ledger")
        self._promise("a frame", *KIOSKS)

    @contextlib.contextmanager
    def _command(self, name: str, *written: str) -> Generator[None, None, None]:
        """Run a command of the organiser; what it answers, also that there is nothing to do, is a promise."""
        self.clock.advance_ns(10**9)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(RefusedError):
            yield
        self._promise(f"wheel-admin {name}", *ADMINS, *written)

    def _promise(self, what: str, *below: str) -> None:
        if self.recorder is not None:
            self.recorder.promise(what, *(part if part in _BESIDE else f"home/{part}" for part in below))


class ShownTooEarly(BaseException):
    """A frame shows what is not recorded yet. No `Exception`: the kiosk goes on after a frame that fails."""


class _Killed(BaseException):
    """Stands for SIGKILL."""


_RESULT, _SHOWN = b'"type":"result"', b'"type":"shown"'
_BESIDE = ("rejects.csv", "public")
"""What is written beside the home."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is recorded.

    Attributes:
        name: for people.
        before: makes the home that it begins on.
        work: what is recorded.
        again: what somebody does after a kill in the middle of it, when the machine goes on running.
        lost: a list or a secret is missing from the start, and the ledger may say so.
    """

    name: str
    before: Callable[[Stage], None]
    work: Callable[[Stage], None]
    again: Callable[[Stage], None]
    lost: bool = False


def _nothing(stage: Stage) -> None:
    del stage


def _init(stage: Stage) -> None:
    stage.init()


def _draft(stage: Stage) -> None:
    stage.init()
    stage.take_in(ROWS)


def _published(stage: Stage) -> None:
    _draft(stage)
    stage.publish()


def _adopted(stage: Stage) -> None:
    _published(stage)
    stage.kiosk(headless_kiosk.spin(1))


def _second_list(stage: Stage) -> None:
    """Leave two secrets, one of them superseded."""
    _adopted(stage)
    stage.title("Second")
    stage.publish()
    stage.kiosk(headless_kiosk.spin(1))


def _three_lists(stage: Stage) -> None:
    _adopted(stage)
    for title in ("Second", "Third"):
        stage.title(title)
        stage.publish()
    stage.kiosk(headless_kiosk.spin(1))


def _import(stage: Stage) -> None:
    stage.take_in(MORE_ROWS, rejects=True)
    stage.title("Another title")


def _publish(stage: Stage) -> None:
    stage.title("Second")
    stage.publish(public=True)
    stage.republish(1)


def _publish_again(stage: Stage) -> None:
    stage.publish(public=True)


def _prune(stage: Stage) -> None:
    stage.prune(1)


def _spin(stage: Stage) -> None:
    stage.kiosk(headless_kiosk.spin(1))


def _spin_twice(stage: Stage) -> None:
    stage.kiosk(headless_kiosk.spin(2))


def _everything(stage: Stage) -> None:
    """A list with entropy, an absent winner and a withdrawal while the kiosk runs, then the next list."""

    def script(kiosk: headless_kiosk.Scripted) -> Generator[Action | None, None, None]:
        stage.plan("dice")
        stage.publish()
        headless_kiosk.look(kiosk)
        yield None
        stage.entropy(DICE)
        headless_kiosk.look(kiosk)
        yield None
        yield Action.SPIN
        stage.absent()
        stage.withdraw("E0002")
        headless_kiosk.look(kiosk)
        yield None
        yield Action.SPIN
        stage.plan("none")
        stage.title("Second")
        stage.publish()
        headless_kiosk.look(kiosk)
        yield None
        yield Action.SPIN
        yield None

    stage.kiosk(script)


def _with_a_bad_file(stage: Stage) -> None:
    _adopted(stage)
    stage.home.snapshot(9).write_bytes(b"no list")


def _full_disk(stage: Stage) -> None:
    """Press while the disk takes half a record, and while it takes all but cannot sync it; each time go on in peace.

    What comes after the record that failed is shorter: bytes that were not taken back would show behind it.
    """

    def script(kiosk: headless_kiosk.Scripted) -> Generator[Action | None, None, None]:
        for ticket, call, failing in (("E0001", "write", half_written), ("E0002", "fsync", never_synced)):
            with patch.object(os, call, failing(getattr(os, call))):
                yield Action.SPIN
            stage.withdraw(ticket)
            headless_kiosk.look(kiosk)
            yield None
        yield Action.SPIN
        yield None

    stage.kiosk(script)


def _list_lost(stage: Stage) -> None:
    """Leave a spin that is decided and not shown, and no list to show it with."""
    _adopted(stage)
    stage.kill_while_spinning()
    stage.copies.mkdir()
    for path in stage.home.snapshots.iterdir():
        path.rename(stage.copies / path.name)
    for path in stage.home.adopted.iterdir():
        path.unlink()


def _torn(stage: Stage) -> None:
    """Leave what a power cut within a record, and one within a checkpoint, left."""
    _adopted(stage)
    # Longer than what is written in its place. Its first sector never reached the disk, its end did.
    torn = bytes(100) + b'"a line":"whose begin was lost","and":"' + b"which is long " * 30 + b'"}\n'
    for path in (stage.home.ledger, stage.home.checkpoints):
        path.write_bytes(path.read_bytes() + torn)


def _secret_lost(stage: Stage) -> None:
    _adopted(stage)
    for path in (*stage.home.secrets.iterdir(), *stage.home.secrets_again.iterdir()):
        path.unlink()


def _fresh_books(stage: Stage) -> None:
    """Leave a kiosk that keeps its key and starts a new ledger, as the remedy for a broken ledger says."""
    _adopted(stage)
    stage.home.ledger.unlink()
    stage.home.checkpoints.unlink()


JOBS = (
    Job("init", _nothing, _init, _init),
    Job("init, then a kiosk", _nothing, _init, _spin),
    Job("import", _draft, _import, _import),
    Job("publish", _published, _publish, _publish_again),
    Job("prune", _three_lists, _prune, _prune),
    Job("first start", _published, _spin_twice, _spin),
    Job("sample names", _nothing, _spin, _spin),
    Job("spins", _second_list, _spin_twice, _spin),
    Job("a day's work", _with_a_bad_file, _everything, _spin),
    Job("a full disk", _adopted, _full_disk, _spin),
    Job("torn records", _torn, _spin, _spin),
    Job("a lost secret", _secret_lost, _spin, _spin, lost=True),
    Job("a lost list", _list_lost, _spin, _spin, lost=True),
    Job("fresh books", _fresh_books, _spin, _spin, lost=True),
)
"""Every job, in the order of a day."""

os.environ.setdefault("WHEEL_LOCK_WAIT_MS", "0")
