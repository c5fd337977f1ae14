"""What lies in the directories that others can write to: nothing there blocks, grows memory, or stays unmentioned."""

import os
import socket
import stat
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from kiosk.config.look import theme_of
from kiosk.config.settings import load_settings
from kiosk.core.clock import ManualClock
from kiosk.core.errors import SnapshotUnreadable, UsageError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys, trust
from kiosk.intake import request_files as inbox
from kiosk.intake import snapshot_files as store
from kiosk.intake.loader import Loader
from kiosk.intake.request_files import Delivered
from kiosk.intake.snapshot_files import Floor, KnownLists, Refusal, candidates, newest_good
from kiosk.intake.verdict_cache import SETTLE_NS, Verdicts
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.secret_store import SecretStore
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.session.draw_session import Session
from tests.kiosk.intake.loading import Painter
from tests.support import KEY, STRANGER, TRUSTED, counted_bytes, envelope, publish, snapshot

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such files there")
T = TypeVar("T")


def delivered(directory: Path) -> tuple[tuple[Delivered, ...], list[Refusal]]:
    """Look once; whatever is bad is refused at once."""
    verdicts: Verdicts[Delivered] = Verdicts(ManualClock(), settle_ns=0)
    return inbox.delivered(directory, keys=TRUSTED, verdicts=verdicts), verdicts.refusals


NEVER_S = 120.0
"""How long a task may take before it counts as waiting."""


def at_once(task: Callable[[], T]) -> T:
    """Return what the task returns, on a thread of its own: a task that waits fails instead of hanging the suite."""
    found: list[T] = []
    thread = threading.Thread(target=lambda: found.append(task()), daemon=True)
    thread.start()
    thread.join(NEVER_S)
    assert found, "it waits, or it raised"
    return found[0]


def a_link_to_a_good_one(path: Path) -> None:
    good = path.parent / "good"
    good.write_bytes(envelope(snapshot(9)))
    path.symlink_to(good)


def a_link_out_of_the_directory(path: Path) -> None:
    path.symlink_to("../../../../etc/passwd")


def a_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def a_link_to_an_endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero by another name
    except OSError:
        pytest.skip("no right to make devices here")


def a_socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the names of sockets are short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(before)


def a_directory(path: Path) -> None:
    path.mkdir()
    (path / "inside").touch()


def an_empty_file(path: Path) -> None:
    path.touch()


def a_huge_file_of_nothing(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


STRANGE = (
    *(a_link_to_a_good_one, a_link_out_of_the_directory, a_dangling_link, a_loop, a_link_to_an_endless_device, a_pipe),
    *(a_device, a_socket, a_directory, an_empty_file, a_huge_file_of_nothing),
)
every_strange_thing = pytest.mark.parametrize("make", STRANGE, ids=lambda make: make.__name__)


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Fail what takes more than 4 MiB on the way: a file may claim to have a terabyte."""
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20


@pytest.mark.usefixtures("little_memory")
@every_strange_thing
def test_what_is_no_file_is_no_list_and_the_good_one_is_shown(tmp_path: Path, make: Callable[[Path], None]) -> None:
    publish(tmp_path, snapshot(3))
    make(tmp_path / "snapshot-000009.json")

    published, refusals = at_once(lambda: newest_good(candidates(tmp_path), keys=TRUSTED, floor=Floor()))

    assert published is not None
    assert published.generation == 3
    assert [refusal.path.name for refusal in refusals] == ["snapshot-000009.json"]
    assert refusals[0].error.message


@pytest.mark.usefixtures("little_memory")
@every_strange_thing
@pytest.mark.parametrize("name", ["request-00000000000000aa.json"])
def test_what_is_no_file_is_no_message(tmp_path: Path, make: Callable[[Path], None], name: str) -> None:
    make(tmp_path / name)

    messages, refusals = at_once(lambda: delivered(tmp_path))

    assert messages == ()
    assert [refusal.path.name for refusal in refusals] == [name]


@pytest.mark.usefixtures("little_memory")
@every_strange_thing
def test_what_is_no_file_is_nobodys_key_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, make: Callable[[Path], None]
) -> None:
    trust(tmp_path, KEY.public)
    make(tmp_path / "0.pem")

    assert at_once(lambda: load_trusted_keys(tmp_path)).keys() == TRUSTED.keys()
    assert "0.pem" in caplog.text


def test_a_key_behind_a_link_is_not_trusted(tmp_path: Path) -> None:
    """Who may write a link need not be who may write the key."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = trust(elsewhere, STRANGER.public)
    (tmp_path / "a.pem").symlink_to(target)

    assert load_trusted_keys(tmp_path) == {}


@pytest.mark.parametrize("name", ["request-00000000000000aa.json", "snapshot-000003.json", "0.pem"])
def test_a_file_that_may_not_be_read_is_named_and_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / name).touch()
    monkeypatch.setattr(os, "open", denied)  # root may read everything

    _, lists = newest_good(candidates(tmp_path), keys=TRUSTED, floor=Floor())
    _, messages = delivered(tmp_path)
    assert load_trusted_keys(tmp_path) == {}
    said = caplog.text + "".join(refusal.error.message for refusal in [*lists, *messages])
    assert f"{name} cannot be read: Permission denied" in said


def test_a_file_that_becomes_a_pipe_between_two_looks_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = publish(tmp_path, snapshot(3))
    opened = os.open

    def replaced(name: Path, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return opened(name, flags)

    monkeypatch.setattr("kiosk.intake.snapshot_files.os.open", replaced)
    with pytest.raises(SnapshotUnreadable, match="not a regular file"):
        store.read(path, keys=TRUSTED)


@pytest.mark.parametrize(
    "name",
    [
        *("snapshot-1.json", "snapshot-0000001.json", "..", "snapshot-000001.json\n", "SNAPSHOT-000001.JSON", "-rf"),
        *("a" * 255, "snapshot-٠٠٠٠٠١.json", ".snapshot-000001.json.0000.tmp", "\udcff.json", "snapshot-000001.json "),
    ],
    ids=ascii,
)
def test_a_file_of_another_name_is_never_opened(tmp_path: Path, name: str) -> None:
    if name != "..":
        os.mkfifo(tmp_path / name)

    assert list(candidates(tmp_path)) == []
    assert at_once(lambda: delivered(tmp_path)) == ((), [])


@every_strange_thing
def test_a_look_of_the_kiosk_passes_over_all_of_it(
    tmp_path: Path, make: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(tmp_path)
    for directory in (home.snapshots, home.trusted, home.secrets, home.secrets_again):
        directory.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, snapshot(3))
    for path in (
        home.trusted / "0.pem",
        home.snapshots / "snapshot-000009.json",
        home.snapshots / "request-00000000000000aa.json",
    ):
        make(path)
    lists = KnownLists(home.snapshots)
    ledger = Ledger(home.ledger, clock=ManualClock(), lists=lists)
    secrets = SecretStore(home.secrets, home.secrets_again, random_bytes=counted_bytes())
    clock = ManualClock()
    session = Session(ledger=ledger, secrets=secrets, kiosk_id="a" * 64, lists=lists)
    loader = Loader(home, session, Painter(), clock=clock)
    at_once(loader.look)
    clock.sleep_ns(2 * SETTLE_NS)  # it is not a copy that still grows
    at_once(loader.look)
    ledger.close()

    prepared = loader.mailbox.take()
    assert prepared is not None
    assert prepared.listed.snapshot.generation == 3
    assert {one.path.name for one in loader.refusals} == {"snapshot-000009.json", "request-00000000000000aa.json"}
    assert "0.pem" in caplog.text


@pytest.mark.parametrize("make", [a_pipe, a_directory, a_link_to_an_endless_device, a_huge_file_of_nothing])
def test_settings_and_themes_that_are_no_files_are_refused_without_waiting(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "kiosk.toml")
    make(tmp_path / "my.toml")

    def refused() -> str:
        with pytest.raises(UsageError) as caught:
            load_settings(tmp_path / "kiosk.toml")
        return str(caught.value)

    assert "kiosk.toml" in at_once(refused)
    theme, problem = at_once(lambda: theme_of("my.toml", tmp_path))
    assert theme == BUILT_IN
    assert "my.toml" in problem
