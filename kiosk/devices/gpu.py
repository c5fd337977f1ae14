"""Decides whether the GPU may be used, without loading its driver into this process.

Invariant: a GPU driver that is refused is never loaded here: Mesa's software rasteriser alone would keep 40 to 90 MB.
Without a GPU device the answer is immediate. Otherwise a child process (`kiosk.devices.gpu_probe`) draws, measures and
names the renderer; a driver that crashes or hangs ends the child only. The verdict is kept in a small file and holds
for this machine, these drivers and these libraries; a file that cannot be read, or belongs to others, is ignored.
"""

import hashlib
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pygame

from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.core.errors import HomeError
from kiosk.core.regular_files import read_file
from kiosk.screen.options import Rotation

logger = logging.getLogger(__name__)

PROBE_TIMEOUT_S = 20
REFUSAL_HOLDS_S = 24 * 3600
"""A refused GPU is probed again after a day: it may have been busy, or short of memory."""
_LARGEST_FILE = 4096
_NOT_GPUS = frozenset({"vgem", "vkms", "evdi", "udl"})
"""Kernel drivers with a render node and no GPU behind it."""
_SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast", "swiftshader", "lavapipe", "software rasterizer")
_USER_SPACE_DRIVERS = ("libEGL*.so.*", "libGLESv2*.so.*", "libGLX*.so.*", "libgallium*.so", "dri")


class ProbeResult(msgspec.Struct, frozen=True):
    """What the child process found.

    Attributes:
        refusal: why the GPU must not be used; empty if it may.
        renderer: as the driver names itself, such as `V3D 4.2`.
        frame_ms: time for a full frame.
        lasting: False if there was no display to probe on: that says nothing about the GPU.
    """

    refusal: str
    renderer: str = ""
    frame_ms: float = 0.0
    lasting: bool = True


class _Verdict(msgspec.Struct, frozen=True):
    """A result, for the machine that `key` identifies; `at` in seconds since 1970."""

    key: str
    at: int
    result: ProbeResult


def why_no_gpu(cache: Path, size: tuple[int, int] | None, rotate: Rotation, *, root: Path = Path("/")) -> str:
    """Return why the GPU must not be used, or "" if it may.

    Args:
        cache: file that keeps the verdict.
        size: of the window in pixels; None for full screen.
        rotate: of the picture, in degrees.
        root: where /dev, /sys and /usr are; another one in tests.
    """
    if os.environ.get("SDL_VIDEODRIVER", "").lower() == "dummy":
        return "SDL's dummy driver has no GPU"
    devices = graphics_devices(root)
    if devices is not None and not devices:
        return "this machine has no GPU device"
    key = _key(devices or (), size, rotate, root)
    verdict = _kept(cache, key)
    if verdict is None:
        verdict = _Verdict(key, int(time.time()), probe(size, rotate))
        if verdict.result.lasting:
            _keep(cache, verdict)
    result = verdict.result
    if not result.refusal:
        logger.info("GPU proven: %s, %.1f ms a frame", result.renderer or "unnamed", result.frame_ms)
    return result.refusal


def graphics_devices(root: Path = Path("/")) -> tuple[str, ...] | None:
    """Return the GPU devices with their kernel drivers, such as `renderD128:v3d`; None where that is unknown.

    Display controllers without a GPU, such as simpledrm or bochs, have no render node.
    """
    if not sys.platform.startswith("linux"):
        return None
    found = []
    for node in sorted((root / "dev/dri").glob("renderD*")):
        driver = root / "sys/class/drm" / node.name / "device/driver"
        name = driver.resolve().name if driver.is_symlink() else "unknown"
        if name not in _NOT_GPUS:
            found.append(f"{node.name}:{name}")
    # NVIDIA's EGL needs no DRI device, and neither does a GPU under Windows' Linux.
    found += [f"{node.name}:nvidia" for node in sorted((root / "dev").glob("nvidia[0-9]*"))]
    found += ["dxg:dxg"] if (root / "dev/dxg").exists() else []
    return tuple(found)


def is_software(renderer: str) -> bool:
    """Return whether the renderer of that name is a CPU in disguise; virgl names the renderer of its host too."""
    return any(name in renderer.lower() for name in _SOFTWARE_RENDERERS)


def probe(size: tuple[int, int] | None, rotate: Rotation, *, module: str = "kiosk.devices.gpu_probe") -> ProbeResult:
    """Draw with the GPU in a process of its own and return what it found; a crash or a hang is a refusal."""
    window = f"{size[0]}x{size[1]}" if size else "full"
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", module, window, str(rotate)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ProbeResult(f"its driver did not answer within {PROBE_TIMEOUT_S} s")
    except OSError as error:
        return ProbeResult(f"it could not be probed: {error.strerror}")
    try:
        return msgspec.json.decode(done.stdout, type=ProbeResult)
    except msgspec.DecodeError:
        return ProbeResult(f"its driver ended the probing process with status {done.returncode}")


def _key(devices: tuple[str, ...], size: tuple[int, int] | None, rotate: Rotation, root: Path) -> str:
    """Return what a verdict depends on, as one digest."""
    system = os.uname() if hasattr(os, "uname") else None
    parts = [
        _text(root / "etc/machine-id"),
        f"{system.release} {system.machine}" if system else sys.platform,
        *devices,
        pygame.version.ver,
        ".".join(map(str, pygame.get_sdl_version())),
        os.environ.get("SDL_VIDEODRIVER", ""),
        os.environ.get("DISPLAY", ""),
        f"{size} {rotate}",
        *_libraries(root),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _libraries(root: Path) -> Iterator[str]:
    """Yield the user-space drivers with their sizes and times: an update of Mesa asks for a new verdict."""
    for pattern in _USER_SPACE_DRIVERS:
        for path in sorted((root / "usr/lib").glob(f"*-linux-*/{pattern}")):
            try:
                status = path.stat()
            except OSError:
                continue
            yield f"{path.name} {status.st_size} {int(status.st_mtime)}"


def _text(path: Path) -> str:
    try:
        return read_file(path, limit=_LARGEST_FILE).decode("ascii", "replace").strip()
    except OSError:
        return ""


def _kept(cache: Path, key: str) -> _Verdict | None:
    """Return the kept verdict if it is still good for this machine."""
    try:
        verdict = msgspec.json.decode(read_file(cache, limit=_LARGEST_FILE), type=_Verdict)
    except (OSError, msgspec.DecodeError):
        return None
    age_s = time.time() - verdict.at
    expired = bool(verdict.result.refusal) and not 0 <= age_s < REFUSAL_HOLDS_S
    return None if verdict.key != key or expired else verdict


def _keep(cache: Path, verdict: _Verdict) -> None:
    try:
        write_atomic(cache, msgspec.json.encode(verdict) + b"\n", mode=PUBLIC)
    except HomeError as error:
        logger.debug("the verdict about the GPU is not kept: %s", error)
