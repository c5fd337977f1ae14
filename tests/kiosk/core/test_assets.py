"""The files in assets/ are found in a checkout and once installed, made by our scripts, and small enough."""

import struct
import sys
import tomllib
from itertools import islice
from pathlib import Path

import pygame
import pytest

from artwork import make_pictures as pictures
from demo.workbook import people
from kiosk.core import assets
from kiosk.core.assets import asset

ROOT = Path(__file__).resolve().parents[3]
SCREENS = ROOT / "assets" / "screens"
LARGEST_PICTURE, LARGEST_FILM = 600_000, 3_000_000
"""In bytes: what a page may cost somebody who only wants to read it."""


def test_in_a_checkout_assets_lie_beside_the_package() -> None:
    assert asset("themes/night.toml") == ROOT / "assets" / "themes" / "night.toml"
    assert asset("sounds/riser.wav").is_file()


def test_once_installed_they_lie_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "kiosk"
    inside = package / "_assets" / "themes"
    inside.mkdir(parents=True)
    (inside / "night.toml").touch()
    monkeypatch.setattr(assets, "_PACKAGE", package)

    assert asset("themes/night.toml") == inside / "night.toml"


def test_an_asset_that_is_missing_is_a_path_all_the_same() -> None:
    """Opening it raises, and names the file."""
    assert asset("themes/nothing.toml") == ROOT / "assets" / "themes" / "nothing.toml"


def test_what_the_kiosk_opens_is_packed_into_the_wheel() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert build["force-include"] == {
        **{f"assets/{name}": f"kiosk/_assets/{name}" for name in ("texts", "themes", "sounds", "kiosk.toml")},
        "tools/verify": "wheel_admin/_verify",
    }
    assert sorted(path.name for path in (ROOT / "assets").iterdir()) == [
        "kiosk.toml",
        "screens",
        "sounds",
        "texts",
        "themes",
    ]


@pytest.mark.parametrize("name", ["idle", "spinning", "result"])
def test_each_picture_of_the_readme_has_its_size_and_is_small(name: str) -> None:
    path = SCREENS / f"{name}.png"

    assert pygame.image.load(path).get_size() == pictures.SIZE
    assert path.stat().st_size <= LARGEST_PICTURE


def test_the_film_is_an_animated_webp_of_a_few_seconds_and_small() -> None:
    """Read from its chunks (RIFF, then VP8X with the size, then a frame's duration in each ANMF)."""
    data = (SCREENS / "spin.webp").read_bytes()
    assert (data[:4], data[8:16]) == (b"RIFF", b"WEBPVP8X")
    width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
    durations_ms, at = [], 12
    while at < len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if name == b"ANMF":
            durations_ms.append(int.from_bytes(data[at + 20 : at + 23], "little"))
        at += 8 + size + size % 2

    assert (width, height) == pictures.FILM_SIZE
    assert 4_500 <= sum(durations_ms) <= 9_000
    assert len(data) <= LARGEST_FILM


@pytest.mark.slow
def test_the_script_makes_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a film of a few frames: each of the 200 takes 60 ms."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")  # the script sets it, and here it is put back
    film = pictures.Stage.film
    monkeypatch.setattr(pictures.Stage, "film", lambda stage: islice(film(stage), 3))
    monkeypatch.setattr(sys, "argv", ["pictures", "--directory", str(tmp_path / "screens")])
    assert pictures.main() == 0

    made = sorted((tmp_path / "screens").iterdir())
    assert [path.name for path in made] == sorted(path.name for path in SCREENS.iterdir())
    for path in made[:2]:
        assert pygame.image.load(path).get_size() == pictures.SIZE


def test_no_picture_is_left_over() -> None:
    assert sorted(path.name for path in SCREENS.iterdir()) == ["idle.png", "result.png", "spin.webp", "spinning.png"]


def test_the_people_in_the_pictures_are_those_of_the_demo() -> None:
    found = people(50)

    assert found == people(3000)[:50]
    assert [entry.ticket for entry in found[:3]] == ["0001", "0002", "0003"]
    assert all(entry.name.strip() and entry.weight in {1, 2, 3} for entry in found)


@pytest.mark.slow
def test_the_film_is_one_whole_spin_that_ends_on_its_winner() -> None:
    """Drawn scenes are the kiosk's; only the film's order of them is ours."""
    pygame.font.init()
    pygame.freetype.init()
    stage = pictures.Stage(people(pictures.GUESTS), winner=6)
    scenes = list(stage.film())
    stage.close()
    pygame.quit()

    assert scenes[0] == stage.idle()
    assert scenes[-1].outcome is not None
    assert scenes[-1].outcome.name == stage.face.names[6]
    assert stage.face.segments.at(scenes[-1].angle) == 6
    turning = [scene for scene in scenes if scene.speed]
    assert len(turning) > len(scenes) / 3
    assert len(scenes) / pictures.FILM_FPS == pytest.approx(7.5, abs=1)
