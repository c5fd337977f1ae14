"""What the draft promises: whole at every moment, edited by one admin at a time, and only by commands that succeed."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from kiosk.core.errors import BusyError
from kiosk.draw.modes import NATURAL, NATURAL_STEP, Step, fixed, fixed_step, mixed
from tests.wheel_admin.conftest import Desk, posix_only
from wheel_admin.draft import Draft, admin_lock, edit_draft, load_draft, new_event


def test_a_block_that_fails_leaves_the_old_draft(desk: Desk) -> None:
    before = desk.home.draft.read_bytes()

    def fail_half_way() -> None:
        with edit_draft(desk.home) as editing:
            editing.draft = msgspec.structs.replace(editing.draft, event=new_event("Lost"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert desk.home.draft.read_bytes() == before


@pytest.mark.parametrize("place", ["admin", "snapshots", "trusted"])
def test_every_command_that_holds_the_lock_sweeps_all_that_the_organiser_writes(desk: Desk, place: str) -> None:
    """What a killed `init` left among the trusted keys stayed there for good."""
    litter = getattr(desk.home, place) / ".file.0123abcd.tmp"
    litter.touch()

    desk.do("title", "Another")

    assert not litter.exists()


def test_editing_sweeps_what_a_killed_writer_left(desk: Desk) -> None:
    litter = desk.home.admin / ".draft.json.0123abcd.tmp"
    litter.write_bytes(b"half a dra")
    with edit_draft(desk.home):
        pass
    assert not litter.exists()


@pytest.mark.slow
def test_a_second_admin_is_told_to_wait(desk: Desk) -> None:
    script = (
        "import sys; from pathlib import Path; from kiosk.core.home import Home\n"
        "from wheel_admin.draft import admin_lock\n"
        "with admin_lock(Home(Path(sys.argv[1]))):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(desk.home.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        error = desk.error("title", "Mine", code=5)
        assert error["message"] == f"Another wheel-admin is at work on {desk.home.root}."
        assert desk.run("show").code == 0  # reading needs no lock
        other.communicate()
    assert desk.do("title", "Mine")["title"] == "Mine"


def test_a_second_admin_waits_for_a_short_one(desk: Desk) -> None:
    holding, waiting = threading.Event(), threading.Event()

    def first() -> None:
        with admin_lock(desk.home):
            holding.set()
            waiting.wait()

    thread = threading.Thread(target=first)
    thread.start()
    holding.wait()
    with pytest.raises(BusyError), edit_draft(desk.home, wait_ms=0):
        pass
    waiting.set()
    with edit_draft(desk.home, wait_ms=600_000) as editing:
        editing.draft = msgspec.structs.replace(editing.draft, event=new_event("Second"))
    thread.join()
    assert desk.draft.title == "Second"


_KILLED_AT_THE_RENAME = """
import os, signal, sys
from pathlib import Path

rename = Path.replace

def killed(self, target):
    if target.name != "draft.json":  # the earlier draft
        return rename(self, target)
    if sys.argv[1] == "after":
        rename(self, target)
    os.kill(os.getpid(), signal.SIGKILL)

Path.replace = killed
from wheel_admin.cli.app import run
run(sys.argv[2:])
"""


@pytest.mark.slow
@posix_only
@pytest.mark.parametrize(("moment", "entries"), [("before", 2), ("after", 5)])
def test_a_killed_import_leaves_the_old_draft_or_the_new_one(
    desk: Desk, people: Callable[[int], Path], moment: str, entries: int
) -> None:
    desk.do("import", people(2))
    arguments = ["import", str(people(5)), "--replace", "--home", str(desk.home.root)]
    command = [sys.executable, "-c", _KILLED_AT_THE_RENAME, moment, *arguments]
    killed = subprocess.run(command, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(load_draft(desk.home).entries) == entries
    assert desk.do("title", "Alive")["title"] == "Alive"  # the lock died with its holder
    assert not list(desk.home.admin.glob("*.tmp"))


@pytest.mark.slow
def test_entries_are_added_removed_renamed_and_found(desk: Desk) -> None:
    desk.do("entries", "add", "0042", "  Ana   Ruiz ")
    desk.do("entries", "add", "0043", "Bo [red]Li[/red] :tada:", "--weight", "3")
    assert "Ana Ruiz" in desk.error("entries", "add", "0042", "Twin", code=4)["message"]
    assert "name contains a control character" in desk.error("entries", "add", "1", "A\x07", code=4)["message"]
    desk.do("entries", "rename", "0042", "Ana María Ruiz")
    assert [entry["ticket"] for entry in desk.do("entries", "list", "--search", "maría")["entries"]] == ["0042"]
    text = desk.run("entries", "list", "--limit", "1").out
    assert "2 of 2 entries, the first 1 shown" in text
    assert "[red]Li[/red] :tada:" in desk.run("entries", "list").out
    assert "no ticket 9" in desk.error("entries", "remove", "0042", "9", code=4)["message"]
    assert len(desk.draft.entries) == 2
    desk.do("entries", "remove", "0042", "0043")
    assert not load_draft(desk.home).entries


def test_spins_title_and_winners_are_kept(desk: Desk) -> None:
    desk.do("entries", "add", "0042", "Ana")
    desk.do("title", " Summer   draw ")
    desk.do("winners", "keep")
    desk.do("spins", "mixed", "natural", "fixed:0042:Notary: 4 May", "--then", "stop")
    expected = mixed(NATURAL_STEP, fixed_step("0042", "Notary: 4 May"), then="stop")
    assert (desk.draft.title, desk.draft.rules.win_once, desk.draft.spins) == ("Summer draw", "never", expected)
    desk.do("spins", "fixed", "0042", "--reason", "Rehearsal")
    assert desk.draft.spins == fixed("0042", "Rehearsal")
    desk.do("spins", "natural")
    assert load_draft(desk.home).spins == NATURAL


def test_a_fixed_spin_sets_the_rule_that_allows_it_and_says_so(desk: Desk) -> None:
    desk.do("entries", "add", "0042", "Ana")
    said = desk.run("spins", "fixed", "0042", "--reason", "Rehearsal").out

    assert desk.draft.rules.predetermined
    assert "everybody who checks the draw reads that" in said
    assert "predetermined" not in desk.run("spins", "natural").out
    assert not desk.draft.rules.predetermined


@pytest.mark.slow
def test_an_event_that_promised_natural_spins_keeps_its_promise(desk: Desk) -> None:
    desk.do("entries", "add", "0042", "Ana")
    desk.do("publish")

    error = desk.error("spins", "fixed", "0042", "--reason", "Rehearsal", code=4)

    assert "promised that no spin of this event is predetermined" in error["message"]
    assert "wheel-admin event new" in error["remedy"]
    desk.do("event", "new")
    desk.do("spins", "fixed", "0042", "--reason", "Rehearsal")
    assert desk.do("publish")["standing"] == "new event"


@pytest.mark.slow
def test_an_event_that_allows_fixed_spins_keeps_that_rule(desk: Desk) -> None:
    desk.do("entries", "add", "0042", "Ana")
    desk.do("spins", "fixed", "0042", "--reason", "Rehearsal")
    desk.do("publish")
    desk.do("spins", "natural")

    assert desk.draft.rules.predetermined
    assert desk.do("publish")["standing"] == "correction"


def test_a_new_event_has_an_id_of_its_own_and_keeps_the_entries(desk: Desk) -> None:
    desk.do("entries", "add", "0042", "Ana")
    before = desk.draft
    answer = desk.do("event", "new", "Winter draw")

    assert (desk.draft.event.id, desk.draft.title) == (answer["id"], "Winter draw")
    assert desk.draft.event.id != before.event.id
    assert desk.draft.entries == before.entries
    assert desk.do("event", "show")["state"] == "new"
    assert "title" in desk.error("event", "new", "x" * 121, code=4)["message"]


def test_a_title_leaves_the_event_as_it_is(desk: Desk) -> None:
    before = desk.draft.event.id
    desk.do("title", "Another")

    assert (desk.draft.event.id, desk.draft.title) == (before, "Another")


def test_a_fixed_spin_needs_a_ticket_on_the_draft_and_a_reason(desk: Desk) -> None:
    desk.do("entries", "add", "0042", "Ana")
    assert "Not on the draft: ticket 9" in desk.error("spins", "fixed", "9", "--reason", "x", code=4)["message"]
    assert "reason is missing" in desk.error("spins", "fixed", "0042", "--reason", " ", code=4)["message"]
    assert "is not a step" in desk.error("spins", "mixed", "fixed:0042", code=2)["message"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "tickets", "meant"),
    [
        ("fixed:A:1:why", ["A:1", "A"], None),
        ('fixed:"A:1":why', ["A:1", "A"], fixed_step("A:1", "why")),
        ('fixed:"A":1:why', ["A:1", "A"], fixed_step("A", "1:why")),
        ("fixed:A:1:why", ["A:1"], fixed_step("A:1", "why")),
        ("fixed:A:1:why", ["A"], fixed_step("A", "1:why")),
        ("fixed:A:1:2:why", ["A:1:2", "1"], fixed_step("A:1:2", "why")),
        ('fixed:"a ""b"":c":why: because', ['a "b":c'], fixed_step('a "b":c', "why: because")),
        ('fixed:"A":why', ['"A"'], fixed_step('"A"', "why")),
        ('fixed:"A":why', ['"A"', "A"], None),
    ],
)
def test_a_mixed_step_fixes_the_ticket_that_was_meant_or_is_refused(
    desk: Desk, step: str, tickets: list[str], meant: Step | None
) -> None:
    """`fixed:A:1:why` fixed ticket A where the organiser meant A:1."""
    for ticket in tickets:
        desk.do("entries", "add", ticket, f"Holder of {ticket}")
    if meant is None:
        error = desk.error("spins", "mixed", step, code=4)
        assert "both are on the draft" in error["message"]
        assert "in quotes" in error["remedy"]
        assert desk.draft.spins == NATURAL
    else:
        desk.do("spins", "mixed", step)
        assert desk.draft.spins == mixed(meant, then="natural")


def test_a_draft_that_is_damaged_says_what_to_do(desk: Desk) -> None:
    desk.home.draft.write_text("{")
    error = desk.error("show", code=7)
    assert "is not a wheel-draft/2" in error["message"]
    desk.home.draft.unlink()
    desk.do("init")
    assert desk.draft == Draft(event=desk.draft.event)
