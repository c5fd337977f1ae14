"""The keys that name a report's file can overwrite nothing of the kiosk."""

from pathlib import Path

import pytest

from kiosk.commands.config import check
from kiosk.config.report_files import problem_with_report_file
from kiosk.config.settings import read_settings
from kiosk.core.errors import UsageError
from kiosk.core.home import Home

FILES = [path.name for path in (getattr(Home(Path("/home")), one) for one in ("ledger", "checkpoints", "kiosk_key"))]
OF_THE_KIOSK = [
    *FILES,
    *("status.json", "STATUS.json", "gpu.json", "kiosk.toml", "kiosk-key.pub.pem", "secrets", "adopted", ".lock"),
    *("trusted/key.pem", "adopted/snapshot-000001.json", "secrets/x.json", "themes/x.json", "./status.json", "."),
    *("../snapshots/snapshot-000002.json", "..", "a\\b.json", ".hidden.json", "a\0b.json", "health.json\n", "health"),
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.kiosk.mkdir(parents=True)
    return home


@pytest.mark.parametrize("key", ["health_file", "metrics_file"])
@pytest.mark.parametrize("name", OF_THE_KIOSK)
def test_no_report_overwrites_a_file_of_the_kiosk(home: Home, key: str, name: str) -> None:
    loaded = read_settings(home.settings, {f"WHEEL_KIOSK_{key.upper()}": name})

    assert len(loaded.problems) == 1
    assert getattr(loaded.settings, key) in {"", "health.json"}


def test_no_absolute_path_leads_into_the_home_not_even_by_a_link(home: Home, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(home.kiosk)
    for path in (home.ledger, home.kiosk / "report.json", tmp_path / "link" / "x.json", tmp_path / "a/../home/x.json"):
        assert "in the home" in problem_with_report_file(str(path), home)
    for path in (tmp_path / "health.json", Path("/run/wheel-kiosk/wheel-kiosk.prom"), tmp_path / "homes" / "x.txt"):
        assert problem_with_report_file(str(path), home) == ""


@pytest.mark.parametrize("name", ["health.json", "wheel.prom", "my-report_2.txt", ""])
def test_a_name_of_its_own_is_taken(home: Home, name: str) -> None:
    loaded = read_settings(home.settings, {"WHEEL_KIOSK_METRICS_FILE": name})

    assert loaded.problems == ()
    assert loaded.settings.metrics_file == name


def test_config_check_says_what_is_wrong_with_it(home: Home) -> None:
    home.settings.write_text('metrics_file = "ledger.jsonl"\nhealth_file = "status.json"\n')

    with pytest.raises(UsageError) as caught:
        check(home.settings, {})

    told = str(caught.value)
    assert "line 1: metrics_file is" in told
    assert "not a plain name that ends in .json, .prom or .txt" in told
    assert "line 2: health_file is" in told
    assert "the name of a file of the kiosk" in told
