"""Real servers on loopback: nginx with TLS, OpenSSH's sftp, an S3 server. `make test-extended` starts these tests.

Invariant: each server runs on a free port, in a directory of its own, and ends with its test.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.extended.ends import Ends, Nginx, Ssh

VARIABLE = "WHEEL_TEST_EXTENDED"
START_S = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            if not os.environ.get(VARIABLE):
                item.add_marker(pytest.mark.skip(reason="make test-extended"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(listening: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S
    while True:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", listening)) == 0:
                return
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < until, "the server does not listen"
        time.sleep(0.05)


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    """The organiser's home and the kiosk's, each with an environment of its own."""
    return Ends.make(tmp_path)


def certificates(directory: Path) -> Path:
    """Write a test CA and a certificate of 127.0.0.1 that it signed; returns the CA's file."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("test CA", "localhost")]
    for index, file in enumerate(("ca.pem", "server.pem")):
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[index])
            .issuer_name(names[0])
            .public_key(keys[index].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=index == 0, path_length=None), critical=True)
        )
        if index:
            names_of_it = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
            builder = builder.add_extension(x509.SubjectAlternativeName(names_of_it), critical=False)
        certificate = builder.sign(keys[0], hashes.SHA256())
        (directory / file).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "server.key").write_bytes(
        keys[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return directory / "ca.pem"


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    directory = tmp_path / "nginx"
    (directory / "www").mkdir(parents=True)
    tmp_path.chmod(0o755)
    ca, port, other = certificates(directory), free_port(), free_port()
    (directory / "nginx.conf").write_text(
        f"""
        daemon off; pid {directory}/pid; error_log {directory}/error.log; user root;
        events {{}}
        http {{
          access_log {directory}/access.log; client_body_temp_path {directory}/a; proxy_temp_path {directory}/b;
          fastcgi_temp_path {directory}/c; uwsgi_temp_path {directory}/d; scgi_temp_path {directory}/e;
          server {{
            listen 127.0.0.1:{port} ssl; listen 127.0.0.1:{other};
            ssl_certificate {directory}/server.pem; ssl_certificate_key {directory}/server.key;
            location / {{ root {directory}/www; }}
            location /slow/ {{ alias {directory}/www/; limit_rate 20; }}
            location /broken/ {{ return 503; }}
            location /same/ {{ rewrite ^/same/(.*)$ /$1 redirect; }}
            location /elsewhere/ {{ return 302 https://localhost:{port}/index.json; }}
            location /plain/ {{ return 302 http://127.0.0.1:{other}/index.json; }}
          }}
        }}"""
    )
    process = subprocess.Popen([program, "-c", str(directory / "nginx.conf"), "-p", str(directory)])
    try:
        wait_until(port, process)
        yield Nginx(f"https://127.0.0.1:{port}/", directory / "www", ca, directory / "access.log")
    finally:
        stop(process)


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[Ssh]:
    directory, port = tmp_path / "sshd", free_port()
    (directory / "lists").mkdir(parents=True)
    for name in ("host", "client", "other_host"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)], check=True)
    (directory / "authorized").write_bytes((directory / "client.pub").read_bytes())
    (directory / "config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {directory}/host\nAuthorizedKeysFile {directory}/authorized\n"
        f"StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n"
        f"Subsystem sftp internal-sftp\nLogLevel ERROR\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)  # what Debian's sshd wants to exist
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    process = subprocess.Popen([program, "-D", "-e", "-f", str(directory / "config")])
    try:
        wait_until(port, process)
        yield Ssh(f"sftp://root@127.0.0.1:{port}{directory}/lists", port, directory)
    finally:
        stop(process)


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], str]]:
    """Return what puts the server into an environment and returns the URL of an empty bucket on it."""
    port = free_port()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "s3cret-of-the-bucket",
        "AWS_DEFAULT_REGION": "us-east-1",
    }

    def add_to(environment: dict[str, str]) -> str:
        environment.update(server)
        return "s3://wheel/lists"

    try:
        wait_until(port, process)
        code = "import s3fs; s3fs.S3FileSystem().mkdir('wheel')"
        subprocess.run([sys.executable, "-c", code], env={**os.environ, **server}, check=True, timeout=START_S)
        yield add_to
    finally:
        stop(process)
