"""`wheel-admin start people.xlsx`: from a list to the wheel with one command.

Invariant: it does nothing that `init`, `import`, `title`, `show` and `publish` do not do, in that order, and a step
that is refused leaves what the steps before it did. On a terminal it asks one question for each step, anywhere else
none.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import SystemClock
from kiosk.core.errors import RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.core.text_rules import clean
from kiosk.snapshot.model import Event
from wheel_admin.cli import asked
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    YesOption,
    counted,
    examples,
    home_at,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.cli.reading import reader_of
from wheel_admin.commands.draft import import_files, init
from wheel_admin.commands.draft.event import refuse_title
from wheel_admin.commands.draft.import_files import ImportJob, Mode
from wheel_admin.commands.draft.show import show_draft
from wheel_admin.commands.publish.publication_answer import Published, say_published
from wheel_admin.commands.publish.publish import publish_draft
from wheel_admin.commands.publish.send import refuse_unsent, send_everywhere
from wheel_admin.draft import DEFAULT_TITLE, edit_draft, load_draft
from wheel_admin.importing.settings import Settings, quoted
from wheel_admin.ledger_report.kiosk_status import read_status

EPILOG = examples(
    "wheel-admin start people.xlsx",
    'wheel-admin start people.xlsx --title "Summer draw 2026"',
    "wheel-admin start - --yes < names.txt",
)


class Started(msgspec.Struct, frozen=True):
    """What `start` did: the home that it made (null if there was one), the import, and what was published."""

    made: init.Answer | None
    imported: import_files.Answer
    published: Published


def start(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", show_default=False, help="Workbooks or text files; - for pasted text."),
    ],
    *,
    title: Annotated[str, typer.Option(show_default=False, help="The title to show.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace the draft's entries, if it has some.")] = False,
    append: Annotated[bool, typer.Option("--append", help="Add to the draft's entries, if it has some.")] = False,
    yes: YesOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Put a list of people on the wheel: init, import, show and publish in one go.

    On a terminal it asks before each step. A file that can be read in several ways is asked about, or refused with
    the command that reads it.
    """
    if replace and append:
        raise UsageError("--replace and --append exclude each other.", remedy="Give one of them.")
    if title:
        refuse_title(clean(title))
    asking = not yes and not as_json and asked.can_ask()
    place = home_at(home)
    made = None if place.draft.exists() else _make(place, asking=asking, quiet=as_json)
    mode = _mode(place, replace=replace, append=append, asking=asking)
    job = ImportJob(tuple(files), Settings(), replace=mode is Mode.REPLACE, append=mode is Mode.APPEND)
    with reader_of(context) as reader:
        imported = import_files.import_into(place, job, reader, ask=asked.ask if asking else None)
    if not as_json:
        import_files.say_imported(imported)
    _set_title(place, clean(title) or (_ask_title(place) if asking else ""))
    if not as_json:
        say()
        show_draft(place, next_step=False)
    if asking:
        _ask_to_publish()
    agree = _agreed if asking else asked.agree_to_doubts(yes=yes, as_json=as_json)
    published = publish_draft(place, clock=SystemClock(), dry_run=False, force=False, agree=agree)
    sent = send_everywhere(place, [], clock=SystemClock(), wait=False)
    published = msgspec.structs.replace(published, sent=sent if sent.targets else None)
    if as_json:
        reply(Started(made, imported, published))
    else:
        say_published(published)
        _say_next(place)
    if published.sent:
        refuse_unsent(published.sent, as_json=as_json)


def _make(home: Home, *, asking: bool, quiet: bool) -> init.Answer:
    if asking and not asked.confirm(f"There is no wheel home at {home.root}. Make one there?"):
        raise RefusedError("Nothing was made.", remedy="Name another directory with --home.")
    made = init.make_home(home)
    if not quiet:
        init.say_made(made)
        say()
    return made


def _mode(home: Home, *, replace: bool, append: bool, asking: bool) -> Mode:
    """Return what becomes of the entries that the draft has; where nobody says it, `import` refuses."""
    if replace or append:
        return Mode.APPEND if append else Mode.REPLACE
    held = len(load_draft(home).entries)
    if not held:
        return Mode.REPLACE
    if not asking:
        raise UsageError(
            f"The draft has {counted(held, 'entry', 'entries')} already. Nothing was imported.",
            remedy="Say --replace to drop them, or --append to keep them.",
        )
    say(f"The draft has {counted(held, 'entry', 'entries')} already.")
    number = asked.choose(["replace them by the list in the file", "keep them, and add the list in the file"])
    return Mode.REPLACE if number == 1 else Mode.APPEND


def _ask_title(home: Home) -> str:
    title = load_draft(home).title
    return clean(asked.text("Title on the screen", default=title)) if title == DEFAULT_TITLE else ""


def _set_title(home: Home, title: str) -> None:
    if title:
        refuse_title(title)
        with edit_draft(home, wait_ms=lock_wait_ms()) as editing:
            editing.draft = msgspec.structs.replace(editing.draft, event=Event(editing.draft.event.id, title))


def _ask_to_publish() -> None:
    if not asked.confirm("Put this list on the wheel?"):
        raise RefusedError(
            "Nothing was published. The draft keeps the list.",
            remedy="Change it with wheel-admin entries, or take the import back with wheel-admin undo. "
            "Then: wheel-admin publish",
        )


def _agreed(_doubts: Sequence[str]) -> None:
    """Go on: the receipt of the import showed these doubts, and the last question was about the list with them."""


def _say_next(home: Home) -> None:
    elsewhere = "" if home == home_at(DEFAULT_HOME) else f" --home {quoted(str(home.root))}"
    say()
    if read_status(home, SystemClock().utc_now()).fresh:
        say("The kiosk is running, and shows the list as soon as the wheel stands still.")
    else:
        say("Next, show the wheel. In the window, space spins and Esc leaves:")
        say(f"  wheel-kiosk run --window 1280x720{elsewhere}")
    say("To change it: wheel-admin entries, or wheel-admin undo, and then wheel-admin publish.")
