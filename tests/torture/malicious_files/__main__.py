"""`python -m tests.torture.malicious_files`: imports every malicious file with the real `wheel-admin`."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.torture.malicious_files.imports import MOST_MIB, MOST_S, outcomes
from tests.torture.malicious_files.workbooks import FILES


def main() -> int:
    """Print a line a file; the exit code says whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only files with one of these in their names")
    words = parser.parse_args().words
    wanted = tuple(file for file in FILES if not words or any(word in file.name for word in words))
    if not wanted:
        parser.error(f"no file has one of these in its name: {' '.join(words)}")
    wrong = 0
    print(f"{'file':40} {'wall s':>6} {'CPU s':>6} {'MiB':>4} {'child':>5}  what the import says")
    with tempfile.TemporaryDirectory(prefix="wheel-hostile-") as directory:
        for one in outcomes(Path(directory), wanted):
            said = one.message or "read"
            figures = f"{one.wall_s:6.2f} {one.cpu_s:6.2f} {one.parent_mib:4} {one.child_mib:5}"
            print(f"{one.file.name:40} {figures}  {said[:90]}")
            if one.problem or one.slow:
                wrong += 1
                print(f"    WRONG: {one.problem} {one.slow}")
    print(f"{len(wanted)} files, {wrong} wrong (asked: CPU <= {MOST_S:g} s, each process <= {MOST_MIB} MiB)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
