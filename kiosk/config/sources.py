"""`[[source]]` in kiosk.toml: where the fetcher brings lists from.

Invariant: pure; it checks what was written and connects to nothing. A URL holds no password: kiosk.toml is readable.
"""

import difflib
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

SCHEMES = ("http", "https", "sftp", "s3", "file")
MOST_SOURCES = 10
_EVERY = Annotated[float, Meta(ge=0.1, le=86_400)]
_TIMEOUT = Annotated[float, Meta(ge=0.1, le=600)]


class SourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One source.

    Attributes:
        url: of the folder that lists are published to.
        every_s: how often to ask it, in seconds.
        timeout_s: how long one file may take, in seconds.
        credential: the name of the credential that it asks for; "" for none.
        results: whether the kiosk's status, ledger and checkpoints are written back, where the source takes them.
    """

    url: str
    every_s: _EVERY = 5
    timeout_s: _TIMEOUT = 5
    credential: str = ""
    results: bool = True


EXAMPLE = SourceSettings(url="https://example.org/wheel/")
ABOUT = """\
Where the fetcher (wheel-fetch) brings lists from: a web server, an SFTP server, a bucket or a folder.
Every list is verified with the trusted keys; see docs/lists-from-elsewhere.md. Repeat the block for more sources.
url         https://HOST/FOLDER/, sftp://USER@HOST/FOLDER, s3://BUCKET/FOLDER or file:///FOLDER; no passwords in it
every_s     how often to ask; seconds, 0.1 to 86400
timeout_s   how long one file may take; seconds, 0.1 to 600
credential  the name of a file in the home's fetch/credentials (mode 0600), or of a systemd credential
results     whether status, ledger and checkpoints are written back, where the source takes them
Keep these blocks at the end of the file."""


def problem_with_sources(value: object) -> str:
    """Return what is wrong with the value of `source`, as a phrase; "" if nothing is."""
    try:
        sources = msgspec.convert(value, tuple[SourceSettings, ...])
    except msgspec.ValidationError as error:
        return _in_words(str(error), value)
    if len(sources) > MOST_SOURCES:
        return f"there are {len(sources)} of them, at most {MOST_SOURCES} are allowed"
    return next((problem for source in sources if (problem := _problem_with_url(source.url))), "")


def _in_words(problem: str, value: object) -> str:
    fields = [field.name for field in msgspec.structs.fields(SourceSettings)]
    written = {key for table in value if isinstance(table, dict) for key in table} if isinstance(value, list) else set()
    for key in sorted(map(str, written - set(fields)))[:1]:
        near = next(iter(difflib.get_close_matches(key[:40], fields, n=1)), "")
        return f"{key[:40]!a} is not a key of a source" + (f"; did you mean {near}?" if near else "")
    return problem[:1].lower() + problem[1:].rstrip(".")


def _problem_with_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        password, host = parts.password, parts.hostname
    except ValueError:
        return "a url cannot be understood"
    if password is not None:
        return "a url holds a password; use a credential"
    if parts.scheme not in SCHEMES:
        return f"{url[:80]!a} does not begin with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}"
    if not host and parts.scheme != "file":
        return f"{url[:80]!a} names no host"
    return ""
