"""`wheel-fetch` as a process: over real http, and killed at random moments."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.home import Home
from kiosk.core.source_status import read_sources_status
from tests.kiosk.fetcher.web import Web, web_server
from tests.kiosk.fetcher.world import Publisher, check_home, new_home
from tests.support import snapshot

FETCH = (sys.executable, "-m", "kiosk.fetcher")
HANG_S = 60


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as server:
        yield server


def fetching_home(root: Path, url: str, *, every_s: float = 0.2) -> Home:
    home = new_home(root)
    home.settings.write_text(f'[[source]]\nurl = "{url}"\nevery_s = {every_s}\n')
    return home


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + HANG_S
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, f"{path.name} never came"
        time.sleep(0.05)


@pytest.mark.slow
def test_brings_lists_as_they_are_published_until_it_is_stopped(web: Web, tmp_path: Path) -> None:
    home = fetching_home(tmp_path, web.url)
    publisher = Publisher(web.files.__setitem__)
    publisher.publish(snapshot(1))
    with subprocess.Popen(
        [*FETCH, "--home", str(home.root), "--log-format", "json"], stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for(home.snapshot(1), process)
        publisher.publish(snapshot(2))
        wait_for(home.snapshot(2), process)
        home.settings.write_text(home.settings.read_text() + "timeout_s = 4\n")  # read again without a restart
        publisher.publish(snapshot(3))
        wait_for(home.snapshot(3), process)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=HANG_S)
    assert process.returncode == 0, log
    assert "Traceback" not in log
    assert all(json.loads(line) for line in log.splitlines())
    check_home(home)
    status = read_sources_status(home.fetch_status)
    assert status is not None
    assert [source.problem for source in status.sources] == [""]


@pytest.mark.slow
def test_once_says_by_its_exit_code_whether_every_source_answered(web: Web, tmp_path: Path) -> None:
    home = fetching_home(tmp_path, web.url)
    once = [*FETCH, "--home", str(home.root), "--once"]
    assert subprocess.run(once, capture_output=True, check=False, timeout=HANG_S).returncode == 7
    Publisher(web.files.__setitem__).publish(snapshot(1))
    assert subprocess.run(once, capture_output=True, check=False, timeout=HANG_S).returncode == 0
    assert home.snapshot(1).exists()


@pytest.mark.slow
def test_a_wrong_source_is_named_with_its_line_and_exits_2(tmp_path: Path) -> None:
    home = fetching_home(tmp_path, "gopher://hall/")
    done = subprocess.run(
        [*FETCH, "--home", str(home.root)], capture_output=True, text=True, check=False, timeout=HANG_S
    )

    assert done.returncode == 2
    assert "line 1" in done.stderr
    assert "gopher" in done.stderr


@pytest.mark.slow
def test_no_credential_reaches_log_process_list_or_status(web: Web, tmp_path: Path) -> None:
    home = fetching_home(tmp_path, web.url)
    home.credentials.mkdir()
    (home.credentials / "hall").write_text('token = "s3cr3t"\n')
    (home.credentials / "hall").chmod(0o600)
    home.settings.write_text(home.settings.read_text() + 'credential = "hall"\n')
    with subprocess.Popen(
        [*FETCH, "--home", str(home.root), "--verbose"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        wait_for(home.fetch_status, process)
        until = time.monotonic() + HANG_S
        while not web.asked and time.monotonic() < until:
            time.sleep(0.05)
        listed = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
        process.terminate()
        said = "".join(process.communicate(timeout=HANG_S))
    assert web.seen["Authorization"] == "Bearer s3cr3t"
    assert "s3cr3t" not in said + listed.decode(errors="replace") + home.fetch_status.read_text()


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_only_verified_files(web: Web, tmp_path: Path) -> None:
    home = fetching_home(tmp_path, web.url, every_s=0.1)
    publisher = Publisher(web.files.__setitem__)
    chance = random.Random(3)  # noqa: S311 - repeats in every run
    for generation in range(1, 21):
        publisher.publish(snapshot(generation, people=300))
        process = subprocess.Popen([*FETCH, "--home", str(home.root)], stderr=subprocess.DEVNULL)
        time.sleep(0.5 + chance.random())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for left in home.snapshots.glob(".*.tmp"):  # what no reader opens, and the next writer sweeps
            left.unlink()
        check_home(home)
    subprocess.run([*FETCH, "--home", str(home.root), "--once"], check=True, timeout=HANG_S)
    assert home.snapshot(20).exists()
    check_home(home)
