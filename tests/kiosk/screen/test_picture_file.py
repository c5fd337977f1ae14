"""Pictures from files: of every kind, measured before they are decoded."""

import io
import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import pygame
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from kiosk.core.home import Home
from kiosk.screen.themes.picture_file import MOST_BYTES, MOST_PIXELS, PictureError, load_picture, size_of
from tests.e2e.processes import run_kiosk


def png(width: int, height: int) -> bytes:
    """Return a PNG file that claims to be of that size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def encoded(kind: str, form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    picture = Image.new(kind, size)
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


FORMS = [
    *(("PNG", kind) for kind in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *(("JPEG", kind) for kind in ("L", "RGB", "CMYK")),
    *(("WEBP", kind) for kind in ("L", "RGB", "RGBA")),
]


@pytest.mark.parametrize(("form", "kind"), FORMS)
def test_every_kind_of_pixel_becomes_one_that_can_be_scaled(form: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "logo"
    path.write_bytes(encoded(kind, form))

    picture = load_picture(path)

    assert size_of(path.read_bytes()) == picture.get_size() == (40, 30)
    assert (picture.get_bitsize(), bool(picture.get_flags() & pygame.SRCALPHA)) == (32, True)
    pygame.transform.smoothscale(picture, (10, 10))


def test_a_lossless_webp_tells_its_size_too() -> None:
    file = io.BytesIO()
    Image.new("RGB", (123, 45)).save(file, "WEBP", lossless=True)

    assert size_of(file.getvalue()) == (123, 45)


def test_transparency_and_colours_of_a_palette_are_kept(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putdata([0, 1])
    picture.save(tmp_path / "logo.png", transparency=1)

    loaded = load_picture(tmp_path / "logo.png")

    assert tuple(loaded.get_at((0, 0))) == (255, 0, 0, 255)
    assert loaded.get_at((1, 0)).a == 0


@pytest.mark.parametrize("size", [(20_000, 20_000), (MOST_PIXELS + 1, 1), (0, 5), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_a_picture_that_is_too_large_is_refused_from_its_header(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logo.png").write_bytes(png(*size))
    monkeypatch.setattr("pygame.image.load", lambda *_: pytest.fail("it was decoded"))

    with pytest.raises(PictureError, match=f"has {size[0]} x {size[1]} pixels, at most {MOST_PIXELS}"):
        load_picture(tmp_path / "logo.png")


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_a_size_that_was_changed_in_a_header_is_what_counts(form: str, tmp_path: Path) -> None:
    data = encoded("RGB", form, (640, 480))
    old, new = (struct.pack(">HH", 480, 640), struct.pack(">HH", 16_000, 16_000))
    if form == "WEBP":
        old, new = struct.pack("<HH", 640, 480), struct.pack("<HH", 16_000, 16_000)
    assert data.count(old) == 1
    (tmp_path / "logo").write_bytes(data.replace(old, new))

    with pytest.raises(PictureError, match="16000 x 16000"):
        load_picture(tmp_path / "logo")


def test_other_files_are_refused_by_name_and_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"not a picture")
    (tmp_path / "svg").write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"/>')
    (tmp_path / "cut").write_bytes(encoded("RGB", "PNG")[:60])
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", MOST_BYTES + 1)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("text")
    told = {}
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(PictureError) as caught:
            load_picture(path)
        told[path.name] = caught.value.message.removeprefix(f"{path} ").split(":")[0]

    assert told == {
        "cut": "is a damaged picture",
        "large": "cannot be read",
        "link": "cannot be read",
        "pipe": "cannot be read",
        "svg": "is not a PNG, JPEG or WebP picture.",
        "text": "is not a PNG, JPEG or WebP picture.",
    }


def test_a_refused_picture_takes_no_memory(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png(20_000, 20_000))
    tracemalloc.start()
    try:
        with pytest.raises(PictureError):
            load_picture(tmp_path / "logo.png")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


headers = st.sampled_from([encoded("RGB", form) for form in ("PNG", "JPEG", "WEBP")] + [png(3, 4)])


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers, st.integers(0, 400), st.binary(max_size=6), st.integers(0, 800))
def test_any_bytes_are_a_picture_or_a_picture_error(
    tmp_path: Path, data: bytes, at: int, bad: bytes, length: int
) -> None:
    path = tmp_path / "any"
    path.write_bytes((data[:at] + bad + data[at + len(bad) :])[:length])
    try:
        picture = load_picture(path)
    except PictureError:
        return
    assert picture.get_width() * picture.get_height() <= MOST_PIXELS


@pytest.mark.slow
@pytest.mark.parametrize("size", [(40, 30), (1, 1), (8000, 1), (1, 8000)])
def test_a_kiosk_starts_with_a_palette_logo_of_any_shape(size: tuple[int, int], tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.kiosk.mkdir()
    home.settings.write_text('theme = "our.toml"\n')
    (home.kiosk / "our.toml").write_text('logo = "logo.png"\n')
    (home.kiosk / "logo.png").write_bytes(encoded("P", "PNG", size))

    assert run_kiosk(home, "--clock", "simulated", "--fps", "4", "--spins", "1").spins[0].mode == "demo"
