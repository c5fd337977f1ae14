"""Reads the numbers that the harnesses here take on the command line."""

import argparse


def numbers(doc: str | None, **defaults: int) -> list[int]:
    """Return a number for each name, in order: as on the command line, or its default.

    Args:
        doc: of the harness: what `--help` says.
        **defaults: by name.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in defaults.items():
        parser.add_argument(name, nargs="?", type=int, default=default, help=f"default: {default}")
    found = vars(parser.parse_args())
    return [found[name] for name in defaults]
