"""Lists by OpenSSH's sftp: both ends, host keys, results that come back."""

from pathlib import Path

import pytest

from kiosk.core.key_files import kiosk_key
from tests.extended.ends import Ends, Ssh
from tests.support import Desk, snapshot


@pytest.fixture
def joined(ends: Ends, ssh: Ssh) -> Ends:
    """Both ends know the server and have its client key."""
    user = Path(ends.laptop_environment["HOME"]) / ".ssh"
    user.mkdir(mode=0o700)
    (user / "id_ed25519").write_bytes((ssh.keys / "client").read_bytes())
    (user / "id_ed25519").chmod(0o600)
    (user / "known_hosts").write_text(ssh.known_hosts())
    ends.kiosk.credentials.mkdir()
    credential = ends.kiosk.credentials / "hall"
    credential.write_text(f'private_key = """\n{(ssh.keys / "client").read_text()}"""\n')
    credential.chmod(0o600)
    ends.kiosk.known_hosts.write_text(ssh.known_hosts())
    ends.settings(ssh.url, 'credential = "hall"')
    return ends


def test_a_list_goes_there_by_sftp_and_results_come_back(joined: Ends, ssh: Ssh) -> None:
    said = joined.admin("publish", "--to", ssh.url)
    assert f"sent to {ssh.url}: 2 files" in said
    key = kiosk_key(joined.kiosk.kiosk_key, public=joined.kiosk.kiosk_public_key)
    desk = Desk(joined.kiosk.kiosk, key=key)
    desk.adopt(snapshot(1))
    desk.spin()
    report = joined.fetch()

    assert joined.generation_here(1)
    assert report.results == "Results are sent."
    assert key.public.keyid[:16] in joined.admin("status", "--from", ssh.url)
    [ledger] = (ssh.keys / "lists").glob("kiosks/*/ledger-*.jsonl")
    assert ledger.read_bytes() == joined.kiosk.ledger.read_bytes()
    assert list((ssh.keys / "lists").rglob("*.tmp")) == []
    assert f"{ssh.url} is up to date" in joined.admin("send")


def test_an_unknown_or_changed_host_key_is_refused_before_anything_is_said(joined: Ends, ssh: Ssh) -> None:
    joined.kiosk.known_hosts.write_text("")
    assert "host key of 127.0.0.1 is not known" in joined.fetch(code=7).problem
    joined.kiosk.known_hosts.write_text(ssh.known_hosts("other_host"))
    assert "another host key" in joined.fetch(code=7).problem
    (Path(joined.laptop_environment["HOME"]) / ".ssh/known_hosts").write_text("")
    assert "ssh-keyscan" in joined.admin("publish", "--to", ssh.url, code=7)


def test_a_client_key_that_the_server_does_not_know_is_said(joined: Ends, ssh: Ssh) -> None:
    (ssh.keys / "authorized").write_text("")

    assert "does not let us in" in joined.fetch(code=7).problem
