"""One press, from the button to the record: pool, draw, ledger, plan. No screen.

Invariant: decide, persist, then animate. `press` returns only after the result is durable; the name under the pointer,
the name announced and the first ticket in the ledger all come from `Decision.index`. What a restart needs is read back
from the ledger: a spin that was opened is finished with the same number and the same winners, never drawn again.
"""

import logging

from kiosk.core.errors import LedgerBroken, RefusedError, RewritesThePast, SecretUnreadable
from kiosk.draw.modes import Turn, turn_for
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Chain
from kiosk.intake.snapshot_files import Floor, KnownLists
from kiosk.ledger.decide import result_of
from kiosk.ledger.event import Due, EventState
from kiosk.ledger.history import History
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.permitted import adopt_problem, next_press, planned
from kiosk.ledger.record import Adopt, Note, Open, Result, Shown, Void
from kiosk.ledger.refusal_records import record_refusal, record_refused_file
from kiosk.ledger.secret_store import SecretStore
from kiosk.session.draw_decision import Decision, SampleDraws, Winner, decision_from, shown_winners
from kiosk.snapshot.model import Listed, Snapshot

logger = logging.getLogger(__name__)

_LOST = "The secret of this list is lost: publish it again."


class Session:
    """The draw on one ledger.

    Args:
        ledger: open, and this kiosk's own.
        secrets: where the committed secrets lie.
        kiosk_id: who this kiosk is, for the `adopt` record.
        lists: finds lists by name; the ledger's own.

    Attributes:
        listed: what is on the wheel; None before the first `adopt`.
        chosen: the prize that the operator chose, where the order is free; None for the first one that is open.
        trouble: why nothing can be drawn now although something is left to draw: the secret; "" if all is well.
        ledger_gone: the last `check_files` did not find the ledger's file as it was left.
    """

    def __init__(self, *, ledger: Ledger, secrets: SecretStore, kiosk_id: str, lists: KnownLists) -> None:
        self._ledger = ledger
        self._secrets = secrets
        self._kiosk_id = kiosk_id
        self._lists = lists
        self._chain: Chain | None = None
        self._sample = SampleDraws(secrets.random_bytes)
        self.listed: Listed | None = None
        self.chosen: str | None = None
        self.trouble = ""
        self.ledger_gone = False

    # ---- adopting ----------------------------------------------------------------------------------------------------

    @property
    def kiosk_id(self) -> str:
        """Who this kiosk is."""
        return self._kiosk_id

    @property
    def floor(self) -> Floor:
        """What a new list must not be below."""
        return Floor(self._ledger.history.generation, self._ledger.history.s)

    def commit(self) -> Chain:
        """Make the secret for a list that is about to be adopted. May run on another thread than the rest.

        Raises:
            HomeError: it could not be stored.
        """
        return self._secrets.commit()

    def needs_commitment(self, s: str) -> bool:
        """Say whether adopting the list `s` takes a new anchor, because it is not the one adopted last."""
        current = self._ledger.history.current
        return current is None or current.snapshot != s

    def check_list(self, snapshot: Snapshot) -> None:
        """Refuse a list that cannot follow what happened in its event.

        Raises:
            RewritesThePast: it cannot, and why.
        """
        problem = adopt_problem(self._ledger.history, snapshot, lists=self._lists)
        if problem is not None:
            raise RewritesThePast(
                f"Generation {snapshot.generation} cannot go on the wheel: {problem}.",
                remedy="Correct the list and publish it again, or start a new event.",
            )

    def is_closed(self, event: str) -> bool:
        """Say whether the organiser closed an event: its names are not shown any more."""
        state = self._ledger.history.events.get(event)
        return state is not None and state.closed

    @property
    def mark(self) -> tuple[object, ...]:
        """What `check_list` depends on; cheap to compare."""
        history = self._ledger.history
        event = history.event
        return (history.s, event.spins, event.closed) if event else ()

    def adopt(self, listed: Listed, chain: Chain | None = None) -> None:
        """Put a list on the wheel.

        The list adopted last goes on with its anchor. Another one gets an `adopt` record with a new anchor: that of
        `chain`, or of a secret made here. So does the list adopted last if its secret is lost before any public entropy
        or spin; if it is lost later, nothing is drawn until a new list is published.

        Raises:
            RewritesThePast: it cannot follow what happened in its event.
            HomeError: the secret or the record could not be written; the list on the wheel stays.
        """
        if listed.demo:
            self._sample = SampleDraws(self._secrets.random_bytes)
            self._put_on_wheel(listed)
        elif self.needs_commitment(listed.s):
            self.check_list(listed.snapshot)
            self._anchor(listed, chain or self._secrets.commit())
        else:
            self._go_on_with(listed)

    def _go_on_with(self, listed: Listed) -> None:
        history = self._ledger.history
        current, event = history.current, history.event
        if current is None or event is None:
            raise RuntimeError("no list was adopted")
        self._lists.add(listed.s, listed.snapshot)
        if event.closed or self._ledger.frozen:
            self._put_on_wheel(listed, trouble=self._ledger.frozen)
            return
        try:
            recalled = self._secrets.recall(current.anchor)
        except SecretUnreadable as error:
            self._put_on_wheel(listed, trouble=str(error))
            return
        if recalled is None and history.untouched:
            self._ledger.append(Note(text=f"The secret of anchor {current.anchor} is lost: adopted again."))
            self._anchor(listed, self._secrets.commit())
            return
        self._put_on_wheel(listed, recalled, trouble="" if recalled else _LOST)
        if recalled is None:
            self._void("its secret is lost")

    def _anchor(self, listed: Listed, chain: Chain) -> None:
        self._lists.add(listed.s, listed.snapshot)
        snapshot = listed.snapshot
        self._ledger.append(
            Adopt(
                event=snapshot.event.id,
                generation=snapshot.generation,
                snapshot=listed.s,
                entries=len(snapshot.entries),
                weight=snapshot.weight,
                anchor=chain.anchor,
                kiosk=self._kiosk_id,
                signer=listed.signer,
            )
        )
        self._put_on_wheel(listed, chain)
        logger.info("adopted generation %d (%s)", snapshot.generation, listed.s[:8])

    def _put_on_wheel(self, listed: Listed, chain: Chain | None = None, *, trouble: str = "") -> None:
        self._chain, self.listed, self.trouble, self.chosen = chain, listed, trouble, None

    def erase_names(self) -> None:
        """Forget the names of the list on the wheel: its event is closed, and tickets are shown from now on."""
        listed = self._on_wheel()
        self.listed = Listed(listed.snapshot, listed.s, {}, listed.signer)

    # ---- looking -----------------------------------------------------------------------------------------------------

    def pool(self, listed: Listed | None = None) -> Pool:
        """Return what is on the wheel now, or what would be if `listed` were adopted."""
        chosen, listed = None if listed else self.chosen, listed or self._on_wheel()
        event = self._ledger.history.events.get(listed.snapshot.event.id) or EventState()
        return event.shown_pool(listed.snapshot, chosen=chosen)

    @property
    def spins_made(self) -> int:
        """How many spins of the event on the wheel were opened."""
        return self._sample.spins if self._on_wheel().demo else self._event.spins

    @property
    def left(self) -> int:
        """How many entries are on the wheel."""
        return len(self.pool())

    @property
    def history(self) -> History:
        """What the records add up to; only to read."""
        return self._ledger.history

    @property
    def seq(self) -> int:
        """Number of the ledger's last record."""
        return self._ledger.seq

    @property
    def head(self) -> str:
        """The ledger's head."""
        return self._ledger.head

    def turn(self) -> Turn | None:
        """Return what the next spin is planned to be; None when the list's steps are used up."""
        return turn_for(self._on_wheel().snapshot.spins, self.spins_made + 1)

    def why_no_spin(self) -> str | None:
        """Say why the next press cannot spin the wheel, or None if it can."""
        if self._on_wheel().demo:
            return None
        due = next_press(self._ledger.history, self._on_wheel().snapshot, chosen=self.chosen)
        return due if isinstance(due, str) else self.trouble or None

    def check_files(self) -> str:
        """Look whether the ledger is still in place and an unreadable secret can be read again; returns what is wrong.

        For idle, once a second.
        """
        self.ledger_gone = False
        try:
            self._ledger.check()
        except LedgerBroken as error:
            self.ledger_gone = True
            return str(error)
        if self.trouble and self.trouble != _LOST and self.listed is not None:
            self.adopt(self.listed)
        return self.trouble or self._ledger.frozen

    @property
    def frozen(self) -> bool:
        """Whether the disk was read-only at the start: nothing can be recorded until a restart."""
        return bool(self._ledger.frozen)

    @property
    def proof(self) -> str:
        """What somebody who distrusts us should keep; empty for the sample list.

        `A` and the anchor before the first spin under it, then `HEAD`, the number of the last record and the head.
        """
        history = self._ledger.history
        if history.current is None or self.listed is None or self.listed.demo:
            return ""
        return f"HEAD {self.seq} {self.head}" if history.opens else f"A {history.current.anchor}"

    def winners(self) -> tuple[tuple[Winner, bool], ...]:
        """Return who won in the event on the wheel, the last one first, and whether each was absent."""
        if self.listed is None or self.listed.demo:
            return ((self._sample.winner, False),) if self._sample.winner else ()
        return shown_winners(self.listed, self._ledger.history)

    def rest(self, listed: Listed | None = None) -> int | None:
        """Return the wheel angle after the last spin of the event on the wheel, or of `listed`, in units; else None."""
        on_wheel, history = listed or self._on_wheel(), self._ledger.history
        if on_wheel.demo:
            return None if listed else self._sample.rest
        same = history.current is not None and history.current.event == on_wheel.snapshot.event.id
        return history.last_result.rest if history.last_result and same else None

    # ---- spinning ----------------------------------------------------------------------------------------------------

    def press(self, *, start: int, prize: str | None = None) -> Decision:
        """Decide the next spin and make it durable.

        Args:
            start: wheel angle now, in units.
            prize: what the operator chose, where the order is free; None for `chosen`.

        Raises:
            RefusedError: there is nothing left to spin for, or it cannot be drawn now; nothing was opened.
            LedgerBroken: the ledger's file is not the one that was opened any more.
            HomeError: a record could not be written. The next press or start goes on from what the ledger holds.
        """
        listed, history = self._on_wheel(), self._ledger.history
        if listed.demo:
            return self._sample.press(listed, self.pool(), start=start)
        self._ledger.check()
        if history.unfinished is None:
            due = next_press(history, listed.snapshot, chosen=prize or self.chosen)
            if isinstance(due, str) or self._chain is None:
                raise RefusedError(due if isinstance(due, str) else self.trouble or _LOST)
            self._open(listed, due)
        return self.resume(start=start)

    def _open(self, listed: Listed, due: Due) -> None:
        self._ledger.append(
            Open(
                event=listed.snapshot.event.id,
                generation=listed.snapshot.generation,
                spin=due.spin,
                prize=due.prize,
                places=",".join(map(str, due.places)),
                mode=due.turn.step.mode,
                step=due.turn.position,
                pool=due.pool.digest,
                weight=due.pool.weight,
                entropy=self._ledger.history.entropy,
            )
        )

    def resume(self, *, start: int) -> Decision:
        """Return the unfinished spin, deciding it first if power went between `open` and `result`.

        Raises:
            RefusedError: none is open, or it is not decided and cannot be now.
            HomeError: a record could not be written.
        """
        listed, unfinished, event = self._on_wheel(), self._ledger.history.unfinished, self._event
        if unfinished is None:
            raise RefusedError("No spin is open.")
        pool = event.pool_before(listed.snapshot, unfinished.open, unfinished.result)
        result = unfinished.result or self._decide(listed, unfinished.open, pool)
        return decision_from(listed, unfinished.open, result, pool=pool, start=start)

    def _decide(self, listed: Listed, opened: Open, pool: Pool) -> Result:
        if self._chain is None:
            raise RefusedError(self.trouble or _LOST)
        if pool.digest != opened.pool:
            raise RefusedError(f"Spin {opened.spin} cannot be decided: its pool is not the one that was opened.")
        result = result_of(
            opened,
            snapshot=listed.s,
            turn=planned(listed.snapshot, opened),
            pool=pool,
            reveal=self._chain.reveal(self._ledger.history.results + 1),
        )
        self._ledger.append(result)
        return result

    @property
    def unfinished_s(self) -> str | None:
        """S of the list whose last spin was opened and not shown; None if there is none."""
        history = self._ledger.history
        return history.current.snapshot if history.unfinished is not None and history.current is not None else None

    def shown(self, decision: Decision, *, duration_ms: int, frames: int) -> None:
        """Record that the wheel has come to rest on the result.

        Raises:
            HomeError: the record could not be written.
        """
        if decision.mode != "demo":
            self._ledger.append(Shown(spin=decision.spin, duration_ms=duration_ms, frames=frames))

    def abandon_unfinished(self) -> None:
        """Close a spin whose list is lost, so that the kiosk can go on; the ledger says that nobody saw it end.

        Raises:
            HomeError: the records could not be written.
        """
        unfinished = self._ledger.history.unfinished
        if unfinished is not None and unfinished.result is not None:
            spin = unfinished.open.spin
            self._ledger.append(Note(text=f"Spin {spin} could not be shown again: its list is lost."))
            self._ledger.append(Shown(spin=spin, duration_ms=0, frames=0))
        self._void("its list is lost")

    def _void(self, reason: str) -> None:
        unfinished = self._ledger.history.unfinished
        if unfinished is not None and unfinished.result is None:
            self._ledger.append(Void(spin=unfinished.open.spin, reason=reason))

    # ---- files -------------------------------------------------------------------------------------------------------

    def refuse(self, file: str, reason: str) -> bool:
        """Record a refusal; see `record_refusal`."""
        return record_refusal(self._ledger, file, reason)

    def refuse_file(self, file: str, reason: str) -> bool:
        """Record that a published file was refused; see `record_refused_file`."""
        return record_refused_file(self._ledger, file, reason)

    def sign_head(self) -> None:
        """Sign the ledger's head, unless that is done."""
        self._ledger.sign_head()

    def forget_superseded_secrets(self) -> None:
        """Delete the secrets that no longer bind anybody. For the start, while no other thread commits new ones."""
        current = self._ledger.history.current
        if current is not None:
            self._secrets.forget_all_but(current.anchor)

    @property
    def _event(self) -> EventState:
        event = self._ledger.history.event
        if event is None:
            raise RuntimeError("no list was adopted")
        return event

    def _on_wheel(self) -> Listed:
        if self.listed is None:
            raise RuntimeError("no list was adopted")
        return self.listed
