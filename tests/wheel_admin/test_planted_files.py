"""Links, FIFOs and huge files planted where the organiser's commands read: named, never followed or waited for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.home import Home
from tests.wheel_admin.conftest import Desk, posix_only

pytestmark = posix_only


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link(path: Path) -> None:
    (path.parent / "elsewhere").write_bytes(b"secret")
    path.symlink_to("elsewhere")


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


PLANTS: dict[Callable[[Path], None], str] = {
    pipe: "it is not a regular file",
    link: "it is a link",
    huge: "it is larger than",
}
READERS: dict[str, tuple[Callable[[Home], Path], tuple[str, ...]]] = {
    "draft": (lambda home: home.draft, ("show",)),
    "ledger": (lambda home: home.ledger, ("draws",)),
    "signing key": (lambda home: home.signing_key, ("publish",)),
    "receipt secret": (lambda home: home.receipt_secret, ("receipt", "T0000")),
    "settings": (lambda home: home.settings, ("preview", "-o", "picture.png")),
}


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("name", READERS)
def test_a_planted_file_is_named_and_neither_followed_nor_waited_for(
    name: str, plant: Callable[[Path], None], desk: Desk, people: Callable[[int], Path]
) -> None:
    desk.do("import", people(2))
    if name == "receipt secret":
        desk.do("publish", "--public", str(desk.files))
    path_of, command = READERS[name]
    path = path_of(desk.home)
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    plant(path)

    outcome = desk.run(*command)

    assert outcome.code in {2, 6, 7}, outcome
    assert PLANTS[plant] in outcome.err
    assert str(path) in outcome.err
    assert "secret" not in outcome.err.replace(str(path), "")


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_status_or_trusted_key_is_told_beside_the_rest(plant: Callable[[Path], None], desk: Desk) -> None:
    desk.home.kiosk.mkdir(exist_ok=True)
    plant(desk.home.status)
    plant(desk.home.trusted / "planted.pem")

    outcome = desk.run("status")

    assert outcome.code == 0
    assert f"The kiosk's status cannot be read: {PLANTS[plant]}" in outcome.out


@pytest.mark.parametrize("plant", PLANTS)
def test_another_ledger_may_be_a_link_but_nothing_that_is_waited_for(plant: Callable[[Path], None], desk: Desk) -> None:
    desk.home.ledger.write_bytes(b"")
    plant(desk.files / "theirs.jsonl")

    outcome = desk.run("verify", "--against", str(desk.files / "theirs.jsonl"))

    if plant is link:
        assert outcome.code in {0, 1}
    else:
        assert outcome.code == 7
        assert PLANTS[plant] in outcome.err
