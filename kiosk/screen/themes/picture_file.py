"""Pictures from files, such as a theme's logo: PNG, JPEG and WebP, of every kind of pixel.

Invariant: a picture is measured by its header before it is decoded, because a file of some KB can hold a picture that
takes all memory. What comes out has 32 bits a pixel with an alpha channel, whatever went in.
"""

import io
import struct
from pathlib import Path

import pygame

from kiosk.core.errors import InputError
from kiosk.core.regular_files import read_file

MOST_BYTES = 8 << 20
MOST_PIXELS = 3840 * 2160
"""As many as a 4K screen has. They take 32 MiB while the picture is decoded."""
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG's markers of a frame header, which holds the size; the three are other segments."""


class PictureError(InputError):
    """The file is not a picture that can be shown."""


def load_picture(path: Path, *, links: bool = False) -> pygame.Surface:
    """Return the picture in the file; `links` as for `read_file`.

    Raises:
        PictureError: it cannot be read, is not a PNG, JPEG or WebP file, is too large, or is damaged.
    """
    try:
        data = read_file(path, limit=MOST_BYTES, links=links)
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror}.") from error
    size = size_of(data)
    if size is None:
        raise PictureError(f"{path} is not a PNG, JPEG or WebP picture.")
    width, height = size
    if not 0 < width * height <= MOST_PIXELS:
        raise PictureError(f"{path} has {width} x {height} pixels, at most {MOST_PIXELS} are allowed.")
    try:
        loaded = pygame.image.load(io.BytesIO(data), path.name)
    except (pygame.error, OSError, ValueError) as error:
        raise PictureError(f"{path} is a damaged picture: {error}.") from error
    picture = pygame.Surface(loaded.get_size(), pygame.SRCALPHA, 32)
    picture.blit(loaded, (0, 0))
    return picture


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels as the header says; None if it is no PNG, JPEG or WebP header."""
    try:
        if data.startswith(_PNG) and data[12:16] == b"IHDR":
            width, height = struct.unpack(">II", data[16:24])
            return width, height
        if data.startswith(_JPEG):
            return _size_of_jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _size_of_webp(data)
    except (struct.error, IndexError):  # it ends in its header
        return None
    return None


def _size_of_jpeg(data: bytes) -> tuple[int, int] | None:
    """Go from segment to segment, each a marker and its length, up to the first frame header (ITU T.81, B.2.2)."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    return None


def _size_of_webp(data: bytes) -> tuple[int, int] | None:
    """Read the first chunk: extended, lossless or lossy (RFC 9649, sections 2.5 to 2.7)."""
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
