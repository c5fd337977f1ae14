"""One spin, from press to record: pool, draw, ledger, plan. No screen.

Invariant: decide, persist, then animate. `press` returns only after the result is durable; the name under the pointer,
the name announced and the ticket in the ledger all come from `Decision.index`. Whatever a restart needs is read back
from the ledger: a spin that was opened is finished with the same number and the same winner, never drawn again.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.errors import HomeError, RefusedError
from kiosk.draw.entropy import Level, level_of
from kiosk.draw.modes import Fixed, Natural, Turn, turn_for
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import CHAIN_LENGTH, Chain, landing, sample
from kiosk.intake.snapshot_files import Floor
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import Adopt, Mode, Note, Open, Refused, Result, Shown
from kiosk.ledger.secret_store import SecretStore
from kiosk.snapshot.model import DEMO_GENERATION, Entry, Listed
from kiosk.wheel.spin import SpinPlan

logger = logging.getLogger(__name__)

MOST_REFUSED = 100
"""Refused files recorded under one list: whoever can write files cannot fill the ledger with them."""


class NoSpin(StrEnum):
    """Why there is nothing to spin for, as an English sentence; the screen says it in the theme's words."""

    SPINS_DONE = "All spins of this list are done."
    SECRETS_USED_UP = "This list has used up its secrets: publish it again."
    EVERYBODY_WON = "Everybody on this list has won."


@dataclass(frozen=True, slots=True)
class Decision:
    """A spin that is decided and durable.

    Attributes:
        generation: of the list it was drawn from.
        spin: its number i, from 1, within that generation.
        mode: natural, fixed or demo.
        index: the winner's place in `pool`.
        pool: what was on the wheel.
        entry: the winner.
        plan: how the wheel moves there.
        reason: why the ticket was set beforehand (mode fixed).
        fallback: why a fixed spin became natural, if it did.
        level: who can vouch for the public entropy in it.
    """

    generation: int
    spin: int
    mode: Mode
    index: int
    pool: Pool
    entry: Entry
    plan: SpinPlan
    reason: str | None = None
    fallback: str | None = None
    level: Level = "sealed"


def decision_from(listed: Listed, opened: Open, result: Result, *, pool: Pool, start: int, level: Level) -> Decision:
    """Return the decision that the records `opened` and `result` hold.

    Args:
        listed: the list that the spin was drawn from.
        opened: its `open` record.
        result: its `result` record.
        pool: what was on the wheel.
        start: wheel angle from which it is shown, in units.
        level: how far its randomness convinces.

    Raises:
        RefusedError: the pool is not the one that the records name.
    """
    index = pool.index_of(result.ticket)
    if index is None or pool.digest != opened.pool:
        raise RefusedError(f"Spin {result.spin} cannot be shown: its pool is not the one that was drawn from.")
    return Decision(
        generation=opened.generation,
        spin=result.spin,
        mode=result.mode,
        index=index,
        pool=pool,
        entry=next(entry for entry in listed.snapshot.entries if entry.ticket == result.ticket),
        plan=SpinPlan(start=start, rest=result.rest, turns=result.turns, segments=len(pool)),
        reason=result.reason,
        fallback=result.fallback,
        level=level,
    )


class Session:
    """The draw on one ledger.

    Args:
        ledger: open, and this kiosk's own.
        secrets: where the committed secrets lie.
        kiosk_id: who this kiosk is, for the `adopt` record.
        checkpoints: where the head is signed after each spin; None signs nothing.

    Attributes:
        listed: what is on the wheel; None before the first `adopt`.
    """

    def __init__(
        self, *, ledger: Ledger, secrets: SecretStore, kiosk_id: str, checkpoints: Checkpoints | None = None
    ) -> None:
        self._ledger = ledger
        self._secrets = secrets
        self._kiosk_id = kiosk_id
        self._checkpoints = checkpoints
        self._chain: Chain | None = None
        self._pool: tuple[tuple[str, int, int], Pool] | None = None
        self._entries: dict[str, Entry] = {}
        self.listed: Listed | None = None

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

    def adopt(self, listed: Listed, chain: Chain | None = None) -> None:
        """Put a list on the wheel.

        The list adopted last goes on with its anchor. Another one, or one whose secret is lost, gets an `adopt`
        record with a new anchor: that of `chain`, or of a secret made here.

        Raises:
            HomeError: the secret or the record could not be written; the list on the wheel stays.
        """
        current = self._ledger.history.current
        if current is not None and current.snapshot == listed.s:
            recalled = self._secrets.recall(current.anchor)
            unfinished = self._ledger.history.unfinished
            if recalled is not None or (unfinished is not None and unfinished.result is not None):
                # A decided spin needs no secret to be shown; `shown` makes the new anchor after it.
                self._put_on_wheel(listed, recalled)
                return
            self._ledger.append(Note(text=f"The secret of anchor {current.anchor} is lost: new anchor."))
            chain = None
        self._anchor(listed, chain or self._secrets.commit())

    def _anchor(self, listed: Listed, chain: Chain) -> None:
        weights = [entry.weight for entry in listed.snapshot.entries]
        self._ledger.append(
            Adopt(
                generation=listed.snapshot.generation,
                snapshot=listed.s,
                entries=len(weights),
                weight=sum(weights),
                anchor=chain.anchor,
                kiosk=self._kiosk_id,
            )
        )
        self._put_on_wheel(listed, chain)
        logger.info("adopted generation %d (%s), %d entries", listed.snapshot.generation, listed.s[:8], len(weights))

    def _put_on_wheel(self, listed: Listed, chain: Chain | None) -> None:
        self._chain, self.listed = chain, listed
        self._entries = {entry.ticket: entry for entry in listed.snapshot.entries}

    def refuse(self, file: str, reason: str) -> bool:
        """Record that a published file was not adopted; returns False if that is already recorded.

        Raises:
            HomeError: the record could not be written.
        """
        if (file, reason) in self._ledger.history.refused:
            return False
        self._ledger.append(Refused(file=file, reason=reason))
        return True

    def refuse_file(self, file: str, reason: str) -> bool:
        """Record that a published file was not adopted, but of a flood only the first `MOST_REFUSED` under one list.

        Returns:
            Whether it was recorded now.

        Raises:
            HomeError: the record could not be written.
        """
        count = self._ledger.history.refused_since_adopt
        if count >= MOST_REFUSED or not self.refuse(file, reason):
            return False
        if count + 1 == MOST_REFUSED:
            self._ledger.append(Note(text="Further files that are refused under this list are not recorded."))
        return True

    def pool(self, listed: Listed | None = None) -> Pool:
        """Return what is on the wheel now, or what would be if `listed` were adopted."""
        listed = listed or self._on_wheel()
        past = self._ledger.history.past(listed.s)
        key = (listed.s, past.spins, len(past.withdrawn))
        known = self._pool  # read once: the watcher's thread asks for the next list's pool at the same time
        if known is None or known[0] != key:
            removed = past.withdrawn.union(past.winners if listed.snapshot.remove_winners else ())
            known = self._pool = (key, Pool(listed.snapshot.weighted_tickets, removed=removed))
        return known[1]

    @property
    def spins_made(self) -> int:
        """How many spins of the list on the wheel are decided."""
        return self._ledger.history.past(self._on_wheel().s).spins

    @property
    def left(self) -> int:
        """How many entries are on the wheel."""
        return len(self.pool())

    @property
    def seq(self) -> int:
        """Number of the ledger's last record."""
        return self._ledger.seq

    @property
    def head(self) -> str:
        """The ledger's head."""
        return self._ledger.head

    @property
    def level(self) -> Level:
        """Who can vouch for the public entropy of the next spin. What came before the anchor vouches for nothing."""
        past = self._ledger.history.past(self._on_wheel().s)
        return level_of(past.entropy) if past.entropy_counts else "sealed"

    def turn(self) -> Turn | None:
        """Return what the next spin is to be; None when the list's steps are used up."""
        return turn_for(self._on_wheel().snapshot.spins, self.spins_made + 1)

    def why_no_spin(self) -> NoSpin | None:
        """Say why the next press cannot spin the wheel, or None if it can."""
        if self.turn() is None:
            return NoSpin.SPINS_DONE
        if self.spins_made >= CHAIN_LENGTH:
            return NoSpin.SECRETS_USED_UP
        if not len(self.pool()):
            return NoSpin.EVERYBODY_WON
        return None

    def press(self, *, start: int) -> Decision:
        """Decide the next spin and make it durable.

        Args:
            start: wheel angle now, in units.

        Raises:
            RefusedError: there is nothing left to spin for.
            HomeError: a record could not be written. Nothing is lost: the next press, or the next start, goes on
                from what the ledger holds.
        """
        unfinished = self._ledger.history.unfinished
        if self._chain is None and (unfinished is None or unfinished.result is None):
            self.adopt(self._on_wheel())  # the new anchor that could not be recorded before
            unfinished = self._ledger.history.unfinished
        if unfinished is not None:
            return self._finish(start=start)
        obstacle = self.why_no_spin()
        turn = self.turn()
        if obstacle or turn is None:
            raise RefusedError(obstacle or NoSpin.SPINS_DONE)
        listed = self._on_wheel()
        pool = self.pool()
        self._ledger.append(
            Open(
                generation=listed.snapshot.generation,
                spin=self.spins_made + 1,
                mode=self._mode(turn, pool),
                pool=pool.digest,
                entropy=self._ledger.history.past(listed.s).entropy,
                step=turn.position,
            )
        )
        return self._finish(start=start)

    @property
    def unfinished_s(self) -> str | None:
        """S of the list whose last spin was opened and not shown; None if there is none (sample spins never are)."""
        history = self._ledger.history
        if history.unfinished is None or history.current is None or history.current.generation == DEMO_GENERATION:
            return None
        return history.current.snapshot

    def resume(self, *, start: int) -> Decision:
        """Return the unfinished spin, deciding it first if power went between `open` and `result`.

        Raises:
            HomeError: a record could not be written.
        """
        return self._finish(start=start)

    def shown(self, decision: Decision, *, duration_ms: int, frames: int) -> None:
        """Record that the wheel has come to rest on the result.

        Raises:
            HomeError: the record could not be written.
        """
        self._ledger.append(Shown(spin=decision.spin, duration_ms=duration_ms, frames=frames))
        self.sign_head()
        if self._chain is None:
            self.adopt(self._on_wheel())

    def sign_head(self) -> None:
        """Sign the ledger's head, so that its end cannot be cut unnoticed.

        A disk that refuses is only logged: the next spin, or the next start, signs all the same.
        """
        if self._checkpoints is None or not self._ledger.seq:
            return
        try:
            self._checkpoints.sign(self._ledger.seq, self._ledger.head)
        except HomeError as error:
            logger.warning("the head could not be signed: %s", error)

    @property
    def proof(self) -> str:
        """What somebody who distrusts us should keep; empty for the sample list.

        `A` and the anchor before the first spin of the list, then `HEAD`, the number of the last record and the head.
        """
        current = self._ledger.history.current
        if current is None or self.listed is None or self.listed.demo:
            return ""
        return f"HEAD {self.seq} {self.head}" if self.spins_made else f"A {current.anchor}"

    def abandon_unfinished(self) -> None:
        """Close a spin whose list is lost, so that the kiosk can go on; the ledger says that nobody saw it end.

        Raises:
            HomeError: the records could not be written.
        """
        unfinished = self._ledger.history.unfinished
        if unfinished is None:
            return
        spin = unfinished.open.spin
        self._ledger.append(Note(text=f"Spin {spin} could not be shown again: its list is lost."))
        if unfinished.result is not None:
            self._ledger.append(Shown(spin=spin, duration_ms=0, frames=0))

    def forget_superseded_secrets(self) -> None:
        """Delete the secrets that no longer bind anybody. For the start, while no other thread commits new ones."""
        current = self._ledger.history.current
        if current is not None:
            self._secrets.forget_all_but(current.anchor)

    def last_winner(self) -> Entry | None:
        """Return who won the last spin of the list on the wheel, if any."""
        last = self._ledger.history.last_result
        return self._entries[last.ticket] if last else None

    def winners(self) -> tuple[tuple[Entry, bool], ...]:
        """Return who won the spins of the list on the wheel, the last one first, and whether each was absent."""
        if self.listed is None:
            return ()
        past = self._ledger.history.past(self.listed.s)
        numbered = reversed(list(enumerate(past.winners[: past.spins], 1)))
        return tuple((self._entries[ticket], spin in past.absent) for spin, ticket in numbered)

    @property
    def rest(self) -> int | None:
        """Wheel angle after the last spin of the list on the wheel, in units; None before its first."""
        last = self._ledger.history.last_result
        return last.rest if last else None

    def _finish(self, *, start: int) -> Decision:
        unfinished = self._ledger.history.unfinished
        if unfinished is None:
            raise RuntimeError("no spin is open")
        result = unfinished.result or self._decide(unfinished.open)
        # The pool before this spin: its own winner was still on the wheel.
        listed = self._on_wheel()
        past = self._ledger.history.past(listed.s)
        removed = past.withdrawn.union(past.winners[:-1] if listed.snapshot.remove_winners else ())
        pool = Pool(listed.snapshot.weighted_tickets, removed=removed)
        return decision_from(listed, unfinished.open, result, pool=pool, start=start, level=self.level)

    def _decide(self, opened: Open) -> Result:
        listed, chain = self._on_wheel(), self._chain
        if chain is None:
            raise RuntimeError("no list was adopted")
        pool = self.pool()
        if pool.digest != opened.pool:
            raise RefusedError(f"Spin {opened.spin} cannot be decided: its pool is not the one that was opened.")
        reveal = chain.reveal(opened.spin)
        drawn = sample(
            reveal=reveal,
            snapshot=listed.s,
            spin=opened.spin,
            pool=opened.pool,
            entropy=opened.entropy,
            total=pool.segments.total,
        )
        turn = turn_for(listed.snapshot.spins, opened.spin) or Turn(Natural())
        reason = fallback = None
        index = pool.segments.segment_of_weight(drawn.t)
        if isinstance(turn.step, Fixed):
            place = pool.index_of(turn.step.ticket)
            if place is None:
                fallback = f"ticket {turn.step.ticket} is not on the wheel"
            else:
                index, reason = place, turn.step.reason
        lands = landing(reveal=reveal, snapshot=listed.s, spin=opened.spin, segment=pool.segments.bounds(index))
        result = Result(
            spin=opened.spin,
            mode=opened.mode,
            reveal=reveal.hex(),
            x=drawn.x,
            k=drawn.k,
            t=drawn.t,
            ticket=pool.tickets[index],
            rest=lands.rest,
            turns=lands.turns,
            step=opened.step,
            reason=reason,
            fallback=fallback,
        )
        self._ledger.append(result)
        return result

    def _mode(self, turn: Turn, pool: Pool) -> Mode:
        if self._on_wheel().demo:
            return "demo"
        if isinstance(turn.step, Fixed) and pool.index_of(turn.step.ticket) is not None:
            return "fixed"
        return "natural"

    def _on_wheel(self) -> Listed:
        if self.listed is None:
            raise RuntimeError("no list was adopted")
        return self.listed
