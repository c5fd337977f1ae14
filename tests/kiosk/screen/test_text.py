"""Text in any script is fitted, never raises, and has capitals that are readable from ten metres."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.themes.colours import Colour
from kiosk.screen.typography import typesetter as typesetter_module
from kiosk.screen.typography.fonts import PREFERRED, system_fonts
from kiosk.screen.typography.typesetter import ELLIPSIS, Typesetter, line_height
from tests.kiosk.screen.stage import pixels
from tests.kiosk.screen.test_branding import FONT
from tests.kiosk.screen.test_layout import every_size

ROOT = Path(__file__).resolve().parents[3]
WHITE = (255, 255, 255)
SOME = ("DejaVuSans-Bold", "DejaVuSans", "NotoNaskhArabic-Bold", "DroidSansFallbackFull", "NotoColorEmoji")
NAMES = [
    "Ann Lee",
    "Zoë O’Brien-Smith",
    "محمد علي",
    "שרה כהן Cohen",
    "田中 太郎",
    "김민준",
    "अनुष्का शर्मा",
    "สมชาย",
    "👩‍👩‍👧‍👦 Party 🎉",
    "🏳️‍🌈",
    "x̸̸̸̸",
    "W" * 120,
    "🎉" * 120,
    "supercalifragilisticexpialidocious " * 3,
    "\U000e0041\U0010fffd",
    "Ann\u200fLee",  # direction marks are allowed in names, and nothing to see
    "\u061cAnn\u061c",
    "שרה\u200f\u200e (Cohen)",
]


@pytest.fixture(scope="module", autouse=True)
def _fonts() -> Iterator[None]:
    pygame.font.init()
    pygame.freetype.init()
    yield
    pygame.freetype.quit()
    pygame.font.quit()


@pytest.fixture(scope="module", params=["pygame's own font", "fonts of the system"])
def typesetter(request: pytest.FixtureRequest, _fonts: None) -> Typesetter:
    if request.param == "pygame's own font":
        return Typesetter({})
    return Typesetter({name: path for name, path in system_fonts().items() if name in SOME})


def test_an_ellipsis_is_as_narrow_as_the_tests_suppose(typesetter: Typesetter) -> None:
    assert typesetter.width(ELLIPSIS, 20) <= 30


# All but NUL, which ends a C string: no name, title or reason can hold one (kiosk.core.text_rules).
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(text=st.text(), width=st.integers(30, 300))
def test_no_text_at_all_raises(typesetter: Typesetter, text: str, width: int) -> None:
    typesetter.fit(text, 20, WHITE, width)


@given(text=texts, width=st.integers(30, 300))
@example(text="", width=30)
@example(text="a\nb", width=300)
@example(text="\r\n\t\x7f\x85", width=300)
@example(text="🎉" * 40, width=31)
@example(text="\u0301" * 40, width=31)
@example(text="\u202eabc\u2066", width=100)
def test_fitted_text_never_exceeds_the_width(typesetter: Typesetter, text: str, width: int) -> None:
    surface = typesetter.fit(text, 20, WHITE, width)

    assert surface.get_width() <= width
    assert surface.get_height() == line_height(20)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:12])
def test_a_name_is_rendered_as_wide_as_width_says(typesetter: Typesetter, name: str) -> None:
    for size in (9, 34, 91):
        surface = typesetter.render(name, size, WHITE)

        assert surface.get_size() == (max(1, typesetter.width(name, size)), line_height(size)), size


@pytest.mark.parametrize("name", NAMES[:10], ids=lambda name: name[:12])
def test_something_of_a_name_can_be_seen(typesetter: Typesetter, name: str) -> None:
    surface = typesetter.render(name, 34, WHITE)

    assert surface.get_bounding_rect().w > 0


def renderings(typesetter: Typesetter, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by each text that is rendered from now on."""
    rendered: list[str] = []
    render = typesetter.render

    def recording(text: str, size: int, colour: Colour) -> pygame.Surface:
        rendered.append(text)
        return render(text, size, colour)

    monkeypatch.setattr(typesetter, "render", recording)
    return rendered


def test_a_text_that_fits_is_left_alone_and_a_longer_one_ends_in_an_ellipsis(
    typesetter: Typesetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = renderings(typesetter, monkeypatch)
    exact = typesetter.width("Ann Lee", 34)

    typesetter.fit("Ann Lee", 34, WHITE, exact)
    typesetter.fit("Ann Lee", 34, WHITE, exact - 1)

    assert rendered[0] == "Ann Lee"
    assert rendered[1].endswith(ELLIPSIS)
    assert "Ann Lee".startswith(rendered[1].removesuffix(ELLIPSIS))


def test_a_cut_text_is_the_longest_that_fits(typesetter: Typesetter, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = renderings(typesetter, monkeypatch)
    typesetter.fit("W" * 120, 34, WHITE, 400)

    kept = len(rendered[0]) - 1
    assert typesetter.width("W" * (kept + 1) + ELLIPSIS, 34) > 400


@pytest.mark.slow
@settings(max_examples=40)
@given(text=texts, width=st.integers(60, 500), height=st.integers(30, 300))
def test_lines_hold_the_whole_text_and_fit_the_box_above_the_smallest_size(
    typesetter: Typesetter, text: str, width: int, height: int
) -> None:
    size, lines = typesetter.fit_lines(text, width=width, height=height, largest=60, smallest=12)

    assert 12 <= size <= 60
    assert len(lines) <= 3
    if size > 12:
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(typesetter.width(line, size) <= width for line in lines)
        assert len(lines) * line_height(size) <= height


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Maximiliane Korberg-Weidenfeld", ["Maximiliane", "Korberg-", "Weidenfeld"]),
        ("a-b", ["a-b"]),
        ("-- --", ["-- --"]),
        ("-", ["-"]),
    ],
)
def test_a_line_may_end_after_a_hyphen_and_hyphens_stay(typesetter: Typesetter, text: str, lines: list[str]) -> None:
    """Nowhere else would do: broken at spaces alone, it would be smaller than it may be."""
    width = typesetter.width("Maximiliane", 40)

    assert typesetter.fit_lines(text, width=width, height=1000, largest=40, smallest=38) == (40, lines)


@pytest.mark.parametrize(
    ("fits", "short", "lines"),
    [
        ("Grand Prize Draw of the Summer Fair", " 2026", ["Grand Prize Draw of", "the Summer Fair 2026"]),
        ("Maximiliane Korberg-", "Weidenfeld", ["Maximiliane", "Korberg-Weidenfeld"]),
    ],
)
def test_a_line_is_not_left_with_one_short_word(
    typesetter: Typesetter, fits: str, short: str, lines: list[str]
) -> None:
    width = typesetter.width(fits, 40)

    assert typesetter.fit_lines(fits + short, width=width, height=1000, largest=40, smallest=40) == (40, lines)


def test_what_no_longer_fits_is_joined_as_it_was_written(typesetter: Typesetter) -> None:
    text = "Anna-Maria-Theresia-Franziska of Upper-and-Lower-Somewhere"
    width = typesetter.width("Theresia-", 40)

    _, lines = typesetter.fit_lines(text, width=width, height=1000, largest=40, smallest=40, most=2)

    assert lines == ["Anna-", "Maria-Theresia-Franziska of Upper-and-Lower-Somewhere"]


def test_short_text_gets_the_largest_size(typesetter: Typesetter) -> None:
    assert typesetter.fit_lines("Ann", width=1000, height=1000, largest=60, smallest=12) == (60, ["Ann"])


@every_size
def test_capitals_of_the_middle_name_are_at_least_4_percent_of_the_screens_height(
    typesetter: Typesetter, size: tuple[int, int]
) -> None:
    layout = arrange(size)

    capital = typesetter.render("H", layout.name_size, WHITE).get_bounding_rect(min_alpha=128)

    assert capital.h >= 0.04 * size[1]


def test_capitals_stand_in_the_middle_of_the_line(typesetter: Typesetter) -> None:
    capital = typesetter.render("H", 100, WHITE).get_bounding_rect(min_alpha=128)

    assert abs(capital.centery - line_height(100) / 2) <= 5


def test_a_character_that_no_font_has_shows_as_something_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    typesetter = Typesetter({})
    with caplog.at_level(logging.WARNING):
        first = typesetter.render("\U00013000", 34, WHITE)  # an Egyptian hieroglyph
        typesetter.render("\U00013000x", 34, WHITE)

    assert first.get_bounding_rect().w > 0
    assert [record.getMessage() for record in caplog.records] == ["no font has U+13000 (EGYPTIAN HIEROGLYPH A001)"]


def test_a_font_file_that_is_no_font_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "Broken.ttf"
    path.write_bytes(b"not a font")
    typesetter = Typesetter({"Broken": path})

    assert typesetter.render("Ann", 34, WHITE).get_bounding_rect().w > 0


@pytest.mark.slow
def test_a_preferred_font_file_that_is_no_font_is_passed_over(tmp_path: Path) -> None:
    """pygame.Font accepts any file, and the first use of a broken one is a segmentation fault."""
    path = tmp_path / "DejaVuSans-Bold.ttf"
    path.write_bytes(b"not a font")
    code = (
        "import pathlib, pygame, pygame.freetype; from kiosk.screen.typography.typesetter import Typesetter\n"
        "pygame.font.init(); pygame.freetype.init()\n"
        f"Typesetter({{'DejaVuSans-Bold': pathlib.Path({str(path)!r})}}).render('Ann \\U00013000', 34, (255, 255, 255))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, timeout=600)

    assert done.returncode == 0


def test_what_does_not_fit_at_the_smallest_size_ends_in_an_ellipsis(typesetter: Typesetter) -> None:
    size, lines = typesetter.fit_lines("word " * 60, width=200, height=60, largest=20, smallest=20, most=2)

    assert typesetter.width(lines[-1], size) > 200  # so that `fit` cuts it


def test_a_sibling_knows_which_font_has_a_character_and_has_fonts_of_its_own(typesetter: Typesetter) -> None:
    typesetter.learn(["Ann", "Lee"])
    sibling = typesetter.sibling()

    assert sibling._font_of_character is typesetter._font_of_character
    assert sibling._fonts is not typesetter._fonts
    assert sibling.width("Ann Lee", 34) == typesetter.width("Ann Lee", 34)


class Asked(Typesetter):
    """A typesetter that notes which fonts it asks for glyphs."""

    asked: list[str]

    def _glyphs(self, name: str, characters: str) -> list[bool]:
        self.asked.append(name)
        return super()._glyphs(name, characters)


def test_learning_asks_each_font_once_and_finds_what_single_characters_find() -> None:
    """A font that is asked again is opened again: 160 ms of the start, with 400 characters and 45 fonts."""
    learned, one_by_one = Asked(), Typesetter()
    learned.asked = []
    learned.learn([*NAMES, "\U00013000"])

    assert len(learned.asked) == len(set(learned.asked))
    for character in set("".join([*NAMES, "\U00013000"])):
        assert learned._font_for(character) == one_by_one._font_for(character)


def test_a_right_to_left_name_with_a_word_of_latin_keeps_the_word_readable(typesetter: Typesetter) -> None:
    """UAX #9: in a Hebrew text the Latin word stands at the left end, its letters from left to right."""
    runs = typesetter._runs("שרה Cohen")

    assert "".join(run.text for run in runs if not run.right_to_left) == "Cohen"
    assert runs[0].text == "Cohen"
    assert typesetter._runs("Cohen שרה")[0].text.startswith("Cohen")


def test_joined_emoji_stay_in_one_run(typesetter: Typesetter) -> None:
    assert [run.text for run in typesetter._runs("👩‍👩‍👧‍👦")] == ["👩‍👩‍👧‍👦"]


@pytest.mark.parametrize("name", ["", "NotoSans-Bold"])
def test_a_text_looks_the_same_at_whatever_sizes_others_were_set_before(name: str) -> None:
    files = {found: path for found, path in system_fonts().items() if found == name}
    much, fresh = Typesetter(files), Typesetter(files)
    for size in (12, 90, 33, 47, 61, 20, 90, 12):
        much.render("Wg", size, WHITE)

    for size in (47, 90, 12, 25):
        assert pixels(much.render("Ágnes Wójcik", size, WHITE)) == pixels(fresh.render("Ágnes Wójcik", size, WHITE))
        assert much.width("Ágnes", size) == fresh.width("Ágnes", size)


def test_a_large_font_is_open_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetter_module, "_LARGE_FONT_BYTES", 1000)
    large = tmp_path / "large.ttf"
    large.write_bytes(FONT.read_bytes())
    opened: list[object] = []
    font = pygame.Font

    def opening(path: Path | None, points: int) -> pygame.Font:
        opened.append(path)
        return font(path, points)

    monkeypatch.setattr(pygame, "Font", opening)
    fonts = Typesetter({PREFERRED[0]: large})

    for size in (12, 90, 33, 47, 61, 20):
        fonts.width("Wg", size)

    assert opened == [large]
