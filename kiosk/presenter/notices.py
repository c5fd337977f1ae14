"""The notices of the status line, most important first, and the messages behind their codes.

Invariant: it reads and changes nothing. What the notices depend on is in `key`, so that idle can skip composing them.
"""

import msgspec

from kiosk.intake.arrivals import Arrivals
from kiosk.intake.prize_pictures import PrizePictures
from kiosk.ledger.event import NOT_OPEN, NoSpin
from kiosk.presenter.absence_prompt import AbsencePrompt
from kiosk.presenter.troubles import Code, Trouble
from kiosk.screen.themes.texts import Texts
from kiosk.stage import Stage
from kiosk.supervise.disk import DiskGuard
from kiosk.supervise.sources_monitor import SourcesMonitor

_REFUSALS_SHOWN = 3


class Notices(msgspec.Struct, frozen=True):
    """Collects the notices.

    Attributes:
        texts: what the screen says.
        stage: has the last problem.
        arrivals: has refused files and requests, and knows if new files would arrive.
        disk: says what it refused.
        absence: asks for the second press.
        pictures: those of the prizes.
        sources: knows whether lists from elsewhere can arrive.
        standing: what is wrong with the configuration; empty if nothing is.
    """

    texts: Texts
    stage: Stage
    arrivals: Arrivals
    disk: DiskGuard
    absence: AbsencePrompt
    pictures: PrizePictures
    sources: SourcesMonitor
    standing: str

    @property
    def key(self) -> tuple[object, ...]:
        """What the notices depend on; cheap to compare."""
        arrivals = self.arrivals
        return (
            self.stage.problem,
            self.disk.notice,
            arrivals.loader.problem,
            id(arrivals.refused_files.current),
            arrivals.requests.refusals,
            arrivals.watcher_alive(),
            self.absence.notice,
            self.pictures.problem,
            self.sources.out_of_reach,
            self.sources.stick,
        )

    def lines(self) -> tuple[str, ...]:
        """Return what the screen says: to the operator in words, of what is wrong only the codes."""
        texts, stick = self.texts, self.sources.stick
        said = [] if self.absence.showing or not self.absence.notice else [self.absence.notice]
        codes = dict.fromkeys(trouble.code.value for trouble in self.troubles())
        if codes:
            said.append(texts.tell_organiser.format(codes=", ".join(codes)))
        if stick is not None and not (stick.refused or stick.problem):
            said.append(texts.stick_taken if stick.placed else texts.stick_known)
        return tuple(said)

    def faults(self) -> tuple[str, ...]:
        """Return the same for whoever looks after the kiosk: every message, in full."""
        asked = [] if self.absence.showing or not self.absence.notice else [self.absence.notice]
        return tuple(dict.fromkeys((*asked, *(trouble.message for trouble in self.troubles()))))

    def troubles(self) -> tuple[Trouble, ...]:
        """Return everything that is wrong, most important first."""
        arrivals, sources = self.arrivals, self.sources
        found = [
            Trouble(Code.DISK, self.disk.notice),
            Trouble(code_of(self.stage.problem), self.stage.problem),
            Trouble(Code.LISTS_UNREADABLE, arrivals.loader.problem),
            Trouble(Code.PICTURE, self.pictures.problem),
            Trouble(Code.SETTINGS, self.standing),
        ]
        refused = [(one.path.name, one.error.message) for one in arrivals.refused_files.current[:_REFUSALS_SHOWN]]
        refused += [(one.file, one.reason) for one in arrivals.requests.refusals]
        found += [Trouble(Code.FILE_REFUSED, f"{file} refused: {reason}") for file, reason in refused]
        if not arrivals.watcher_alive():
            found.append(Trouble(Code.NO_NEW_LISTS, "New lists do not arrive: restart the kiosk."))
        if sources.out_of_reach:
            found.append(Trouble(Code.OUT_OF_REACH, "Lists from elsewhere are out of reach."))
        stick = sources.stick
        if stick is not None and (stick.refused or stick.problem):
            found.append(Trouble(Code.STICK, "The stick holds files that this kiosk may not take."))
        return tuple(trouble for trouble in found if trouble.message)


def code_of(problem: str) -> Code:
    """Return the code of a message that says why no spin is possible."""
    if problem == NoSpin.SECRETS_USED_UP:
        return Code.SECRETS_USED_UP
    return Code.LIST_CLOSED if problem in NOT_OPEN else Code.LEDGER
