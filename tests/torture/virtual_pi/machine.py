"""A virtual machine as a test needs it: a key, a picture of the screen, a root shell, and a power switch.

Invariant: it only drives QEMU. Keys and pictures go through QEMU's monitor, as a person's would through the hardware;
the shell is a serial line, so that it works while the screen does not.
"""

import base64
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 900.0
"""How long something may take in a guest that is emulated on a busy machine."""

STICK = "stick"


class VmError(RuntimeError):
    """The guest did not do what it should."""


class Vm:
    """One guest on one disk.

    Args:
        work: the directory that `build_image.sh` filled; sockets and the console's log lie there too.
        disk: its disk image.
        accelerator: `tcg`, or `kvm`.
    """

    def __init__(self, work: Path, disk: Path, *, accelerator: str) -> None:
        self._work, self._disk, self._accelerator = work, disk, accelerator
        self._process: subprocess.Popen[bytes] | None = None
        self._monitor: socket.socket | None = None
        self._shell: socket.socket | None = None
        self._told = 0
        self.booted_s = 0.0

    def power_on(self) -> None:
        """Start QEMU and wait for the root shell."""
        started = time.monotonic()
        for name in ("monitor.sock", "shell.sock"):
            (self._work / name).unlink(missing_ok=True)
        cpu = ["-cpu", "host"] if self._accelerator == "kvm" else ["-cpu", "Nehalem"]
        # Linux patches its code while it runs. Of two emulated processors one may meet that, and die: "Oops: int3".
        processors = "2" if self._accelerator == "kvm" else "1"
        command = [
            "qemu-system-x86_64",
            "-accel",
            self._accelerator,
            *cpu,
            "-smp",
            processors,
            "-m",
            "1024",
            "-nodefaults",
            "-no-reboot",
        ]
        command += ["-kernel", str(self._work / "vmlinuz"), "-initrd", str(self._work / "initrd.img")]
        kernel = "root=/dev/vda rw console=ttyS0 quiet loglevel=3 vt.global_cursor_default=0 panic=-1"
        kernel += " mitigations=off nowatchdog no_timer_check"  # a busy host must not look like broken hardware
        command += ["-append", kernel]
        command += ["-drive", f"file={self._disk},format=raw,if=virtio,cache=writeback"]
        command += ["-vga", "none", "-device", "virtio-gpu-pci,xres=800,yres=480", "-display", "none"]
        command += ["-device", "qemu-xhci,id=usb"]
        command += ["-serial", f"file:{self._work / 'console.log'}"]
        command += ["-serial", f"unix:{self._work / 'shell.sock'},server=on,wait=off"]
        command += ["-qmp", f"unix:{self._work / 'monitor.sock'},server=on,wait=off"]
        log = (self._work / "qemu.log").open("ab")
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self._monitor = self._connect("monitor.sock")
        self._read_monitor()
        self.monitor("qmp_capabilities")
        self._shell = self._connect("shell.sock")
        self._greet()
        self.booted_s = time.monotonic() - started

    def cut_power(self) -> None:
        """Kill QEMU: what the guest had not written is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for end in (self._monitor, self._shell):
            if end is not None:
                end.close()
        self._process = self._monitor = self._shell = None

    def power_off(self) -> None:
        """Shut the guest down in order."""
        process = self._process
        if process is None:
            return
        self._send_line("systemctl poweroff")
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            raise VmError("the guest does not shut down") from error
        finally:
            self.cut_power()

    # ---- monitor ---------------------------------------------------------------------------------------------------

    def monitor(self, command: str, **arguments: object) -> object:
        """Execute a QMP command and return its answer."""
        if self._monitor is None:
            raise VmError("the guest is off")
        self._monitor.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = self._read_monitor()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise VmError(f"{command}: {answer['error']}")

    def press(self, *keys: str) -> None:
        """Press the keys together and let them go."""
        self.monitor("human-monitor-command", **{"command-line": f"sendkey {'-'.join(keys)}"})

    def picture(self, path: Path) -> Path:
        """Save what is on the screen as a PNG file."""
        raw = self._work / "screen.ppm"
        raw.unlink(missing_ok=True)
        self.monitor("screendump", filename=str(raw))
        path.write_bytes(png_of(raw.read_bytes()))
        return path

    def plug_in(self, image: Path) -> None:
        """Plug in a USB stick that has the image's bytes."""
        file = {"driver": "file", "filename": str(image), "cache": {"direct": False, "no-flush": True}}
        self.monitor("blockdev-add", **{"node-name": STICK, "driver": "raw", "file": file})
        self.monitor("device_add", driver="usb-storage", id=STICK, bus="usb.0", drive=STICK, removable=True)

    def pull_out(self) -> None:
        """Pull the stick out, whatever is under way; what was written to it by then is on it."""
        self.monitor("device_del", id=STICK)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.monitor("blockdev-del", **{"node-name": STICK})
            except VmError:  # QEMU lets go of it a moment later
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def _read_monitor(self) -> dict[str, object]:
        if self._monitor is None:
            raise VmError("the guest is off")
        line = b""
        while not line.endswith(b"\n"):
            more = self._monitor.recv(1)
            if not more:
                raise VmError(f"QEMU has gone: {(self._work / 'qemu.log').read_text()[-500:]}")
            line += more
        found: dict[str, object] = json.loads(line)
        return found

    # ---- shell -----------------------------------------------------------------------------------------------------

    def sh(self, command: str, *, check: bool = True, timeout_s: float = PATIENCE_S) -> str:
        """Run a command as root in the guest and return what it printed."""
        if self._shell is None:
            raise VmError("the guest is off")
        self._told += 1
        mark = f"END{self._told:06d}"
        encoded = base64.b64encode(command.encode()).decode()
        for start in range(0, len(encoded), 512):  # a serial line has no room for long ones
            self._send_line(f"c{'+' if start else ''}={encoded[start : start + 512]}")
        self._send_line(
            f'o=$(bash -c "$(echo $c | base64 -d)" 2>&1 </dev/null); echo "{mark} $? $(echo "$o" | base64 -w0) {mark}"'
        )
        found = self._until(rf"{mark} (\d+) (\S*) {mark}", timeout_s, command)
        code, output = int(found[1]), base64.b64decode(found[2]).decode("utf-8", "replace").rstrip("\n")
        if check and code:
            raise VmError(f"{command}: exit code {code}\n{output}")
        return output

    def wait_for(self, command: str, what: str, *, timeout_s: float = PATIENCE_S) -> str:
        """Run a command in the guest until it succeeds; returns what it printed."""
        deadline = time.monotonic() + timeout_s
        while True:
            output = self.sh(f"{command} && echo DID-IT", check=False)
            if output.endswith("DID-IT"):
                return output.removesuffix("DID-IT").rstrip("\n")
            if time.monotonic() > deadline:
                raise VmError(f"waited {timeout_s:g} s in vain for {what}: {output}")
            time.sleep(0.5)

    def _send_line(self, text: str) -> None:
        if self._shell is None:
            raise VmError("the guest is off")
        self._shell.sendall(text.encode() + b"\n")

    def _greet(self) -> None:
        """Say hello until the shell answers: what is sent before it is there is lost."""
        if self._shell is None:
            raise VmError("the guest is off")
        deadline = time.monotonic() + PATIENCE_S
        seen = b""
        self._shell.settimeout(1.0)
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                raise VmError(f"the guest died while booting; see {self._work / 'console.log'}")
            try:
                self._send_line("\necho HEL''LO")
                seen += self._shell.recv(65536)
            except TimeoutError:
                continue
            except OSError:  # QEMU has just gone; the next turn says so
                continue
            if b"HELLO" in seen:
                time.sleep(1.0)
                try:
                    while self._shell.recv(65536):
                        pass
                except TimeoutError:
                    return
        raise VmError(f"no shell after {PATIENCE_S:g} s; see {self._work / 'console.log'}")

    def _until(self, pattern: str, timeout_s: float, what: str) -> re.Match[str]:
        if self._shell is None:
            raise VmError("the guest is off")
        deadline, seen = time.monotonic() + timeout_s, ""
        while time.monotonic() < deadline:
            try:
                more = self._shell.recv(65536)
            except TimeoutError:
                continue
            if not more:
                raise VmError(f"the shell has gone during: {what}")
            seen += more.decode("utf-8", "replace")
            found = re.search(pattern, seen)
            if found:
                return found
        raise VmError(f"no answer after {timeout_s:g} s: {what}; seen: {seen[-300:]}")

    def _connect(self, name: str) -> socket.socket:
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        deadline = time.monotonic() + 30
        while True:
            try:
                end.connect(str(self._work / name))
            except OSError:
                if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                    log = (self._work / "qemu.log").read_text()[-500:]
                    raise VmError(f"QEMU does not start: {log}") from None
                time.sleep(0.1)
            else:
                return end


def png_of(ppm: bytes) -> bytes:
    """Return a binary PPM (P6, 8 bits) as PNG."""
    found = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", ppm)
    if found is None:
        raise VmError("not a picture")
    width, height = int(found[1]), int(found[2])
    body = ppm[found.end() :]
    rows = b"".join(b"\0" + body[y * width * 3 : (y + 1) * width * 3] for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")


def colours_of(ppm: bytes) -> int:
    """Return how many colours the picture has, in steps of 16: a screen on which nothing was drawn has a handful."""
    found = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", ppm)
    if found is None:
        raise VmError("not a picture")
    body = ppm[found.end() :]
    return len({(body[at] >> 4, body[at + 1] >> 4, body[at + 2] >> 4) for at in range(0, len(body) - 2, 3 * 7)})


def wait_until(condition: Callable[[], bool], what: str, *, timeout_s: float = PATIENCE_S) -> None:
    """Wait for something on this side."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise VmError(f"waited {timeout_s:g} s in vain for {what}")
        time.sleep(0.2)


def accelerator() -> str:
    """Return `WHEEL_VM_ACCEL`, or `tcg`, which works everywhere: a /dev/kvm may be there and not carry a guest."""
    return os.environ.get("WHEEL_VM_ACCEL", "") or "tcg"


def missing_tools() -> list[str]:
    """Return the programs that are not installed here."""
    needed = ("qemu-system-x86_64", "mmdebstrap", "mke2fs", "e2fsck", "mkfs.vfat", "fsck.vfat", "mcopy")
    return [name for name in needed if shutil.which(name) is None]
