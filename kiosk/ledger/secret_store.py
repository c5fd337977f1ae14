"""The committed secrets: s_0 of each anchor, in a file of its own that only the kiosk may read.

Invariant: s_0 is durable before its anchor is published in the ledger. A secret whose anchor is not in the ledger binds
nobody and may be deleted.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.core.durable import PRIVATE, remove, write_atomic
from kiosk.core.home import CHAIN_SUFFIX, secret_name
from kiosk.draw.protocol import SECRET_BYTES, Chain

logger = logging.getLogger(__name__)


class SecretStore:
    """The directory of secrets.

    Args:
        directory: mode 0700, exists.
        random_bytes: where entropy comes from, `secrets.token_bytes` outside of tests.
    """

    def __init__(self, directory: Path, *, random_bytes: Callable[[int], bytes]) -> None:
        self._directory = directory
        self._random_bytes = random_bytes

    def commit(self) -> Chain:
        """Make a new secret, store it durably, and return its chain.

        Raises:
            HomeError: it could not be written.
        """
        secret = self._random_bytes(SECRET_BYTES)
        chain = Chain(secret)
        write_atomic(self._path(chain.anchor), secret.hex().encode() + b"\n", mode=PRIVATE)
        return chain

    def recall(self, anchor: str) -> Chain | None:
        """Return the chain that ends in `anchor`, or None if its secret is lost or damaged."""
        path = self._path(anchor)
        try:
            chain = Chain(bytes.fromhex(path.read_bytes().decode("ascii").strip()))
        except (OSError, ValueError) as error:
            logger.warning("the secret of anchor %s is lost: %s", anchor[:8], error)
            return None
        if chain.anchor != anchor:
            logger.warning("the secret of anchor %s is damaged", anchor[:8])
            return None
        return chain

    def forget_all_but(self, anchor: str) -> None:
        """Delete the secrets of other anchors: they are superseded, or were never published."""
        for path in self._directory.glob(f"*{CHAIN_SUFFIX}"):
            if path != self._path(anchor):
                remove(path)

    def _path(self, anchor: str) -> Path:
        return self._directory / secret_name(anchor)
