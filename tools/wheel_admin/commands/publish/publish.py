"""`wheel-admin publish`: sign the draft and put it where the kiosk looks.

Invariant: it says "published" only after it has read the files back and verified them with the keys that the kiosk
trusts.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import Clock, SystemClock
from kiosk.core.durable import PUBLIC, make_directory, write_atomic
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home
from kiosk.draw.modes import fixed_steps
from kiosk.intake import snapshot_files as store
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    DryRunOption,
    ForceOption,
    HomeOption,
    JsonOption,
    absolute,
    counted,
    examples,
    home_at,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.commands.publish.send import (
    Answer,
    ToOption,
    WaitOption,
    refuse_unsent,
    say_sent,
    send_everywhere,
)
from wheel_admin.draft import edit_draft
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.prizes import warnings as prize_warnings
from wheel_admin.publishing.known_keys import meet_kiosk
from wheel_admin.publishing.manifest import receipt_secret, signed_manifest
from wheel_admin.publishing.public_page import PAGE_NAME, public_page
from wheel_admin.publishing.publication import (
    Standing,
    look,
    names_of,
    put_on_shelf,
    refuse_broken,
    refuse_missing_pictures,
    refuse_rewriting,
    refuse_unchanged,
    snapshot_of,
    standing_of,
)
from wheel_admin.publishing.signing_key import load_signing_key

EPILOG = examples(
    "wheel-admin publish --dry-run",
    "wheel-admin publish",
    "wheel-admin publish --public ~/website",
    "wheel-admin publish --to sftp://pi@wheel.local/var/lib/wheel-lists --wait",
)
_STANDINGS: dict[Standing, str] = {
    "first list": "It is the first list of its event.",
    "correction": "It is a correction within the event: spin numbers, winners and places go on.",
    "new event": "It starts a new event: nobody has won yet, and lists of the event before are refused from now on.",
}


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What was published; `snapshot` (S) and `file` are null after a dry run.

    Attributes:
        event: the event's id.
        standing: whether it is the first list, a correction within the event, or a new event.
        manifest: the public manifest, if one was asked for.
        warnings: what is allowed, and yet hardly meant.
        sent: what became of it at the targets; null after a dry run, or without any.
    """

    generation: int
    snapshot: str | None
    previous: str
    file: str | None
    event: str
    standing: Standing
    title: str
    entries: int
    dry_run: bool
    manifest: str | None = None
    warnings: tuple[str, ...] = ()
    sent: Answer | None = None


def publish(
    *,
    dry_run: DryRunOption = False,
    force: ForceOption = False,
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
    """
    place, manifests = home_at(home), absolute(public) if public is not None else None
    clock = SystemClock()
    answer = publish_draft(place, clock=clock, dry_run=dry_run, force=force, public=manifests, again=bool(to))
    if not dry_run:
        sent = send_everywhere(place, to, clock=clock, wait=wait)
        answer = msgspec.structs.replace(answer, sent=sent if sent.targets else None)
    if as_json:
        reply(answer)
    else:
        say_published(answer)
    if answer.sent:
        refuse_unsent(answer.sent, as_json=as_json)


def publish_draft(
    home: Home, *, clock: Clock, dry_run: bool, force: bool, public: Path | None = None, again: bool = False
) -> Published:
    """Publish the draft of `home`, and its manifest in the directory `public` if there is one.

    A list that is published already and has not changed gets its manifest only: power may have gone between the two.
    Likewise with `again`, which is for a list that goes to another target.

    Raises:
        RefusedError: the draft breaks a rule or rewrites what happened, or nothing changed, no manifest is wanted and
            `force` is False.
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
        manifest = None
        if not dry_run:
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
            warnings=tuple(prize_warnings(said.prizes, said.entries)),
        )


def _publish_manifest(home: Home, written: store.Published, directory: Path, secret: bytes) -> Path:
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


def say_published(answer: Published) -> None:
    """Write the answer for the organiser."""
    held = f"{answer.title}, {counted(answer.entries, 'entry', 'entries')}"
    if answer.snapshot is None:
        say(f"would publish generation {answer.generation}: {held}. Nothing was changed (--dry-run).")
    else:
        say(f"published generation {answer.generation}, S {answer.snapshot[:8]}: {held}")
    say(_STANDINGS[answer.standing])
    for warning in answer.warnings:
        say(f"Please check: {warning}.")
    if answer.manifest:
        say(f"Show this to everybody before the draw: {answer.manifest}")
        say(f"and beside it {PAGE_NAME}, in which people check their ticket and the code of their receipt.")
    if answer.sent:
        say_sent(answer.sent)
