"""Runs the verifier on a history, in this process, and returns what it says."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from tests.verify.history import KIOSK, ORGANISER, OTHER_KIOSK, History
from verify import verify_draw

NAMED = ("--kiosk", KIOSK.id, "--kiosk", OTHER_KIOSK.id, "--organiser", ORGANISER.id)


class Judged(dict[str, Any]):
    """The report, with the exit status, the word and why."""

    status: int

    @property
    def word(self) -> str:
        return str(self["verdict"])

    @property
    def why(self) -> str:
        return str(self.get("problem", "")) + "; ".join(self.get("why not SIGNED", []))


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = verify_draw.main(list(arguments))
        except SystemExit as exit_:
            status = int(exit_.code or 0)
    return status, out.getvalue(), err.getvalue()


def judge_home(home: Path, *arguments: str, named: tuple[str, ...] = NAMED) -> Judged:
    status, out, err = run(str(home), *named, *arguments, "--json")
    judged = Judged(json.loads(out) if out else {"verdict": "UNUSABLE", "problem": err})
    judged.status = status
    return judged


def judge(history: History, home: Path, *arguments: str, named: tuple[str, ...] = NAMED) -> Judged:
    return judge_home(history.write(home), *arguments, named=named)
