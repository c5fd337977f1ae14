"""`wheel-admin preview`: the kiosk's own picture of the draft, and a clear word where there is none."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pygame
import pytest
from msgspec.structs import replace

from kiosk.config.look import OUR_THEMES
from kiosk.screen.scene import Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.themes.theme_file import load_theme
from kiosk.screen.view import View
from kiosk.snapshot.model import Event
from tests.wheel_admin.conftest import Desk
from wheel_admin.commands.draft.preview import SAMPLE_WINNER
from wheel_admin.draft import save_draft

SMALL = ("--size", "800x480")


@pytest.fixture(autouse=True)
def _pygame() -> Iterator[None]:
    yield
    pygame.quit()


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A desk whose draft has three entries."""
    for ticket, name in (("0001", "Ana Korberg"), ("0002", "محمد البحراني"), ("0003", "王小明")):
        desk.do("entries", "add", ticket, name)
    return desk


def drawn(desk: Desk, *arguments: str | Path, name: str = "x.png") -> bytes:
    """Draw a small preview and return the picture's pixels."""
    desk.do("preview", *SMALL, *arguments, "-o", desk.files / name)
    return pygame.image.tobytes(pygame.image.load(desk.files / name), "RGB")


@pytest.mark.slow
def test_it_draws_the_draft_and_says_what_it_drew(full: Desk) -> None:
    path = full.files / "x.png"
    answer = full.do("preview", "--size", "1024x600", "-o", path)

    assert answer == {
        "file": str(path),
        "width": 1024,
        "height": 600,
        "state": "idle",
        "theme": "night",
        "title": "Prize draw",
        "entries": 3,
    }
    assert pygame.image.load(path).get_size() == (1024, 600)


def test_it_has_help_with_examples(full: Desk) -> None:
    told = full.run("preview", "--help").out

    assert "Usage: wheel-admin preview" in told
    assert "Examples:" in told
    assert all(word in told for word in ("--theme", "--size", "--state", "--json", "WHEEL_HOME", "night, day"))


@pytest.mark.slow
def test_in_words_it_names_the_file(full: Desk) -> None:
    path = full.files / "x.png"
    outcome = full.run("preview", *SMALL, "--state", "settled", "-o", path)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"Drew Prize draw, 3 entries, settled, 800x480: {path}\n"


@pytest.mark.slow
def test_each_state_and_each_theme_is_another_picture(full: Desk) -> None:
    pictures = {
        (theme, state): drawn(full, "--theme", theme, "--state", state)
        for theme in OUR_THEMES
        for state in ("idle", "spinning", "settled")
    }

    assert len(set(pictures.values())) == 6
    assert drawn(full) == pictures["night", "idle"]


@pytest.mark.slow
def test_a_spinning_wheel_is_drawn_with_all_seven_names(
    desk: Desk, people: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kiosk's view sets a few names in each frame of a spin; a picture is one frame."""
    desk.do("import", people(60))
    still: list[bytes] = []
    capture = View.capture

    def noting(view: View, scene: Scene) -> pygame.Surface:
        for one in (scene, replace(scene, speed=0.0), scene):
            strip = capture(view, one).subsurface(view.layout.strip)
            still.append(pygame.image.tobytes(strip, "RGB"))
        return capture(view, scene)

    monkeypatch.setattr(View, "capture", noting)
    drawn(desk, "--state", "spinning")

    assert still[0] == still[2]


@pytest.mark.slow
def test_the_same_draft_makes_the_same_bytes_and_is_not_changed(full: Desk) -> None:
    before = full.home.draft.read_bytes()
    drawn(full, name="one.png")
    drawn(full, name="two.png")

    assert (full.files / "one.png").read_bytes() == (full.files / "two.png").read_bytes()
    assert full.home.draft.read_bytes() == before
    assert sorted(path.name for path in full.files.iterdir()) == ["one.png", "two.png"]
    assert not list(full.home.snapshots.iterdir())


@pytest.mark.slow
def test_the_sample_winner_is_called_one(full: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture may be passed on: it must not look like a result."""
    written: list[str] = []
    render = pygame.Font.render

    class Noting(pygame.Font):
        def render(self, text: str, *rest: object, **more: object) -> pygame.Surface:  # type: ignore[override]
            written.append(text)
            return render(self, text, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(pygame, "Font", Noting)
    drawn(full, "--state", "settled")

    shown = " ".join(written)
    assert all(word in shown for word in SAMPLE_WINNER.split())
    assert "sample winner" in SAMPLE_WINNER
    assert "Ana" in shown
    assert "0001" in shown
    assert "Preview of the draft" in shown


@pytest.mark.slow
def test_an_upright_screen_is_drawn_upright(full: Desk) -> None:
    full.home.settings.write_text("rotate = 90\n")
    full.do("preview", "--size", "480x800", "-o", full.files / "x.png")

    assert pygame.image.load(full.files / "x.png").get_size() == (480, 800)


@pytest.mark.slow
def test_a_size_beyond_what_the_kiosk_draws_is_scaled_up_as_the_kiosk_does(full: Desk) -> None:
    full.do("preview", "--size", "3840x2160", "-o", full.files / "x.png")

    assert pygame.image.load(full.files / "x.png").get_size() == (3840, 2160)


# ---- themes, by the kiosk's rules ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_without_a_theme_it_is_the_one_that_kiosk_toml_names(full: Desk) -> None:
    full.home.settings.write_text('theme = "day"\n')

    assert drawn(full) == drawn(full, "--theme", "day") != drawn(full, "--theme", "night")


@pytest.mark.slow
def test_a_theme_of_kiosk_toml_lies_beside_it_and_one_that_is_typed_lies_here(
    full: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    full.text("here.toml", '[colours]\naccent = "#66ff66"\n')
    (full.home.kiosk / "there.toml").write_text('[colours]\naccent = "#66ff66"\n')
    full.home.settings.write_text('theme = "there.toml"\n')
    monkeypatch.chdir(full.files)

    assert drawn(full) == drawn(full, "--theme", "here.toml") != drawn(full, "--theme", "night")
    error = full.error("preview", "--theme", "there.toml", "-o", "x.png", code=2)
    assert error["message"] == f"{full.files / 'there.toml'} cannot be read: No such file or directory."


def test_a_bad_theme_is_an_error_here_and_nothing_is_drawn(full: Desk) -> None:
    theme = full.text("bad.toml", '[colours]\nacent = "#66ff66"\n')
    error = full.error("preview", "--theme", theme, "-o", full.files / "x.png", code=2)

    assert error["message"] == f"{theme}: unknown key colours.acent."
    assert error["remedy"] == "Did you mean colours.accent?"
    assert not (full.files / "x.png").exists()


@pytest.mark.slow
def test_a_bad_kiosk_toml_is_an_error_unless_a_theme_is_named(full: Desk) -> None:
    full.home.settings.write_text("themes = 3\n")
    error = full.error("preview", "-o", full.files / "x.png", code=2)

    assert error["message"] == f"{full.home.settings}, line 1: unknown key themes."
    assert drawn(full, "--theme", "night")


@pytest.mark.slow
def test_a_logo_is_drawn_and_one_that_is_no_picture_is_an_error(full: Desk) -> None:
    logo = pygame.Surface((60, 60))
    logo.fill((255, 0, 255))
    file = io.BytesIO()
    pygame.image.save(logo, file, "logo.png")
    full.text("logo.png", file.getvalue())
    theme = full.text("logo.toml", 'logo = "logo.png"\n')
    assert load_theme(theme).accent == BUILT_IN.accent

    assert b"\xff\x00\xff" * 20 in drawn(full, "--theme", theme)
    full.text("logo.png", b"not a picture")
    error = full.error("preview", "--theme", theme, "-o", full.files / "y.png", code=2)
    assert "logo.png is not a PNG, JPEG or WebP picture" in error["message"]


# ---- what cannot be drawn ------------------------------------------------------------------------------------------


def test_an_empty_draft_is_refused_with_the_next_step(desk: Desk) -> None:
    error = desk.error("preview", "-o", desk.files / "x.png", code=4)

    assert error["message"] == "The draft is empty, so there is nothing to draw."
    assert "wheel-admin import" in error["remedy"]


def test_a_list_that_no_kiosk_would_show_is_refused_with_the_reasons(full: Desk) -> None:
    save_draft(full.home, msgspec.structs.replace(full.draft, event=Event(full.draft.event.id, "")))
    error = full.error("preview", "-o", full.files / "x.png", code=4)

    assert [problem for problem in error["problems"] if "title" in problem]


def test_a_home_that_was_never_made_is_an_error(bare: Desk) -> None:
    assert "There is no wheel home" in bare.error("preview", "-o", bare.files / "x.png", code=7)["message"]


@pytest.mark.slow
@pytest.mark.parametrize("size", ["big", "1920", "1920x", "-800x480", "640x480", "800x479", "7681x4320", "99999x99999"])
def test_a_size_that_is_none_is_refused(full: Desk, size: str) -> None:
    assert "--size" in full.error("preview", f"--size={size}", "-o", full.files / "x.png", code=2)["message"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.jpg", "x", "missing/x.png"])
def test_a_place_that_is_none_for_a_png_is_refused(full: Desk, name: str) -> None:
    full.error("preview", *SMALL, "-o", full.files / name, code=2)

    assert not (full.files / name).exists()


def test_a_state_that_is_none_is_refused(full: Desk) -> None:
    assert "idle" in full.error("preview", "--state", "asleep", "-o", full.files / "x.png", code=2)["message"]


# ---- pygame --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_needs_no_display_and_no_environment(full: Desk) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SDL_", "PYGAME_"))}
    environment |= {"SDL_VIDEODRIVER": "x11", "DISPLAY": ":no-such-display"}
    arguments = [*SMALL, "-o", str(full.files / "x.png"), "--json", "--home", str(full.home.root)]
    done = subprocess.run(
        [sys.executable, "-m", "wheel_admin", "preview", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("{")  # and no greeting of pygame's before it
    assert (full.files / "x.png").is_file()


@pytest.mark.slow
def test_no_other_command_loads_pygame(full: Desk) -> None:
    code = (
        "import sys\nfrom wheel_admin.cli.app import run\n"
        f"run(['show', '--home', {str(full.home.root)!r}])\nrun(['preview', '--help'])\n"
        "sys.exit('pygame' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_it_draws_as_the_kiosk_is_set_up_also_with_a_theme_of_its_own(full: Desk) -> None:
    usual = drawn(full, "--theme", "night")
    full.home.settings.write_text('motion = "reduced"\n')

    assert drawn(full, "--theme", "night") != usual
    assert drawn(full) == drawn(full, "--theme", "night")


@pytest.mark.slow
def test_it_shows_the_branding_of_the_theme_as_the_kiosk_does(full: Desk) -> None:
    logo = pygame.Surface((90, 30))
    logo.fill((250, 20, 30))
    pygame.image.save(logo, full.files / "ours.png")
    plain = full.files / "plain.toml"
    plain.write_text("")
    pictures = {drawn(full, "--theme", plain)}
    keys = ("logo", "background", "hub_logo", "sponsors")
    for key in keys:
        (full.files / f"{key}.toml").write_text(f'{key} = "ours.png"\n')
        pictures.add(drawn(full, "--theme", full.files / f"{key}.toml"))

    assert len(pictures) == 1 + len(keys)
