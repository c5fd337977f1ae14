"""The organiser's own pictures and font: checked with the theme, readable, and in their places on every screen."""

from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from msgspec.structs import replace

from kiosk.core.assets import asset
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.panels.ground import Ground
from kiosk.screen.scene import Board, Cell, Scene
from kiosk.screen.themes import branding, font_file
from kiosk.screen.themes.branding import backdrop, load_branding
from kiosk.screen.themes.colours import Colour, contrast
from kiosk.screen.themes.theme import BUILT_IN, Theme
from kiosk.screen.themes.theme_file import ThemeError, load_theme
from kiosk.screen.typography.fonts import OWN
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.wheel.angle import TURN
from tests.kiosk.screen.stage import Stage, face_of, name_of, software_stage
from tests.kiosk.screen.test_layout import assert_sound, every_size

pytestmark = pytest.mark.usefixtures("open_pygame")

FONT = Path(pygame.font.__file__).parent / pygame.font.get_default_font()
RED, GREEN = (250, 20, 30), (10, 240, 20)
PICTURES = pytest.mark.parametrize("key", ["logo", "background", "hub_logo", "sponsors"])


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Write a picture: red above, green below."""

    def write(name: str, size: tuple[int, int] = (60, 40)) -> Path:
        surface = pygame.Surface(size)
        surface.fill(RED)
        surface.fill(GREEN, (0, size[1] // 2, size[0], size[1]))
        pygame.image.save(surface, tmp_path / name)
        return tmp_path / name

    return write


def theme_with(tmp_path: Path, **keys: str) -> Theme:
    path = tmp_path / "theme.toml"
    path.write_text("".join(f'{key} = "{value}"\n' for key, value in keys.items()))
    return load_theme(path)


# ---- what is refused -------------------------------------------------------------------------------------------------


@PICTURES
def test_a_picture_is_found_beside_the_theme_file(key: str, tmp_path: Path, picture: Callable[..., Path]) -> None:
    path = picture("ours.png")

    assert getattr(theme_with(tmp_path, **{key: "ours.png"}), key) == path
    assert getattr(theme_with(tmp_path), key) is None


@PICTURES
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        (b"no picture", "is not a PNG, JPEG or WebP picture"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0", "65535 x 65535 pixels"),
        (b"\0" * ((8 << 20) + 1), "larger than 8 MiB"),
    ],
    ids=["missing", "a text", "too many pixels", "too many bytes"],
)
def test_a_picture_that_cannot_be_shown_refuses_the_theme_and_names_the_key(
    key: str, content: bytes | None, why: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(ThemeError) as caught:
        theme_with(tmp_path, **{key: "x.png"})

    assert f"{tmp_path / 'theme.toml'}: {key} is 'x.png', expected a picture" in str(caught.value)
    assert why in str(caught.value)


def test_a_font_is_found_beside_the_theme_file(tmp_path: Path) -> None:
    (tmp_path / "ours.ttf").write_bytes(FONT.read_bytes())

    assert theme_with(tmp_path, font="ours.ttf").font == tmp_path / "ours.ttf"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        (b"no font", "is not a TrueType or OpenType font"),
        (b"OTTO" + b"\0" * 400, "is a damaged font"),
        (b"\0\1\0\0" + b"\0" * (16 << 20), "larger than 16 MiB"),
    ],
    ids=["missing", "a text", "damaged", "too many bytes"],
)
def test_a_font_that_cannot_be_used_refuses_the_theme(content: bytes | None, why: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "x.ttf").write_bytes(content)
    with pytest.raises(ThemeError) as caught:
        theme_with(tmp_path, font="x.ttf")

    assert "font is 'x.ttf', expected a font" in str(caught.value)
    assert why in str(caught.value)


def test_a_font_without_a_letter_that_screens_need_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.ttf").write_bytes(FONT.read_bytes())
    monkeypatch.setattr(font_file, "NEEDED", "AB\u4e2d")

    with pytest.raises(ThemeError, match="has no '\u4e2d'"):
        theme_with(tmp_path, font="x.ttf")


def test_a_picture_that_has_gone_since_does_not_stop_the_wheel(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert load_branding(tmp_path / "gone.png") is None
    assert "gone.png is not shown" in caplog.text
    theme = replace(BUILT_IN, background=tmp_path / "a", hub_logo=tmp_path / "b", sponsors=tmp_path / "c")
    stage = software_stage(face_of(3), theme=theme)

    assert stage.view.draw(stage.idle())


# ---- what is shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", [BUILT_IN, load_theme(asset("themes/day.toml"))], ids=["night", "day"])
@pytest.mark.parametrize(
    ("above", "below"),
    [
        ((255, 255, 255), (0, 0, 0)),
        ((255, 0, 0), (0, 0, 255)),
        ((0, 255, 0), (128, 128, 128)),
        ((90, 10, 80), (2, 2, 2)),
    ],
    ids=str,
)
def test_every_text_stays_readable_on_any_background_picture(theme: Theme, above: Colour, below: Colour) -> None:
    wild = pygame.Surface((64, 36), pygame.SRCALPHA, 32)
    wild.fill(above)
    wild.fill(below, (0, 18, 64, 18))
    shown = backdrop(wild, (128, 72), theme)

    for y in (2, 70):
        ground = shown.get_at((60, y))[:3]
        assert contrast(theme.text, ground) >= 7  # type: ignore[arg-type]
        assert contrast(theme.text_quiet, ground) >= 4.5  # type: ignore[arg-type]
        assert contrast(theme.accent, ground) >= 4.5  # type: ignore[arg-type]


def test_a_quiet_background_is_veiled_no_more_than_it_must_be() -> None:
    quiet = pygame.Surface((64, 36))
    quiet.fill((40, 30, 60))

    assert branding.veil_for(quiet, BUILT_IN) == pytest.approx(0.35)


@pytest.mark.parametrize("size", [(800, 480), (480, 800)], ids=str)
def test_the_background_fills_the_screen_without_distortion(
    size: tuple[int, int], picture: Callable[..., Path]
) -> None:
    theme = replace(BUILT_IN, background=picture("bg.png", (3000, 200)))
    ground = Ground(arrange(size), theme).whole()

    for x in (1, size[0] - 2):
        assert ground.get_at((x, 1))[0] > ground.get_at((x, 1))[1]  # red above
        assert ground.get_at((x, size[1] - 2))[1] > ground.get_at((x, size[1] - 2))[0]  # green below


@every_size
@pytest.mark.parametrize("margin", [0, 5])
def test_the_sponsors_have_a_row_of_their_own_below_everything(size: tuple[int, int], margin: int) -> None:
    layout = arrange(size, margin=margin, sponsors=True)

    assert_sound(layout)
    assert layout.safe.contains(layout.footer)
    assert layout.footer.h >= 0.08 * layout.safe.h
    assert layout.footer.top >= max(layout.status.bottom, layout.card.bottom, layout.stage.bottom)


def screens(stage: Stage) -> dict[str, Scene]:
    cells = tuple(Cell(str(n), name_of(n)) for n in range(12))
    return {
        "idle": stage.idle(),
        "turning": stage.turning(TURN // 3, TURN / 3),
        "result": stage.result(2),
        "board": replace(stage.result(2), board=Board("Winners", "Mugs", cells, 12)),
        "curtain": replace(stage.idle(), curtain=True),
    }


@pytest.mark.parametrize("size", [(800, 480), (480, 800)], ids=str)
def test_the_sponsors_are_in_view_on_every_screen(size: tuple[int, int], picture: Callable[..., Path]) -> None:
    stage = software_stage(face_of(12), size, theme=replace(BUILT_IN, sponsors=picture("sponsors.png", (900, 40))))
    footer = stage.layout.footer
    for name, scene in screens(stage).items():
        stage.view.draw(scene)  # after the one before
        seen = stage.backend.read_back()
        above, below = (seen.get_at((footer.centerx, footer.centery + y)) for y in (-5, 5))
        assert (above.r > 200, above.g < 60, below.r < 60, below.g > 200) == (True,) * 4, (name, above, below)


def test_the_logo_on_the_hub_stays_upright_while_the_wheel_turns(picture: Callable[..., Path]) -> None:
    stage = software_stage(face_of(12), theme=replace(BUILT_IN, hub_logo=picture("hub.png")))
    x, y = stage.layout.disc.center
    for scene in (stage.idle(), stage.idle(6), stage.turning(TURN // 3, TURN / 3)):
        seen = stage.view.capture(scene)

        assert seen.get_at((x, y - 5))[:3] == RED
        assert seen.get_at((x, y + 5))[:3] == GREEN


def test_names_are_set_in_the_themes_font_and_other_scripts_in_the_systems(tmp_path: Path) -> None:
    path = tmp_path / "ours.ttf"
    path.write_bytes(FONT.read_bytes())
    ours, plain = Typesetter({OWN: path}), Typesetter({})

    assert ours._order[0] == OWN
    assert ours.width("Ana Korberg", 40) == plain.width("Ana Korberg", 40)  # pygame's own font is that file
    assert ours.render("\u738b", 40, RED).get_width() > 0
