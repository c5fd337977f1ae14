"""`wheel-admin publish`: sign the draft and put it where the kiosk looks.

Invariant: it says "published" only after it has read the files back and verified them with the keys that the kiosk
trusts.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import Clock, SystemClock
from kiosk.core.durable import PUBLIC, make_directory, write_atomic
from kiosk.core.errors import HomeError, RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.draw.modes import fixed_steps
from kiosk.intake import snapshot_files as store
from kiosk.snapshot.model import Names
from wheel_admin.cli import asked
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    DryRunOption,
    ForceOption,
    HomeOption,
    JsonOption,
    YesOption,
    absolute,
    examples,
    existing_home,
    home_at,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.commands.publish.publication_answer import Published, say_published
from wheel_admin.commands.publish.republish import undo_publication
from wheel_admin.commands.publish.send import ToOption, WaitOption, refuse_unsent, send_everywhere
from wheel_admin.draft import Draft, edit_draft
from wheel_admin.importing.rows.plausibility import doubts
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.prizes import warnings as prize_warnings
from wheel_admin.publishing.known_keys import meet_kiosk
from wheel_admin.publishing.manifest import receipt_secret, signed_manifest
from wheel_admin.publishing.publication import (
    Shelf,
    look,
    names_of,
    published_names,
    put_on_shelf,
    refuse_broken,
    refuse_missing_pictures,
    refuse_rewriting,
    refuse_unchanged,
    snapshot_of,
    standing_of,
)
from wheel_admin.publishing.signing_key import load_signing_key
from wheel_admin.publishing.targets import normal_target

Agree = Callable[[Sequence[str]], None]
EPILOG = examples(
    "wheel-admin publish --dry-run",
    "wheel-admin publish",
    "wheel-admin publish --public ~/website",
    "wheel-admin publish --to sftp://pi@wheel.local/var/lib/wheel-lists --wait",
)


def publish(
    *,
    dry_run: DryRunOption = False,
    force: ForceOption = False,
    yes: YesOption = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Publish the list before again instead, and make the draft that list.")
    ] = False,
    public: Annotated[
        Path | None,
        typer.Option(show_default=False, help="Directory for the public manifest and a page that checks it; no names."),
    ] = None,
    to: ToOption = [],  # noqa: B006 - typer copies it
    wait: WaitOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Sign the draft as a new generation and hand it to the kiosk.

    The kiosk shows it as soon as the wheel stands still. A published list is never changed: publish again instead.
    Within the same event that is a correction: winners stay winners. `wheel-admin event new` starts another draw.
    What looks doubtful about the people on it is asked on a terminal; anywhere else it needs --yes.
    """
    place, manifests = home_at(home), absolute(public) if public is not None else None
    targets = [normal_target(url) for url in to]  # before anything is published
    clock = SystemClock()
    undone = 0
    if undo:
        if dry_run or force or public is not None:
            raise UsageError("--undo goes with no --dry-run, --force or --public.", remedy="Publish --undo first.")
        answer, undone = undo_publication(existing_home(home), clock=clock)
    else:
        agree = asked.agree_to_doubts(yes=yes, as_json=as_json)
        answer = publish_draft(
            place, clock=clock, dry_run=dry_run, force=force, public=manifests, again=bool(targets), agree=agree
        )
    if not dry_run:
        sent = send_everywhere(place, targets, clock=clock, wait=wait)
        answer = msgspec.structs.replace(answer, sent=sent if sent.targets else None)
    if as_json:
        reply(answer)
    else:
        say_published(answer)
    if undone and not as_json:
        say(f"It is what generation {undone} was, and so is the draft now; wheel-admin undo brings the draft back.")
    if answer.sent:
        refuse_unsent(answer.sent, as_json=as_json)


def publish_draft(
    home: Home,
    *,
    clock: Clock,
    dry_run: bool,
    force: bool,
    public: Path | None = None,
    again: bool = False,
    agree: Agree = asked.refuse_doubts,
) -> Published:
    """Publish the draft of `home`, and its manifest in the directory `public` if there is one.

    A list that is published already and has not changed gets its manifest only: power may have gone between the two.
    Likewise with `again`, which is for a list that goes to another target.

    Args:
        home: where.
        clock: says when.
        dry_run: change nothing.
        force: publish even if nothing changed.
        public: directory of the manifest.
        again: the list goes to another target.
        agree: is told what is doubtful about the people on the list, and raises if it must not be published.

    Raises:
        RefusedError: the draft breaks a rule or rewrites what happened, `agree` does not, or nothing changed, no
            manifest is wanted and `force` is False.
        TrustError: no signing key, or the kiosk does not trust it.
        BusyError: another command holds the lock.
        HomeError: something cannot be read or written.
    """
    with edit_draft(home, wait_ms=lock_wait_ms()) as editing:
        draft = editing.draft
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        snapshot, names = snapshot_of(draft, shelf, clock.utc_now()), names_of(draft)
        if fixed_steps(draft.spins) and not draft.rules.predetermined:
            raise RefusedError(
                "A spin is fixed, but the rules promise that none is predetermined. Nothing was published.",
                remedy="Plan the spins again, before the event's first list: wheel-admin spins fixed or mixed.",
            )
        refuse_broken(snapshot, names)
        refuse_missing_pictures(home, snapshot)
        refuse_rewriting(home, snapshot, shelf, ledger)
        standing = standing_of(snapshot, shelf, ledger)
        written: store.Published | None = None
        if not force:
            try:
                refuse_unchanged(home, snapshot, names, shelf, voided=ledger.history.voided)
            except RefusedError:
                if (public is None and not again) or dry_run:
                    raise
                written = shelf.newest
        unchanged = written is not None
        doubtful = _doubts(home, draft, names, shelf)
        manifest = None
        if not dry_run:
            if doubtful:
                agree(doubtful)
            meet_kiosk(home)
            secret = receipt_secret(home, make=True) if public is not None else b""
            written = written or put_on_shelf(home, snapshot, names, shelf)
            manifest = _publish_manifest(home, written, public, secret) if public is not None else None
        said = written.snapshot if written else snapshot
        return Published(
            generation=said.generation,
            snapshot=written.s if written else None,
            previous=said.previous,
            file=str(written.path) if written else None,
            event=said.event.id,
            standing=standing,
            title=said.title,
            entries=len(said.entries),
            dry_run=dry_run,
            manifest=str(manifest) if manifest else None,
            doubts=doubtful,
            warnings=tuple(prize_warnings(said.prizes, said.entries)),
            unchanged=unchanged,
        )


def _doubts(home: Home, draft: Draft, names: Names, shelf: Shelf) -> tuple[str, ...]:
    """Return what is doubtful about the people on the draft, unless they are published already."""
    newest = shelf.newest if shelf.newest and shelf.newest.snapshot.event.id == draft.event.id else None
    if newest is not None:
        same = newest.snapshot.entries == tuple(entry.published() for entry in draft.entries)
        if same and names == published_names(home, newest):
            return ()
    return tuple(doubts(draft.entries, published=len(newest.snapshot.entries) if newest else 0))


def _publish_manifest(home: Home, written: store.Published, directory: Path, secret: bytes) -> Path:
    from wheel_admin.publishing.public_page import PAGE_NAME, public_page  # noqa: PLC0415 - few publish one

    path = directory / f"public-{written.generation:06d}.json"
    key = load_signing_key(home)
    manifest = signed_manifest(written.snapshot, written.s, secret, key=key)
    page = public_page(manifest, key.public, title=written.snapshot.title)
    try:
        make_directory(directory, mode=0o755)
        write_atomic(path, manifest, mode=PUBLIC)
        write_atomic(directory / PAGE_NAME, page, mode=PUBLIC)
    except HomeError as error:
        raise HomeError(
            f"Generation {written.generation} is published, and its manifest is not: {error.message}",
            remedy=f"{error.remedy} Then publish once more: wheel-admin publish --force --public DIR".strip(),
        ) from error
    return path
