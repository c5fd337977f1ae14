"""A process with user and mount namespaces of its own: its mounts and limits concern nothing else on the machine."""

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_NEWUSER, _NEWNS = 0x10000000, 0x00020000
"""unshare(2)."""
PRIVATE_MOUNTS, DETACH = 0x4000 | (1 << 18), 2
"""mount(2): MS_REC | MS_PRIVATE; umount2(2): MNT_DETACH."""
_NOBODY = 65534
LIMITS = Path("/proc/sys/user")


def in_a_namespace_of_its_own(work: Callable[[str], int]) -> int:
    """Run `work` in a child with user and mount namespaces of its own; returns its exit status.

    `work` gets the reason why there is none, or nothing. The parent writes the child's user map, because only root of
    the namespace outside may map more than one user.
    """
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(ready[0])
            os.close(go[1])
            reason = ""
            try:
                call("unshare", _NEWUSER | _NEWNS)
            except (OSError, AttributeError) as error:
                reason = str(error)
            os.write(ready[1], b"-" if reason else b"+")
            if not reason and os.read(go[0], 1) != b"+":
                reason = "its user map could not be written"
            if not reason:
                call("mount", b"none", b"/", None, PRIVATE_MOUNTS, None)
            status = work(reason)
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(ready[1])
    os.close(go[0])
    if os.read(ready[0], 1) == b"+":
        try:
            ids = "0 0 65536" if os.geteuid() == 0 else f"0 {os.geteuid()} 1"
            Path(f"/proc/{child}/uid_map").write_text(ids)
            if os.geteuid() == 0:
                Path(f"/proc/{child}/gid_map").write_text(ids)
            os.write(go[1], b"+")
        except OSError:
            os.write(go[1], b"-")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@contextmanager
def limited(name: str) -> Iterator[None]:
    """Set a limit of our own namespace to nothing for a while."""
    path = LIMITS / name
    before = path.read_text()
    path.write_text("0")
    try:
        yield
    finally:
        path.write_text(before)


def permissions_hold(root: Path) -> bool:
    """Say whether a thread that became nobody cannot read a directory without permissions."""
    closed = root / "closed"
    closed.mkdir(mode=0)
    refused: list[bool] = []

    def attempt() -> None:
        become_nobody()
        try:
            list(closed.iterdir())
        except PermissionError:
            refused.append(True)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    closed.rmdir()
    return bool(refused)


def become_nobody() -> None:
    """Have the calling thread, and no other, treated as nobody by file systems."""
    if os.geteuid() == 0:
        _libc().setfsuid(_NOBODY)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> None:
    if getattr(_libc(), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
