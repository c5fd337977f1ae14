"""Every metric is read from a running kiosk, and the dashboard and the alerts name only metrics that exist."""

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

import msgspec
import pytest

from kiosk.core.home import Home
from kiosk.supervise.health.prometheus import METRICS, PREFIX
from kiosk.supervise.health.report import Health
from tests.e2e.processes import PATIENCE_S, ROOT, people, published_home, records, running_kiosk, wait_for
from tests.e2e.x_server import x_server

MONITORING = ROOT / "docs/monitoring"
ONLY_WHERE_REPORTED = frozenset(
    {"temperature_celsius", "throttled", "undervoltage", "undervoltage_since_boot", "disk_errors", "errors_total"}
)
"""What a machine without sensors, on a file system that is not ext4, without an error, does not report."""
ASKED = {
    "frames a second": {"last_spin_frames_per_second"},
    "frame times of the last spin": {"last_spin_frame_seconds"},
    "dropped frames of the last spin": {"last_spin_dropped_frames", "frames_dropped_total"},
    "spin duration": {"last_spin_duration_seconds", "last_spin_on_time", "spins_off_time_total"},
    "spins made, failed, resumed": {"spins_made_total", "spins_failed_total", "spins_resumed_total"},
    "failed frames": {"frames_failed_total"},
    "lists adopted and refused": {"lists_adopted_total", "lists_refused_total"},
    "caches with size and limit": {"cache_size", "cache_limit"},
    "memory, handles, threads, uptime": {"pss_bytes", "open_files", "threads", "uptime_seconds"},
    "error counts by kind": {"errors_total"},
    "last success": {"last_success_timestamp_seconds"},
}
"""What an operator needs, and the metrics that say it."""


def names_in(path: Path) -> set[str]:
    """Return the names of our metrics in a file, without their prefix."""
    return set(re.findall(rf"\b{PREFIX}([a-z0-9_]+)", path.read_text()))


@pytest.mark.parametrize("file", ["alerts.yml", "dashboard.json"])
def test_dashboard_and_alerts_name_only_metrics_that_exist(file: str) -> None:
    found = names_in(MONITORING / file)

    assert len(found) > 10
    assert found <= {metric.name for metric in METRICS}


def test_the_dashboard_shows_every_metric() -> None:
    assert names_in(MONITORING / "dashboard.json") == {metric.name for metric in METRICS}


def test_every_panel_of_the_dashboard_asks_something() -> None:
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]

    assert len(panels) > 10
    assert all(panel["title"] and panel["targets"] and panel["targets"][0]["expr"] for panel in panels)


def test_promtool_accepts_the_alerts() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool (Debian: prometheus)")
    done = subprocess.run(
        [promtool, "check", "rules", str(MONITORING / "alerts.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("what", ASKED)
def test_what_an_operator_needs_is_a_metric(what: str) -> None:
    assert ASKED[what] <= {metric.name for metric in METRICS}


@pytest.mark.slow
@pytest.mark.window
def test_a_refused_press_and_a_refused_file_are_counted_by_a_running_kiosk(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(1), ["winners", "remove"])
    (home.snapshots / "snapshot-000009.json").write_text("{}")
    metrics = tmp_path / "wheel.prom"

    def counted() -> bool:
        server.press("space")
        return b'errors_total{kind="RefusedError"}' in read(metrics)

    with (
        x_server(tmp_path, (800, 480)) as server,
        running_kiosk(home, SDL_VIDEODRIVER="x11", DISPLAY=server.name, WHEEL_KIOSK_METRICS_FILE=str(metrics)) as kiosk,
    ):
        wait_for(lambda: counted() or kiosk.poll() is not None, "a press that is refused: everybody has won")
        text = metrics.read_text()

    values = dict(re.findall(rf"^{PREFIX}(\S+) (\S+)$", text, re.MULTILINE))
    assert float(values['errors_total{kind="RefusedError"}']) >= 1
    assert float(values["spins_failed_total"]) >= 1
    assert values["spins_made_total"] == "1"
    assert values["lists_refused_total"] == "1"


@pytest.mark.slow
def test_every_metric_is_read_from_a_running_kiosk(tmp_path: Path) -> None:
    home: Home = published_home(tmp_path, people(60))
    files = {"health_file": tmp_path / "health.json", "metrics_file": tmp_path / "wheel.prom"}
    settings = {f"WHEEL_KIOSK_{key.upper()}": str(path) for key, path in files.items()}
    with running_kiosk(home, "--spins", "2", **settings) as kiosk:
        wait_for(lambda: bool(records(home, "shown")) or kiosk.poll() is not None, "a spin")
        wait_for(lambda: b"wheel_kiosk_spins_made_total 1" in read(files["metrics_file"]), "a report after it")
        health = msgspec.json.decode(files["health_file"].read_bytes(), type=Health)
        text = files["metrics_file"].read_text()
        kiosk.send_signal(signal.SIGTERM)
        kiosk.wait(PATIENCE_S)

    read_names = set(re.findall(rf"^{PREFIX}([a-z0-9_]+)", text, re.MULTILINE))
    assert {metric.name for metric in METRICS} - read_names <= ONLY_WHERE_REPORTED
    assert health.last_spin is not None
    assert health.last_spin.duration_ms >= 10_900
    assert 0 < health.last_spin.frames_per_second <= 61
    assert 0 < health.last_spin.frame_p50_ms <= health.last_spin.frame_p99_ms <= health.last_spin.frame_max_ms
    assert health.counters.lists_adopted == 1
    assert health.last_spin_at
    assert health.visible
    assert health.open_files
    assert health.threads
    assert all(0 <= cache.size <= cache.limit for cache in health.caches)


def read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
