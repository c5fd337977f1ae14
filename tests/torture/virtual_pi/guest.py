"""What every run in the virtual Pi does with its guest: a report, pictures, records, spins.

Invariant: what a person would see decides, and what the ledger says; nothing here looks into the kiosk's memory.
"""

import json
import random
import subprocess
import time
from pathlib import Path

from tests.torture.virtual_pi.machine import Vm, VmError, accelerator, colours_of

HOME = "/var/lib/wheel-kiosk"
LEDGER = f"{HOME}/kiosk/ledger.jsonl"
SOURCE = "/home/pi/wheel-kiosk"
LEAST_COLOURS = 24
"""A drawn wheel has more colours than that; a console, a grey or a black screen has fewer."""


class Report:
    """Prints a line a step, and keeps the lines in a file.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line of the report."""
        line = f"{time.monotonic() - self._started:7.1f} s  {text}"
        print(line, flush=True)  # noqa: T201 - the report
        self._file.write(line + "\n")
        self._file.flush()


class Guest:
    """A machine on a fresh copy of the built disk, and the looks that every run takes at it.

    Args:
        work: the directory that `build_image.sh` filled.
        report: takes a line for each step.
        seed: of `chance`.

    Attributes:
        chance: decides when something happens to the machine.
        disk: its disk image.
        pictures: where pictures of its screen go.
        vm: the machine.
    """

    def __init__(self, work: Path, report: Report, *, seed: int) -> None:
        self.work = work
        self.say = report.say
        self.chance = random.Random(seed)  # noqa: S311 - when to cut the power is not secret
        self.disk = work / "run.img"
        self.pictures = work / "pictures"
        self.vm = Vm(work, self.disk, accelerator=accelerator())

    def prepare(self) -> None:
        """Take a fresh copy of the built disk."""
        self.pictures.mkdir(exist_ok=True)
        subprocess.run(["cp", "--sparse=always", str(self.work / "disk.img"), str(self.disk)], check=True)

    def boot(self) -> None:
        """Power on, and wait until the kiosk has said that it is ready."""
        self.vm.power_on()
        self.vm.wait_for("systemctl is-active --quiet wheel-kiosk", "the wheel")
        self.say(f"booted in {self.vm.booted_s:.0f} s; the service is active")

    def picture(self, name: str) -> None:
        """Take a picture, and make sure that something was drawn."""
        colours = 0
        for _ in range(20):  # an emulated display shows a frame some seconds after it was presented
            self.vm.picture(self.pictures / f"{name}.png")
            colours = colours_of((self.work / "screen.ppm").read_bytes())
            if colours >= LEAST_COLOURS:
                break
            time.sleep(1)
        if colours < LEAST_COLOURS:
            raise VmError(f"{name}: {colours} colours on the screen: nothing was drawn; see {self.pictures}/{name}.png")
        self.say(f"picture {name}: {colours} colours")

    def records(self, kind: str) -> list[dict[str, object]]:
        """Return the ledger's records of one kind."""
        lines = self.vm.sh(f'grep \'"type":"{kind}"\' {LEDGER} || true').splitlines()
        return [json.loads(line) for line in lines]

    def wait_for_record(self, kind: str, count: int) -> None:
        """Wait until there are that many records of one kind."""
        self.vm.wait_for(f'test $(grep -c \'"type":"{kind}"\' {LEDGER}) -ge {count}', f"{kind} record {count}")

    def verify(self) -> None:
        """Run the stand-alone verifier."""
        told = self.vm.sh(f"python3 {SOURCE}/tools/verify/verify_draw.py {HOME} | tail -n 1")
        if told != "CONSISTENT":  # no keys are named here
            raise VmError(
                f"the verifier says: {self.vm.sh(f'python3 {SOURCE}/tools/verify/verify_draw.py {HOME} | tail')}"
            )

    def one_spin(self) -> None:
        """Press the key and wait until the result was shown."""
        shown = len(self.records("shown"))
        self.vm.press("spc")
        self.wait_for_record("shown", shown + 1)
        time.sleep(6)

    def pid(self) -> int:
        """Return the kiosk's process id."""
        return int(self.vm.sh("systemctl show -P MainPID wheel-kiosk"))
