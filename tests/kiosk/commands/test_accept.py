"""The acceptance run: it measures real spins, asks what only a person can tell, and forgets nothing that is open."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kiosk.commands import accept as module
from kiosk.commands.accept import QUESTIONS, Acceptance, Bench, accept, as_text, save
from kiosk.commands.doctor.finding import ok, wrong
from kiosk.supervise.health.machine import MachineHealth
from kiosk.supervise.run_report import FrameTimes, RunReport, SpinReport

GOOD = SpinReport(1, "demo", "S1", "S1", 11_003, 660, FrameTimes(4.0, 9.0, 14.0))


def bench(root: Path, answers: Iterator[str]) -> Bench:
    return Bench(
        versions="wheel-kiosk 0.2.0",
        findings=lambda: [ok("display", "HDMI")],
        machine=MachineHealth,
        ask=lambda question: next(answers),
        say=lambda line: None,
        root=root,
    )


@pytest.fixture
def spun(monkeypatch: pytest.MonkeyPatch) -> RunReport:
    report = RunReport(spins=[GOOD])
    monkeypatch.setattr(module, "spin_samples", lambda spins, *, window: (report, ""))
    return report


def test_all_yes_is_a_report_without_failures(tmp_path: Path, spun: RunReport) -> None:
    (tmp_path / "sys/class/drm/card1-HDMI-A-1").mkdir(parents=True)
    (tmp_path / "sys/class/drm/card1-HDMI-A-1/modes").write_text("1920x1080\n1280x720\n")
    (tmp_path / "proc/device-tree").mkdir(parents=True)
    (tmp_path / "proc/device-tree/model").write_text("Raspberry Pi 5 Model B Rev 1.0\0")
    found = accept(bench(tmp_path, iter(["y"] * (len(QUESTIONS) + 1) + ["12,5"])), spins=1, window="")

    assert found.failed == found.left_open == ()
    assert found.machine == "Raspberry Pi 5 Model B Rev 1.0"
    assert found.display_modes == {"card1-HDMI-A-1": "1920x1080"}
    assert found.power_cut.seconds == 12.5
    assert found.run is spun
    save(found, tmp_path / "acceptance.json")
    assert msgspec.json.decode((tmp_path / "acceptance.json").read_bytes(), type=Acceptance) == found


def test_a_no_fails_and_a_question_left_open_is_named(tmp_path: Path, spun: RunReport) -> None:
    answers = iter(["n", "perhaps", "perhaps", "perhaps", *["y"] * (len(QUESTIONS) - 2), ""])
    found = accept(bench(tmp_path, answers), spins=1, window="")

    assert found.failed == ("picture",)
    assert found.left_open == ("smooth", "power cut")
    assert "failed: picture\nopen: smooth, power cut\n" in as_text(found)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"on_time": False}, "spin time"),
        ({"frame_ms": FrameTimes(9.0, 20.0, 30.0)}, "frame times"),
    ],
)
def test_a_slow_machine_fails(changes: dict[str, object], what: str, tmp_path: Path, spun: RunReport) -> None:
    spun.spins = [msgspec.structs.replace(GOOD, **changes)]
    found = accept(bench(tmp_path, iter(["y"] * (len(QUESTIONS) + 1) + ["9"])), spins=1, window="")

    assert found.failed == (what,)


def test_what_the_doctor_found_wrong_fails(tmp_path: Path, spun: RunReport) -> None:
    broken = bench(tmp_path, iter([""] * (len(QUESTIONS) + 1)))
    broken = Bench(broken.versions, lambda: [wrong("fonts", "none", "install")], broken.machine, broken.ask, broken.say)

    assert accept(broken, spins=1, window="").failed == ("fonts",)


@pytest.mark.slow
def test_a_kiosk_that_cannot_start_is_a_problem_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    run, problem = module.spin_samples(1, window="800x480")

    assert run is None
    assert "ended with 9" in problem


@pytest.mark.slow
def test_sample_spins_are_measured_by_the_real_kiosk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    run, problem = module.spin_samples(1, window="800x480")

    assert problem == ""
    assert run is not None
    assert len(run.spins) == 1
    assert run.spins[0].duration_ms >= 10_900
