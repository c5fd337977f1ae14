"""The page "Am I in?": its own script, run by Node.js, agrees with the receipts; nothing else can run in it."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest

from kiosk.core.key_files import load_trusted_keys
from tests.verify.page_in_node import PageInNode, needs_node
from tests.wheel_admin.conftest import Desk


@pytest.fixture
def public(desk: Desk) -> Desk:
    """A desk whose list and page are published: chances, a group with an umlaut, households."""
    rows = "".join(f"T{n},Person {n},{1 + n % 4},{'Küche' if n % 2 else ''},{n // 3}\n" for n in range(23))
    desk.do("import", desk.text("people.csv", f"Ticket,Name,Chances,Group,Household\n{rows}"))
    desk.do("title", "Tom & <Jerry> @SCRIPT@")
    desk.do("publish", "--public", desk.files / "site")
    return desk


def page(desk: Desk) -> str:
    return (desk.files / "site" / "am-i-in.html").read_text()


def published(desk: Desk) -> Any:
    found = re.search(r'<script type="application/json" id="published">(.*?)</script>', page(desk), re.DOTALL)
    assert found
    return json.loads(found[1])


def script(desk: Desk) -> str:
    found = re.search(r"<script>(.*?)</script>", page(desk), re.DOTALL)
    assert found
    return found[1]


def ask(desk: Desk, ticket: str, code: str, *, held: Any = None, **typed: str) -> Any:
    fields = {"ticket": ticket, "code": code, "group": "", "chances": "", "household": "", "keyid": "", **typed}
    with PageInNode() as node:
        return node.call("entry", held or published(desk), fields)


def keyid_of(desk: Desk) -> str:
    return next(iter(load_trusted_keys(desk.home.trusted)))


@pytest.mark.slow
@needs_node
@pytest.mark.parametrize("number", [0, 1, 7, 22])
def test_a_ticket_and_its_code_are_included_and_signed(public: Desk, number: int) -> None:
    receipt = public.do("receipt", f"T{number}")
    said = ask(public, f"T{number}", receipt["code"], group=receipt["group"], keyid=keyid_of(public))

    assert said["verdict"] == "INCLUDED AND SIGNED"
    assert said["why"][0] == f"Entry {number + 1} of 23, with {1 + number % 4} of 56 chances."


@pytest.mark.slow
@needs_node
def test_without_a_key_id_the_page_says_included_only(public: Desk) -> None:
    code = public.do("receipt", "T2")["code"]

    assert ask(public, "T2", f" {code.upper()} ")["verdict"] == "INCLUDED"


@pytest.mark.slow
@needs_node
def test_another_ticket_code_or_group_is_not_included(public: Desk) -> None:
    code = public.do("receipt", "T2")["code"]

    assert ask(public, "T4", code)["verdict"] == "NOT INCLUDED"
    assert ask(public, "T2", code, group="Küche")["verdict"] == "NOT INCLUDED"
    assert ask(public, "T2", "0" * 32)["verdict"] == "NOT INCLUDED"
    assert ask(public, "T2", "a code")["verdict"] == "NOT CHECKED"


@pytest.mark.slow
@needs_node
def test_a_search_that_is_cut_short_never_says_not_included(desk: Desk) -> None:
    desk.do("entries", "add", "T1", "Person 1", "--weight", "1000000")
    desk.do("entries", "add", "T2", "Person 2", "--weight", "900000", "--household", "2")
    desk.do("publish", "--public", desk.files / "site")
    code = desk.do("receipt", "T2")["code"]

    assert ask(desk, "T2", code)["verdict"] == "NOT CHECKED"
    assert ask(desk, "T2", code, chances="900000", household="2")["verdict"] == "INCLUDED"
    assert ask(desk, "T2", code, chances="900000", household="1")["verdict"] == "NOT INCLUDED"


@pytest.mark.slow
@needs_node
def test_a_manifest_that_somebody_changed_is_found(public: Desk) -> None:
    code = public.do("receipt", "T2")["code"]
    held = published(public)
    payload = json.loads(base64.b64decode(held["manifest"]["payload"]))
    for change in ({"hashes": payload["hashes"][::-1]}, {"weight": 999}):
        altered = {**held["manifest"], "payload": base64.b64encode(json.dumps(payload | change).encode()).decode()}
        said = ask(public, "T2", code, keyid=keyid_of(public), held={**held, "manifest": altered})
        assert said["verdict"] == "NOT CHECKED", change


@pytest.mark.slow
@needs_node
def test_a_list_signed_with_another_key_than_the_printed_one_is_named(public: Desk) -> None:
    code = public.do("receipt", "T2")["code"]
    said = ask(public, "T2", code, keyid="ab" * 32)

    assert said["verdict"] == "NOT CHECKED"
    assert keyid_of(public) in said["why"][0]


def test_the_page_needs_nothing_and_only_its_own_script_may_run(public: Desk) -> None:
    text = page(public)
    digest = base64.b64encode(hashlib.sha256(script(public).encode()).digest()).decode()

    assert f"script-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text
    assert not re.search(r"\bsrc=|\bhref=|@import|url\(|fetch\(|XMLHttpRequest|import\(", text)
    assert text.count("<script") == 2
    assert "Tom &amp; &lt;Jerry&gt; @SCRIPT@" in text


def test_the_page_names_nobody(public: Desk) -> None:
    assert "Person" not in page(public)
    assert "T22" not in page(public)
