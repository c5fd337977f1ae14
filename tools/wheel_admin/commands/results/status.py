"""`wheel-admin status`: what is published, and what the kiosk says it shows.

Invariant: two sources, never mixed. What is published is verified here; what the kiosk says is only repeated, with its
age.
"""

import msgspec

from kiosk.core.clock import SystemClock
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    FromOption,
    HomeOption,
    JsonOption,
    counted,
    examples,
    existing_home,
    reply,
    say,
)
from wheel_admin.commands.publish.published_lists import minutes, shown_reason
from wheel_admin.commands.results.from_source import say_status_from
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.kiosk_status import WAITING, KioskStatus, Report, age_in_words, read_status
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.publishing.publication import look

EPILOG = examples(
    "wheel-admin status",
    "wheel-admin status --json",
    "wheel-admin status --from sftp://pi@wheel.local/var/lib/wheel-lists",
)


class Newest(msgspec.Struct, frozen=True):
    """The newest published list that verifies."""

    generation: int
    snapshot: str
    title: str
    entries: int
    created_at: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is published and what the kiosk says.

    Attributes:
        published: null if nothing good is.
        problems: newer published files that do not verify, and why.
        kiosk: its own words, and whether they are fresh.
        shows_published: the kiosk says, freshly, that it shows the newest list.
    """

    published: Newest | None
    problems: tuple[str, ...]
    kiosk: Report
    shows_published: bool


def status(*, source: FromOption = "", home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show what is published and what the kiosk says it shows; with --from, every kiosk that writes to a source."""
    if source:
        say_status_from(source, clock=SystemClock(), as_json=as_json)
        return
    place = existing_home(home)
    shelf = look(place, read_ledger(place))
    newest = shelf.newest
    report = read_status(place, SystemClock().utc_now())
    says = report.status.snapshot if report.status else None
    answer = Answer(
        published=Newest(
            newest.generation, newest.s, newest.snapshot.title, len(newest.snapshot.entries), newest.snapshot.created_at
        )
        if newest
        else None,
        problems=tuple(f"{refusal.path.name}: {shown_reason(refusal.error)}" for refusal in shelf.refusals),
        kiosk=report,
        shows_published=report.fresh and newest is not None and _same_s(says, newest.s),
    )
    if as_json:
        reply(answer)
    else:
        _say(answer)


def _same_s(said: str | None, s: str) -> bool:
    """Compare S with what the kiosk says, which may be its first 8 digits."""
    return said is not None and len(said) >= 8 and s.startswith(said)


def _say(answer: Answer) -> None:
    published = answer.published
    if published is None:
        say("Published   nothing that verifies")
    else:
        say(f"Published   generation {published.generation}: {published.title}")
        say(f"            {counted(published.entries, 'entry', 'entries')}, on {minutes(published.created_at)} UTC")
        say(f"            snapshot digest {published.snapshot[:8]}, for auditors")
    for problem in answer.problems:
        say(f"            NOT VERIFIED {problem}")
    if answer.kiosk.problem:
        say(f"Kiosk       {answer.kiosk.problem}")
    if answer.kiosk.status is not None:
        _say_kiosk(answer.kiosk.status, answer)


def _say_kiosk(kiosk: KioskStatus, answer: Answer) -> None:
    when = f", {age_in_words(max(0, answer.kiosk.age_s))} ago" if answer.kiosk.age_s is not None else ""
    verb = "said last" if answer.kiosk.problem else "says"
    waiting = kiosk.state == WAITING
    list_shown = f"generation {kiosk.generation}" if kiosk.generation else "the sample names"
    say(f"Kiosk       {verb} it is {shown(kiosk.state)} and shows {'nothing yet' if waiting else list_shown}{when}")
    if kiosk.title:
        say(f"            {shown(kiosk.title)}")
    if kiosk.entries is not None and not waiting:
        left = f", {kiosk.left} still on the wheel" if kiosk.left is not None else ""
        spin = f", spin {kiosk.spin}" if kiosk.spin is not None else ""
        say(f"            {counted(kiosk.entries, 'entry', 'entries')}{left}{spin}")
    for requests in kiosk.waiting:
        say(f"            requests waiting: {shown(requests)}")
    for notice in kiosk.notices:
        say(f"            notice: {_whole(notice)}")
    if answer.kiosk.fresh and answer.published and not answer.shows_published and not waiting:
        if (kiosk.generation or 0) > answer.published.generation:
            say("            That list is newer than all that are here: its file is missing. Next: wheel-admin publish")
        else:
            say("            That is not the newest list: it takes it when the wheel stands still.")


def _whole(notice: str) -> str:
    """Return a notice safe for a terminal; not cut short, because its reason stands at its end."""
    return "".join(character if character.isprintable() else "?" for character in notice)
