"""The committed secrets: s_0 of each anchor, in two files in two directories that only the kiosk may read.

Invariant: s_0 is durable in both before its anchor is published in the ledger. A secret is lost only if neither place
has it; one that cannot be read now is not lost, and nothing new is committed to in its stead: otherwise an operator
could draw again by hiding a file. A secret whose anchor is not in the ledger binds nobody and may be deleted.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.core.durable import PRIVATE, remove, write_atomic
from kiosk.core.errors import HomeError, SecretUnreadable
from kiosk.core.home import CHAIN_SUFFIX, secret_name
from kiosk.draw.protocol import SECRET_BYTES, Chain

logger = logging.getLogger(__name__)


class SecretStore:
    """The secrets.

    Args:
        directories: both mode 0700; they exist.
        random_bytes: where entropy comes from, `secrets.token_bytes` outside of tests.
    """

    def __init__(self, *directories: Path, random_bytes: Callable[[int], bytes]) -> None:
        self._directories = directories
        self.random_bytes = random_bytes

    def commit(self) -> Chain:
        """Make a new secret, store it durably in every place, and return its chain.

        Raises:
            HomeError: it could not be written everywhere.
        """
        secret = self.random_bytes(SECRET_BYTES)
        chain = Chain(secret)
        for path in self._paths(chain.anchor):
            write_atomic(path, _content(secret), mode=PRIVATE)
        return chain

    def recall(self, anchor: str) -> Chain | None:
        """Return the chain that ends in `anchor`, or None if its secret is lost: in no place, or damaged in each.

        A place that lost its copy gets it back.

        Raises:
            SecretUnreadable: it is in no place that can be read now, and one cannot be read.
        """
        chain, good, missing, unreadable = None, b"", [], ""
        for path in self._paths(anchor):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                missing.append(path)
                continue
            except OSError as error:
                unreadable = f"{path} cannot be read: {error.strerror}"
                continue
            if chain is None and (chain := _chain_of(data, anchor)) is not None:
                good = data
            elif data != good or chain is None:
                logger.warning("the secret in %s is damaged", path)
                missing.append(path)
        if chain is None and unreadable:
            raise SecretUnreadable(
                f"The secret of this list is not lost, but {unreadable}.",
                remedy="Make it readable for the kiosk: the wheel waits for it.",
            )
        if chain is None:
            logger.warning("the secret of anchor %s is lost", anchor[:8])
            return None
        for path in missing:
            _give_back(path, good)
        return chain

    def forget_all_but(self, anchor: str) -> None:
        """Delete the secrets of other anchors: they are superseded, or were never published."""
        keep = set(self._paths(anchor))
        for directory in self._directories:
            for path in directory.glob(f"*{CHAIN_SUFFIX}"):
                if path not in keep:
                    remove(path)

    def _paths(self, anchor: str) -> list[Path]:
        return [directory / secret_name(anchor) for directory in self._directories]


def _content(secret: bytes) -> bytes:
    return secret.hex().encode() + b"\n"


def _chain_of(data: bytes, anchor: str) -> Chain | None:
    try:
        chain = Chain(bytes.fromhex(data.decode("ascii").strip()))
    except ValueError:
        return None
    return chain if chain.anchor == anchor else None


def _give_back(path: Path, data: bytes) -> None:
    try:
        write_atomic(path, data, mode=PRIVATE)
        logger.warning("the secret was missing in %s, and is there again", path.parent)
    except HomeError as error:
        logger.warning("the secret is in one place only: %s", error)
