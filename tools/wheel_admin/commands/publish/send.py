"""`wheel-admin send` and `wheel-admin targets`: bring targets up to date, and say which kiosks have taken the list.

Invariant: a target that cannot be reached stops no other one, and nothing that is published here depends on it.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import NS_PER_S, Clock, SystemClock
from kiosk.core.errors import HomeError, RefusedError, WheelError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    counted,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.draft import admin_lock
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.kiosk_status import KioskStatus, age_in_words
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.ledger_report.remote import age_s, statuses
from wheel_admin.publishing import targets as targets_file
from wheel_admin.publishing.publication import look

SEND_EPILOG = examples("wheel-admin send", "wheel-admin send --to sftp://pi@wheel.local/var/lib/wheel-lists --wait")
TARGETS_EPILOG = examples("wheel-admin targets", "wheel-admin targets --remove s3://our-bucket/wheel")
WAIT_S = 60
"""How long `--wait` waits: a kiosk asks every 5 s, and writes its status every 30 s."""
_LOOK_NS = 2 * NS_PER_S

ToOption = Annotated[
    list[str],
    typer.Option(
        "--to",
        metavar="URL",
        show_default=False,
        help="Send it there too, now and from now on: a folder, sftp://USER@HOST/FOLDER or s3://BUCKET/FOLDER.",
    ),
]
WaitOption = Annotated[bool, typer.Option("--wait", help=f"Wait up to {WAIT_S} s, and say which kiosks have taken it.")]


class Sent(msgspec.Struct, frozen=True):
    """A target: how many files were sent there, or why it could not be brought up to date."""

    url: str
    files: int
    problem: str = ""


class Taken(msgspec.Struct, frozen=True):
    """A kiosk that writes its status to a target; `shows` is what it shows, in words."""

    kiosk: str
    taken: bool
    shows: str


class Answer(msgspec.Struct, frozen=True):
    """What was sent, and, with --wait, which kiosks have taken it."""

    targets: tuple[Sent, ...]
    kiosks: tuple[Taken, ...] = ()


def send(
    *,
    to: ToOption = [],  # noqa: B006 - typer copies it
    wait: WaitOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Send the published lists and requests to every target: after a failure, or after a request.

    Targets are remembered: what is published later goes there too.
    """
    place = existing_home(home)
    answer = send_everywhere(place, to, clock=SystemClock(), wait=wait)
    if not answer.targets:
        raise RefusedError("No target is known.", remedy="Name one: wheel-admin send --to URL")
    if as_json:
        reply(answer)
    else:
        say_sent(answer)
    refuse_unsent(answer, as_json=as_json)


def targets(
    *,
    remove: Annotated[str, typer.Option(metavar="URL", show_default=False, help="Forget this target.")] = "",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Show where lists are published besides this home, or forget a target. Nothing there is deleted."""
    place = existing_home(home)
    with admin_lock(place, wait_ms=lock_wait_ms()):
        known = targets_file.load_targets(place)
        if remove:
            url = targets_file.normal_target(remove)
            if url not in known:
                raise RefusedError(f"{url} is not a target.", remedy="wheel-admin targets lists them.")
            known = tuple(one for one in known if one != url)
            targets_file.save_targets(place, known)
    if as_json:
        reply(targets_file.Targets(urls=known))
        return
    for url in known:
        say(url)
    if not known:
        say("No target is known: lists are published in this home only.")


def send_everywhere(home: Home, to: Sequence[str], *, clock: Clock, wait: bool) -> Answer:
    """Remember the targets in `to`, and bring all known ones up to date.

    Raises:
        UsageError: one of `to` is not a target.
        BusyError, HomeError: the home cannot be used.
    """
    named = tuple(targets_file.normal_target(url) for url in to)
    with admin_lock(home, wait_ms=lock_wait_ms()):
        urls = tuple(dict.fromkeys((*targets_file.load_targets(home), *named)))
        targets_file.save_targets(home, urls)
    keys, sent = load_trusted_keys(home.trusted), []
    for url in urls:
        try:
            sent.append(Sent(url, targets_file.send(home, url, keys, clock)))
        except WheelError as error:
            sent.append(Sent(url, 0, str(error)))
    reached = [one.url for one in sent if not one.problem]
    return Answer(tuple(sent), _wait(home, reached, clock) if wait and reached else ())


def refuse_unsent(answer: Answer, *, as_json: bool) -> None:
    """Raise an error if a target was not reached; with `as_json` only the exit code, because the answer has the rest.

    Raises:
        HomeError: one was not.
    """
    missed = [one for one in answer.targets if one.problem]
    if missed and as_json:
        raise typer.Exit(HomeError.exit_code)
    if missed:
        more = f" ({len(missed) - 1} more)" if len(missed) > 1 else ""
        raise HomeError(f"{missed[0].problem}{more}")


def say_sent(answer: Answer) -> None:
    """Write the answer for the organiser."""
    for one in answer.targets:
        if not one.problem:
            say(f"sent to {one.url}: {counted(one.files, 'file')}" if one.files else f"{one.url} is up to date")
    for kiosk in answer.kiosks:
        say(f"kiosk {kiosk.kiosk}  {'has taken it' if kiosk.taken else 'HAS NOT TAKEN IT'}: {kiosk.shows}")
    if any(not kiosk.taken for kiosk in answer.kiosks):
        say("A kiosk takes a list when its wheel stands still. If it does not: wheel-kiosk doctor on the Pi says why.")


def _wait(home: Home, urls: Sequence[str], clock: Clock) -> tuple[Taken, ...]:
    newest = look(home, read_ledger(home)).newest
    s = newest.s if newest else ""
    until_ns = clock.monotonic_ns() + WAIT_S * NS_PER_S
    while True:
        taken = tuple(kiosk for url in urls for kiosk in _taken(url, s, clock))
        if (taken and all(kiosk.taken for kiosk in taken)) or clock.monotonic_ns() >= until_ns:
            return taken
        clock.sleep_ns(_LOOK_NS)


def _taken(url: str, s: str, clock: Clock) -> list[Taken]:
    transport = targets_file.reach(url, clock)
    try:
        return [
            Taken(folder, bool(status and s and status.snapshot == s), _shows(status, clock))
            for folder, status in statuses(transport)
        ]
    except WheelError:
        return []
    finally:
        transport.close()


def _shows(status: KioskStatus | None, clock: Clock) -> str:
    if status is None:
        return "its status cannot be understood"
    age = age_s(status, clock.utc_now())
    when = f", {age_in_words(max(0, age))} ago" if age is not None else ""
    notice = f"; {shown(status.notices[0])}" if status.notices else ""
    return f"it shows generation {status.generation or 0}{when}{notice}"
