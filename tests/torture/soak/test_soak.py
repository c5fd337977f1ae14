"""A short soak with the real kiosk and admin, and that a soak reports work that did not happen."""

import dataclasses
import json
import math
import os
import random
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from kiosk.core.durable import process_lock
from kiosk.core.errors import RefusedError, UsageError
from kiosk.core.home import Home
from tests.torture.soak.__main__ import main
from tests.torture.soak.audit import audit
from tests.torture.soak.faults import FAULTS
from tests.torture.soak.metrics import RotatedFile, Sample
from tests.torture.soak.options import SoakOptions, parse
from tests.torture.soak.preflight import check
from tests.torture.soak.remains import processes_on, remains
from tests.torture.soak.soak import LedgerCount, Soak
from tests.torture.soak.summary import Summary, notify
from tests.torture.soak.trend import trend


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    artifacts = tmp_path_factory.mktemp("soak")
    # The kiosk spins for as long as it takes to publish: the number of lists, not of spins, sets the iterations.
    arguments = ["--spins", "12", "--lists", "4", "--spins-per-list", "2", "--entries", "20"]
    code = main([*arguments, "--artifacts", str(artifacts), "--iteration-timeout", "600", "--heartbeat", "600"])
    (directory,) = artifacts.glob("soak-*")
    assert code == 0, (directory / "summary.txt").read_text()
    return directory


@pytest.mark.slow
def test_a_short_soak_holds_and_leaves_what_it_says(soaked: Path) -> None:
    summary = msgspec.json.decode((soaked / "summary.json").read_bytes(), type=Summary)
    samples = [msgspec.json.decode(line, type=Sample) for line in (soaked / "metrics.jsonl").read_bytes().splitlines()]

    assert summary.problems == ()
    assert summary.spins >= 12
    assert summary.published >= 4
    assert summary.adopted >= summary.iterations == len(samples) >= 3
    assert summary.faults
    assert samples[-1].pss_mb is not None
    assert samples[-1].pss_mb > 10
    assert any(sample.frame_p99_ms is not None for sample in samples)
    assert (soaked / "summary.txt").read_text().endswith("all held\n")
    health = json.loads((soaked / "health.json").read_bytes())
    assert health["status"] == "done"
    assert health["last_success"]
    assert health["success_rate"] == summary.success_rate == 1.0
    assert health["iterations"] == summary.iterations
    assert summary.slowest_s == max(sample.seconds for sample in samples)
    assert all(sample.disk_free_mb for sample in samples)
    assert any(sample.cpu_percent for sample in samples)


@pytest.mark.slow
def test_the_audit_agrees_and_sees_each_forged_total(soaked: Path, tmp_path: Path) -> None:
    assert audit(soaked) == []
    forged = tmp_path / "forged"
    shutil.copytree(soaked, forged)
    honest = json.loads((soaked / "summary.json").read_bytes())
    for field, value in (("spins", 99), ("adopted", 99), ("iterations", 99), ("success_rate", 0.5), ("slowest_s", 0.1)):
        (forged / "summary.json").write_text(json.dumps({**honest, field: value}))
        assert len(audit(forged)) == 1, field


def options_with(directory: Path, **changes: object) -> SoakOptions:
    options = parse(["--spins", "10", "--artifacts", str(directory)])
    return dataclasses.replace(options, **changes)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_soak_whose_kiosk_made_no_spins_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kiosk never starts."""
    soak = Soak(options_with(tmp_path, iteration_timeout_s=1.0, faults=False), tmp_path)
    done = iter([False, True])
    monkeypatch.setattr(soak, "_done", lambda: next(done))
    monkeypatch.setattr(soak.kiosk, "start", lambda: None)
    summary = soak.run()

    assert not summary.ok
    assert "ended by itself" in summary.text
    assert "only 0 of 10 spins were made" in summary.text


def test_a_soak_ends_when_both_its_spins_and_its_lists_are_made(tmp_path: Path) -> None:
    soak = Soak(options_with(tmp_path, lists=2), tmp_path)
    soak.home.kiosk.mkdir(parents=True)
    assert not soak._done()
    soak.home.ledger.write_bytes(b'{"type":"shown"}\n' * 10)
    soak._published = 1
    assert not soak._done()
    soak._audit_work()
    assert "only 1 of 2 lists were published" in soak._problems

    soak._published = 2
    assert soak._done()


def test_a_fault_that_never_happened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soak = Soak(options_with(tmp_path), tmp_path)
    soak._count.types.update({"shown": 10, "result": 10, "adopt": 100})
    soak._samples = [sample(number) for number in range(100)]
    soak._faults.update({name: 4 for name in FAULTS if name != "frozen"})
    soak._audit_work()

    assert soak._problems == [
        "faults that never happened: frozen, admin killed",
        "12 bad files were there, and none was refused",
    ]


def sample(number: int, **changes: object) -> Sample:
    plain = Sample(
        at="",
        iteration=number,
        life=1,
        generation=number,
        spins=number * 10,
        frame_p99_ms=1.0,
        pss_mb=50.0,
        private_mb=50.0,
        handles=10,
        threads=4,
        heartbeat_s=0.1,
        fault="",
        failed="",
        seconds=1.0,
    )
    return msgspec.structs.replace(plain, **changes)


@pytest.mark.parametrize(("slope", "grows"), [(0.0, False), (0.002, True), (-0.002, False)])
def test_a_leak_is_told_from_noise(slope: float, grows: bool, tmp_path: Path) -> None:
    noise = random.Random(3)  # noqa: S311 - noise
    soak = Soak(options_with(tmp_path), tmp_path)
    soak._samples = [
        sample(
            number, life=1 + number // 100, private_mb=50.0 + number // 100 + slope * number * 10 + noise.gauss(0, 0.3)
        )
        for number in range(300)
    ]
    summary = soak._summarise()

    assert any("private_mb grows" in problem for problem in summary.problems) is grows


def test_a_slope_is_found_across_lives_of_different_levels() -> None:
    lives = [[(x + 100.0 * life, 0.5 * x + 1000 * life) for x in range(20)] for life in range(4)]

    found = trend(lives)

    assert found.slope == pytest.approx(500)
    assert found.margin == pytest.approx(0, abs=1e-6)


def test_too_few_samples_make_no_trend() -> None:
    assert math.isinf(trend([[(1, 1), (2, 2)]]).margin)


def test_a_torn_line_is_counted_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    count = LedgerCount(path)
    count.update()
    path.write_bytes(b'{"type":"adopt","generation":7}\n{"type":"sho')
    count.update()
    assert (count.generation, count.types["shown"]) == (7, 0)
    path.write_bytes(b'{"type":"adopt","generation":7}\n{"type":"recovered"}\n{"type":"shown"}\n')
    count.update()

    assert (count.types["recovered"], count.types["shown"]) == (1, 1)


def test_rotated_files_stay_within_their_size(tmp_path: Path) -> None:
    file = RotatedFile(tmp_path / "log", 10_000)
    for number in range(3000):
        file.append(f"line {number}".encode())

    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000 + 100
    assert (tmp_path / "log").read_text().endswith("line 2999\n")


def test_each_option_is_an_environment_variable_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHEEL_SOAK_SPINS", "7")
    monkeypatch.setenv("WHEEL_SOAK_ITERATION_TIMEOUT", "3.5")
    monkeypatch.setenv("WHEEL_SOAK_DEBUG", "1")

    assert parse([]).spins == 7
    assert parse([]).iteration_timeout_s == 3.5
    assert parse([]).debug
    assert parse(["--spins", "8"]).spins == 8


@pytest.mark.parametrize(
    ("arguments", "variable", "says"),
    [
        ([], {}, "length of the soak is missing"),
        (["--spins", "0"], {}, "--spins 0 is not above 0"),
        (["--lists", "0"], {}, "--lists 0 is not above 0"),
        ([], {"WHEEL_SOAK_HOURS": "soon"}, "WHEEL_SOAK_HOURS=soon"),
    ],
)
def test_impossible_options_are_refused(
    arguments: list[str], variable: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=says):
        parse(arguments)


def test_the_summary_is_posted_and_an_unreachable_address_is_ignored() -> None:
    told: list[bytes] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        listening = threading.Thread(target=server.handle_request)
        listening.start()
        notify(f"http://127.0.0.1:{server.server_port}/soak", Summary(**EMPTY))  # type: ignore[arg-type]
        listening.join()
        closed = server.server_port
    notify(f"http://127.0.0.1:{closed}/soak", Summary(**EMPTY))  # type: ignore[arg-type]

    (body,) = told
    assert msgspec.json.decode(body)["ok"] is True


def test_a_soak_that_cannot_run_is_refused_with_every_reason(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 1000000 kB\nMemAvailable: 100000 kB\n")
    options = options_with(tmp_path, max_artifact_mb=1e12, notify="http://127.0.0.1:1/")

    with pytest.raises(RefusedError) as caught:
        check(options, meminfo=tmp_path / "meminfo")
    assert [problem.split(" ")[1] for problem in caught.value.problems] == ["MB", "MB", "cannot"]
    check(options_with(tmp_path), meminfo=tmp_path / "none")


def test_a_process_that_an_earlier_soak_left_is_named(tmp_path: Path) -> None:
    home = tmp_path / "soak-1" / "home"
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            assert [name.split()[0] for name in processes_on(tmp_path)] == [str(process.pid)]
            with pytest.raises(RefusedError, match="an earlier soak left a process"):
                check(options_with(tmp_path))
        finally:
            process.kill()
    assert processes_on(tmp_path) == []


def test_locks_and_temporary_files_that_are_left_are_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.kiosk.mkdir()
    home.admin.mkdir()
    (home.kiosk / ".ledger.1234.tmp").touch()
    with process_lock(home.kiosk_lock, holder="A kiosk"):
        found = remains(home, swept_by_others=False)

    assert [line.split(":")[0] for line in found][:2] == ["temporary files are left", "a lock is still held"]
    assert remains(home, swept_by_others=False) == []


def test_artifacts_beyond_their_size_end_the_soak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soak = Soak(options_with(tmp_path, max_artifact_mb=0.001), tmp_path)
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(soak, "_admin", lambda *arguments: asked.append(arguments))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "large").write_bytes(bytes(5000))
    soak._keep_small()

    assert asked == [("prune", "--keep", "10")]
    assert soak._done()
    assert "the artifacts and the home take" in soak._problems[0]


def test_old_artifacts_are_removed_and_young_ones_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, young = tmp_path / "soak-old", tmp_path / "soak-young"
    for directory in (old, young):
        directory.mkdir()
    os.utime(old, (0, 0))
    monkeypatch.setattr("tests.torture.soak.__main__.Soak.run", lambda self: Summary(**EMPTY))  # type: ignore[arg-type]
    main(["--spins", "1", "--artifacts", str(tmp_path)])

    assert not old.exists()
    assert young.exists()


EMPTY = {
    "started": "2026-05-04T09:30:00.000Z",
    "ended": "2026-05-04T09:40:00.000Z",
    "host": "pi",
    "os": "Linux",
    "versions": "wheel-kiosk",
    "seed": 1,
    "success_rate": 1.0,
    "slowest_iteration": 1,
    "slowest_s": 2.0,
    "problems": (),
    "iterations": 0,
    "seconds": 0.0,
    "spins": 0,
    "adopted": 0,
    "published": 0,
    "faults": {},
    "lives": 0,
    "trends": {},
    "frame_p99_ms": None,
}
