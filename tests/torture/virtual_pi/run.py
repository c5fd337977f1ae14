"""`make vm-test`: the whole of it in a virtual Pi, from an installed disk to power cuts and a stick that is pulled.

Invariant: what a person would see decides. Keys go through the monitor, pictures are taken from the screen, the ledger
and the verifier say what was recorded. Prints a line a step; leaves WORK/report.txt and WORK/pictures. Look at those.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from tests.torture.virtual_pi.guest import Report
from tests.torture.virtual_pi.installed import Installed
from tests.torture.virtual_pi.machine import VmError, missing_tools
from tests.torture.virtual_pi.stick import WithStick

ROOT = Path(__file__).resolve().parents[3]
PARTS: dict[str, type[WithStick | Installed]] = {"stick": WithStick, "installed": Installed}
PACKAGES = "qemu-system-x86 mmdebstrap e2fsprogs dosfstools mtools"


def main() -> int:
    """Run the parts; returns 0 if all of them passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / ".vm", help="where disks and pictures go (%(default)s)")
    parser.add_argument("--cuts", type=int, default=10, help="how often to cut the power (%(default)s)")
    parser.add_argument("--pulls", type=int, default=10, help="how often to pull the stick (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="when to do that (%(default)s)")
    parser.add_argument("--only", choices=PARTS, help="run one part; all of them without it")
    parser.add_argument("--keep", action="store_true", help="use the disk that is there, instead of building it")
    options = parser.parse_args()
    missing = missing_tools()
    if missing:
        parser.exit(2, f"not installed: {', '.join(missing)}; apt-get install {PACKAGES}\n")
    work = options.work.resolve()
    if not options.keep or not (work / "disk.img").exists():
        subprocess.run([str(ROOT / "tests/torture/virtual_pi/build_image.sh"), str(work)], check=True)
    shutil.rmtree(work / "pictures", ignore_errors=True)
    report, times = Report(work / "report.txt"), {"stick": options.pulls, "installed": options.cuts}
    for name in [options.only] if options.only else PARTS:
        part = PARTS[name](work, report, seed=options.seed)
        try:
            part.everything(times[name])
        except (VmError, OSError, subprocess.CalledProcessError) as error:
            report.say(f"FAILED: {name}: {error}")
            return 1
        finally:
            part.vm.cut_power()
    report.say(f"PASSED, with {options.pulls} pulls and {options.cuts} power cuts. Now look at {work}/pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
