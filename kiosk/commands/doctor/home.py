"""Checks of the home: settings, permissions, trusted keys, lists, ledger."""

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path

from kiosk.commands.doctor.finding import Finding, note, ok, wrong
from kiosk.commands.doctor.machine import SERVICE, ExaminedMachine
from kiosk.core.errors import WheelError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.permissions import secret_files, wrong_modes
from kiosk.core.regular_files import read_file
from kiosk.intake.snapshot_files import Floor, candidates, newest_good, within_reason
from kiosk.ledger.history import History
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from kiosk.ledger.reader import fold, read_records


def settings(machine: ExaminedMachine) -> Iterator[Finding]:
    """Is kiosk.toml valid?"""
    for problem in machine.loaded.problems:
        yield wrong(
            "settings",
            str(problem),
            f"sudo nano {machine.home.settings}    then: wheel-kiosk config check; sudo systemctl restart {SERVICE}",
        )
    if not machine.loaded.problems:
        yield ok("settings", f"{len(machine.loaded.sources)} keys are set")


def permissions(machine: ExaminedMachine) -> Iterator[Finding]:
    """May the kiosk use its home, and nobody else read its secrets?"""
    home, user, bad = machine.home, machine.user, False
    again = "sudo systemd-tmpfiles --create /etc/tmpfiles.d/wheel-kiosk.conf"
    for path, rights, what in (
        (home.kiosk, "rwx", "write its own files in"),
        (home.snapshots, "rx", "read the lists in"),
        (home.trusted, "rx", "read the trusted keys in"),
    ):
        if not path.is_dir():
            bad = True
            yield wrong("permissions", f"{path} is not there", f"wheel-admin init --home {home.root}    or: {again}")
        elif not machine.may(path, rights):
            bad = True
            yield wrong("permissions", f"{user} may not {what} {path}", again)
    exposed = [path for path in secret_files(home) if _mode(path) & 0o077]
    for path in exposed:
        bad = True
        yield wrong("permissions", f"others may read {path}, which must stay secret", f"sudo chmod 600 {path}")
    for path, found, expected in wrong_modes(home):
        if path not in exposed:
            bad = True
            yield wrong("permissions", f"{path} has mode {found:04o}", f"sudo chmod {expected:04o} {path}")
    for path in (home.draft, *_files(home.snapshots), *_files(home.adopted)):
        if _mode(path) & 0o007 and _mode(home.root / path.relative_to(home.root).parts[0]) & 0o001:
            bad = True
            yield wrong("permissions", f"everybody on this machine may read {path}", f"sudo chmod o= {path}")
            break
    if not bad:
        yield ok("permissions", f"the kiosk runs as {user}")


def _files(directory: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted(path for path in directory.iterdir() if path.is_file())
    return []


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def trust(machine: ExaminedMachine) -> Iterator[Finding]:
    """Are keys trusted, and is a list published that one of them signed?"""
    home = machine.home
    try:
        keys = load_trusted_keys(home.trusted)
    except WheelError as error:
        yield wrong("trust", error.message, f"sudo ls -l {home.trusted}    and remove files that are not keys of yours")
        return
    if not keys:
        yield wrong("trust", "no key is trusted: no list can be shown", f"wheel-admin init --home {home.root}")
        return
    history = _history(home)
    floor = Floor(history.generation, history.s) if history else Floor()
    published, refusals = newest_good(within_reason(candidates(home.snapshots)), keys=keys, floor=floor)
    for refusal in refusals:
        yield wrong("trust", f"{refusal.path.name} is refused: {refusal.error.message}", "wheel-admin publish --force")
    if published is None and not refusals:
        yield note(
            "trust",
            "no list is published: sample names are shown",
            "wheel-admin import people.xlsx; wheel-admin publish",
        )
    elif not refusals and published is not None:
        yield ok("trust", f"generation {published.generation}, signed by a trusted key")


def _history(home: Home) -> History | None:
    try:
        return fold(read_records(read_file(home.ledger, limit=MAX_LEDGER_BYTES)))
    except (OSError, WheelError):
        return None


def ledger(machine: ExaminedMachine) -> Iterator[Finding]:
    """Does the ledger's chain hold?"""
    path = machine.home.ledger
    try:
        data = read_file(path, limit=MAX_LEDGER_BYTES)
    except FileNotFoundError:
        yield ok("ledger", "none yet")
        return
    except OSError as error:
        yield wrong("ledger", f"{path} cannot be read: {error.strerror}", f"sudo ls -l {path}")
        return
    try:
        count = sum(1 for _ in read_records(data, name=str(path)))
    except WheelError as error:
        yield wrong("ledger", error.message, "wheel-admin verify    and then RUNBOOK.md, 'The ledger is broken'")
    else:
        yield ok("ledger", f"{count} records, and their chain holds")
