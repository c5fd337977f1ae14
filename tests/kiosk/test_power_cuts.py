"""The power goes at every byte of a spin's records: the same winner, no second draw, and the verifier passes.

A power cut leaves a prefix of what was being written. Each prefix is put on the disk and the real ledger, session
and checkpoints start on it, as the kiosk does.
"""

import contextlib
import io
import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.draw.modes import Fixed, Mixed, Natural, Spins
from kiosk.draw.protocol import Chain
from kiosk.draw_session import Session
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.ledger import Ledger, read_records
from kiosk.ledger.record import Entropy, Result
from kiosk.ledger.secret_store import SecretStore
from tests.support import KEY, counted_bytes, listed, private_key, publish, snapshot
from verify import verify_draw

pytestmark = pytest.mark.slow

KIOSK_KEY = private_key(7)


class Kiosk:
    """What `wheel-kiosk` builds on a home, without a screen."""

    def __init__(self, home: Home) -> None:
        self.ledger = Ledger(home.ledger, clock=ManualClock())
        self.checkpoints = Checkpoints(home.checkpoints, key=KIOSK_KEY)
        self.checkpoints.check(home.ledger)
        self.session = Session(
            ledger=self.ledger,
            secrets=SecretStore(home.secrets, random_bytes=counted_bytes()),
            kiosk_id=KIOSK_KEY.public.keyid,
            checkpoints=self.checkpoints,
        )
        self.session.sign_head()

    def finish_or_spin(self, spin: int) -> None:
        """Finish what is unfinished; else press, unless spin `spin` was shown already."""
        if self.session.unfinished_s is not None:
            decision = self.session.resume(start=0)
        elif self.session.spins_made < spin:
            decision = self.session.press(start=0)
        else:
            return
        self.session.shown(decision, duration_ms=11_000, frames=660)

    def close(self) -> None:
        self.ledger.close()
        self.checkpoints.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=20))
    monkeypatch.setattr(os, "fsync", lambda _: None)  # thousands of starts; what is durable is chosen by hand here
    home = Home(tmp_path / "home")
    for path in (home.snapshots, home.trusted, home.secrets):
        path.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    pem = KIOSK_KEY.public.pem()
    home.kiosk_public_key.write_bytes(pem)
    return home


def verified(home: Home) -> bool:
    with contextlib.redirect_stdout(io.StringIO()):
        return bool(verify_draw.main([str(home.root), "--require", "consistent"]) == 0)


@pytest.mark.parametrize(
    "spins",
    [Natural(), Mixed(steps=(Natural(), Fixed(ticket="E0004", reason="a notary's draw")), then="natural")],
    ids=["natural", "fixed"],
)
def test_whenever_the_power_goes_the_winner_is_the_same_and_drawn_once(home: Home, spins: Spins) -> None:
    content = listed(snapshot(spins=spins))
    publish(home.snapshots, content.snapshot)
    kiosk = Kiosk(home)
    kiosk.session.adopt(content)
    kiosk.ledger.append(Entropy(snapshot=content.s, entropy="dice:3.1.6"))
    kiosk.finish_or_spin(1)
    start, signed_before = home.ledger.stat().st_size, home.checkpoints.read_bytes()
    kiosk.finish_or_spin(2)
    kiosk.close()
    whole, signed_after = home.ledger.read_bytes(), home.checkpoints.read_bytes()
    winner = next(body.ticket for body in results(home) if body.spin == 2)
    # While the records are written the checkpoint is the one before; afterwards it grows byte by byte.
    cuts = [(whole[:at], signed_before) for at in range(start, len(whole) + 1)]
    cuts += [(whole, signed_after[:at]) for at in range(len(signed_before), len(signed_after) + 1)]
    kept = shutil.copytree(home.secrets, home.root / "kept")

    for ledger, signed in cuts:
        home.ledger.write_bytes(ledger)
        home.checkpoints.write_bytes(signed)
        for torn in home.kiosk.glob("ledger-torn-*.bin"):
            torn.unlink()
        kiosk = Kiosk(home)
        kiosk.session.adopt(content)
        kiosk.finish_or_spin(2)
        kiosk.close()
        found = results(home)
        assert [body.spin for body in found] == [1, 2], len(ledger)
        assert found[1].ticket == winner
        if ledger.endswith(b"\n") or len(ledger) % 5 == 0:  # it takes longer than all the rest
            assert verified(home), len(ledger)

    assert sorted(path.name for path in home.secrets.iterdir()) == sorted(path.name for path in kept.iterdir())
    assert len(cuts) >= 200


def results(home: Home) -> list[Result]:
    return [one.body for one in read_records(home.ledger.read_bytes()) if isinstance(one.body, Result)]
