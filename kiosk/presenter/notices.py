"""The notices of the status line, most important first.

Invariant: it reads and changes nothing. What the notices depend on is in `key`, so that idle can skip composing them.
"""

from dataclasses import dataclass

from kiosk.intake.arrivals import Arrivals
from kiosk.presenter.absence_prompt import AbsencePrompt
from kiosk.presenter.wording import problem_text
from kiosk.screen.themes.texts import Texts
from kiosk.stage import Stage
from kiosk.supervise.disk import DiskGuard
from kiosk.supervise.sources_monitor import SourcesMonitor

_REFUSALS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Notices:
    """Collects the notices.

    Attributes:
        texts: what the screen says.
        stage: has the last problem.
        arrivals: has refused files and requests, and knows if new files would arrive.
        disk: says what it refused.
        absence: asks for the second press.
        sources: knows whether lists from elsewhere can arrive.
        standing: what is wrong with the configuration; empty if nothing is.
    """

    texts: Texts
    stage: Stage
    arrivals: Arrivals
    disk: DiskGuard
    absence: AbsencePrompt
    sources: SourcesMonitor
    standing: str

    @property
    def key(self) -> tuple[object, ...]:
        """What `lines` depends on; cheap to compare."""
        arrivals = self.arrivals
        return (
            self.stage.problem,
            self.disk.notice,
            arrivals.loader.problem,
            id(arrivals.refused_files.current),
            arrivals.requests.refusals,
            arrivals.watcher_alive(),
            self.absence.notice,
            self.sources.out_of_reach,
            self.sources.stick,
        )

    def lines(self) -> tuple[str, ...]:
        """Return all notices."""
        arrivals, texts = self.arrivals, self.texts
        problem = problem_text(texts, self.stage.problem)
        first = (self.absence.notice, self.disk.notice, arrivals.loader.problem, problem, self.standing)
        notices = [text for text in dict.fromkeys(first) if text]
        refused = [(one.path.name, one.error.message) for one in arrivals.refused_files.current[:_REFUSALS_SHOWN]]
        refused += [(one.file, one.reason) for one in arrivals.requests.refusals]
        notices += [texts.file_refused.format(file=file, reason=reason) for file, reason in refused]
        if not arrivals.watcher_alive():
            notices.append(texts.no_new_lists)
        if self.sources.out_of_reach:
            notices.append(texts.lists_out_of_reach)
        stick = self.sources.stick
        if stick is not None:
            taken = texts.stick_taken if stick.placed else texts.stick_known
            notices.append(texts.stick_refused if stick.refused or stick.problem else taken)
        return tuple(notices)
