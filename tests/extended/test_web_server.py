"""Lists behind nginx: TLS with a CA of the tests, 304, slow and broken answers, redirects."""

import subprocess
import sys
import time

import pytest

from kiosk.fetcher.index_file import INDEX_NAME
from tests.extended.ends import Ends, Nginx


@pytest.fixture
def served(ends: Ends, nginx: Nginx) -> Ends:
    """A list that nginx serves, and a kiosk that knows its CA."""
    ends.admin("publish", "--to", str(nginx.folder))
    ends.kiosk_environment["SSL_CERT_FILE"] = str(nginx.ca)
    return ends


def test_a_list_arrives_over_tls(served: Ends, nginx: Nginx) -> None:
    served.settings(nginx.url)
    served.fetch()
    assert served.generation_here(1)
    served.admin("title", "Another")
    served.admin("publish")
    served.fetch()
    assert served.generation_here(2)


def test_a_certificate_of_an_unknown_ca_is_refused(served: Ends, nginx: Nginx) -> None:
    del served.kiosk_environment["SSL_CERT_FILE"]
    served.settings(nginx.url)
    report = served.fetch(code=7)

    assert "certificate" in report.problem
    assert not served.generation_here(1)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("broken/", "answered 503"),
        ("slow/", "within 1 s"),
        ("elsewhere/", "another host"),
        ("plain/", "is not followed"),
        ("nothing/", "has no index.json"),
    ],
)
def test_an_answer_that_cannot_be_used_is_said(path: str, problem: str, served: Ends, nginx: Nginx) -> None:
    served.settings(nginx.url + path, "timeout_s = 1")
    assert problem in served.fetch(code=7).problem
    assert not served.generation_here(1)


def test_a_redirect_on_the_same_host_is_followed(served: Ends, nginx: Nginx) -> None:
    served.settings(f"{nginx.url}same/")
    served.fetch()

    assert served.generation_here(1)


def test_a_running_fetcher_is_answered_304_while_nothing_changes(served: Ends, nginx: Nginx) -> None:
    served.settings(nginx.url, "every_s = 0.2")
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.fetcher", "--home", str(served.kiosk.root)], env=served.kiosk_environment
    )
    try:
        until = time.monotonic() + 60
        while nginx.log.read_text().count(f'"GET /{INDEX_NAME} HTTP/1.1" 304') < 5:
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait()
    answers = [line.split('" ')[1][:3] for line in nginx.log.read_text().splitlines() if f"/{INDEX_NAME} " in line]
    assert "200" not in answers[answers.index("304") :]
