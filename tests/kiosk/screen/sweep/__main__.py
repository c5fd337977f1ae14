"""Checks the texts of every screen, size, number of entries and language, and draws contact sheets of them.

    python -m tests.kiosk.screen.sweep DIRECTORY [--sizes 800x480,...] [--languages en,de,...] [--counts 1,12,...]

Exit code 1: something is cut, overlaps, is too small or has too little contrast; each is printed.
"""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import pygame

from kiosk.config.language_choice import language_codes
from kiosk.config.look import theme_of
from tests.kiosk.screen.sweep.checks import problems
from tests.kiosk.screen.sweep.screens import ARABIC, LONG, PLAIN, Data, face_with, screens
from tests.kiosk.screen.sweep.tracing import traced_view

SIZES = ("800x480", "1024x600", "1280x1024", "720x720", "1920x1080", "1080x1920", "3840x2160")
COUNTS = (1, 2, 12, 60, 300, 3000)
THEMES = ("night", "day")
_TILE = 400
_COLUMNS = 5


def sweep(
    size: tuple[int, int], language: str, count: int, data: Data, *, theme: str = "night", only: Iterable[str] = ()
) -> tuple[list[str], dict[str, pygame.Surface]]:
    """Check every screen; returns what is wrong, and the pictures."""
    look = theme_of(theme, Path(), language=language)[0]
    wanted, found, pictures = set(only), [], {}
    with traced_view(size, look) as traced:
        face = face_with(count, data)
        traced.view.show_wheel(face, traced.view.paint_wheel(face))
        for name, scene in screens(look.texts, face, data).items():
            if wanted and name not in wanted:
                continue
            traced.draw(scene)
            inks, picture = traced.draw(scene)
            pictures[name] = picture.copy()
            told = problems(scene, traced.view.layout, inks, traced.ground(scene), long=data is LONG)
            found += [f"{size[0]}x{size[1]} {language} {theme} {count} {name}: {one}" for one in told]
    return found, pictures


def contact_sheet(pictures: dict[str, pygame.Surface]) -> pygame.Surface:
    """Return one picture with all of them, small, each with its name."""
    size = next(iter(pictures.values())).get_size()
    tile = (_TILE, round(_TILE * size[1] / size[0]))
    rows = -(-len(pictures) // _COLUMNS)
    sheet = pygame.Surface((_COLUMNS * (_TILE + 8), rows * (tile[1] + 28)))
    font = pygame.font.Font(None, 22)
    for number, (name, picture) in enumerate(pictures.items()):
        at = (number % _COLUMNS * (_TILE + 8), number // _COLUMNS * (tile[1] + 28))
        sheet.blit(pygame.transform.smoothscale(picture, tile), (at[0], at[1] + 22))
        sheet.blit(font.render(name, True, (255, 255, 255)), at)
    return sheet


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--languages", default=",".join(language_codes()))
    parser.add_argument("--counts", default=",".join(map(str, COUNTS)))
    parser.add_argument("--themes", default=",".join(THEMES))
    chosen = parser.parse_args(arguments)
    chosen.directory.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for text in chosen.sizes.split(","):
        width, height = (int(side) for side in text.split("x"))
        for language in chosen.languages.split(","):
            for count in map(int, chosen.counts.split(",")):
                for theme in chosen.themes.split(","):
                    for kind, data in {"plain": ARABIC if language == "ar" else PLAIN, "long": LONG}.items():
                        told, pictures = sweep((width, height), language, count, data, theme=theme)
                        found += told
                        pygame.font.init()
                        name = f"{text}-{language}-{count}-{theme}-{kind}.png"
                        pygame.image.save(contact_sheet(pictures), chosen.directory / name)
                        sys.stdout.write(f"{name}: {len(told)}\n" + "".join(f"  {one}\n" for one in told))
                        sys.stdout.flush()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
