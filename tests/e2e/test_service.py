"""The kiosk as a service: a real process, and a service manager that listens on a real socket."""

import json
import socket
from pathlib import Path

import msgspec
import pytest

from kiosk.core.home import Home
from kiosk.supervise.health.report import Health
from tests.e2e.processes import PATIENCE_S, people, published_home, running_kiosk, wait_for

pytestmark = pytest.mark.slow


def test_a_service_says_ready_beats_reports_its_health_logs_json_and_says_goodbye(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(20))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE_S)
        metrics = str(tmp_path / "wheel.prom")
        with running_kiosk(
            home, "--log-format", "json", NOTIFY_SOCKET=manager.getsockname(), WHEEL_KIOSK_METRICS_FILE=metrics
        ) as kiosk:
            heard = [manager.recv(4096) for _ in range(3)]
            wait_for(lambda: Path(metrics).exists(), "the metrics")
            kiosk.terminate()
            assert kiosk.wait(PATIENCE_S) == 0
        while (word := manager.recv(4096)) != b"STOPPING=1":
            heard.append(word)

    assert heard[:3] == [b"STATUS=idle: generation 1, 0 spins", b"READY=1", b"WATCHDOG=1"]
    health = msgspec.json.decode((home.kiosk / "health.json").read_bytes(), type=Health)
    assert (health.state, health.generation, health.watcher_alive) == ("idle", 1, True)
    assert "wheel_kiosk_generation 1\n" in Path(metrics).read_text()
    log = [json.loads(line) for line in (home.root / "kiosk.log").read_text().splitlines()]
    assert any(line["message"].startswith("adopted generation 1") for line in log)


def test_a_wrong_key_is_on_the_status_line_and_the_wheel_is_shown_all_the_same(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.kiosk.mkdir(parents=True)
    home.settings.write_text("rotate = 45\n")
    with running_kiosk(home):
        pass
    status = json.loads(home.status.read_text())
    assert status["state"] == "idle"
    assert any("kiosk.toml, line 1: rotate is 45" in notice for notice in status["notices"])
