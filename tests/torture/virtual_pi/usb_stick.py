"""A USB stick as it is bought: one FAT32 partition. Files go on and off it while no machine has it.

Invariant: it is written with mtools, as a laptop would; the guest writes to the same bytes.
"""

import os
import shutil
import struct
import subprocess
from pathlib import Path

_START = 2048
"""The first sector of the partition."""
_SECTOR = 512
_MB = 64
_FAT32_LBA = 0x0C


class UsbStick:
    """A stick, empty but for the folder that asks for results.

    Args:
        image: the file with its bytes.
    """

    def __init__(self, image: Path) -> None:
        self.image = image
        image.unlink(missing_ok=True)
        with image.open("wb") as file:
            file.truncate(_MB << 20)
            sectors = (_MB << 20) // _SECTOR - _START
            entry = struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", _FAT32_LBA, b"\xfe\xff\xff", _START, sectors)
            file.seek(446)
            file.write(entry + bytes(48) + b"\x55\xaa")
        made = ["mkfs.vfat", "-F", "32", "-s", "1", "-n", "WHEEL", "--offset", str(_START), str(image)]
        subprocess.run(made, check=True, capture_output=True)
        self._mtools("mmd", "::/wheel-results")

    def put(self, folder: Path) -> None:
        """Copy the files of a folder to its top."""
        self._mtools("mcopy", "-s", "-o", "-Q", *map(str, sorted(folder.iterdir())), "::/")

    def results(self, folder: Path) -> Path:
        """Copy its folder of results into a folder of this machine; returns it."""
        shutil.rmtree(folder, ignore_errors=True)
        self._mtools("mcopy", "-s", "-Q", "::/wheel-results", str(folder))
        return folder

    def complaints(self) -> list[str]:
        """Return what `fsck.vfat` would repair."""
        partition = self.image.with_suffix(".part")
        with self.image.open("rb") as whole, partition.open("wb") as part:
            whole.seek(_START * _SECTOR)
            shutil.copyfileobj(whole, part)
        told = subprocess.run(["fsck.vfat", "-n", str(partition)], capture_output=True, text=True, check=False)
        partition.unlink()
        return [] if told.returncode == 0 else told.stdout.splitlines()[1:-1]

    def _mtools(self, program: str, *arguments: str) -> None:
        # A stick that was pulled is marked as not cleanly unmounted, which mtools would refuse.
        environment = {**os.environ, "MTOOLS_SKIP_CHECK": "1"}
        at = f"{self.image}@@{_START * _SECTOR}"
        done = subprocess.run(
            [program, "-i", at, *arguments], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OSError(f"{program} {' '.join(arguments)}: {done.stderr or done.stdout}")
