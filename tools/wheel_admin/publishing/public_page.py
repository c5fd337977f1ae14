"""The page "Am I in?": one HTML file with the signed manifest in it, which checks tickets and draws in the browser.

Invariant: the page needs nothing from anywhere, and its policy lets nothing run but its own script. It names nobody:
it holds what the manifest holds, and the organiser's public key.
"""

import hashlib
import html
import re
from base64 import b64encode
from importlib import resources

import msgspec

from kiosk.core.keys import PublicKey

PAGE_NAME = "am-i-in.html"
_PART = re.compile("@([A-Z_]+)@")
_SCRIPTS = ("bytes.js", "verify_draw.js", "am_i_in.js", "page.js")


def page_script() -> str:
    """Return the page's whole script: the files of `web/`, one after the other."""
    files = resources.files("wheel_admin.publishing") / "web"
    return "\n".join(files.joinpath(name).read_text("utf-8") for name in _SCRIPTS)


def public_page(manifest: bytes, key: PublicKey, *, title: str) -> bytes:
    """Return the page's bytes.

    Args:
        manifest: the signed manifest, as it is published.
        key: the organiser's, which signed it.
        title: of the event.
    """
    files = resources.files("wheel_admin.publishing") / "web"
    script = page_script()
    published = msgspec.json.encode({"manifest": msgspec.Raw(manifest.strip()), "key": b64encode(key.raw).decode()})
    parts = {
        "TITLE": html.escape(title, quote=True),
        "SCRIPT_HASH": b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "SCRIPT": script,
        "PUBLISHED": published.decode().replace("<", "\\u003c"),
    }
    page = files.joinpath("am_i_in.html").read_text("utf-8")
    return _PART.sub(lambda found: parts[found[1]], page).encode()
