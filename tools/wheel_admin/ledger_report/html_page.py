"""Pages that can be printed: their frame, their style, and how texts get into them.

Invariant: a page needs nothing from anywhere and runs nothing: no scripts, no outside resources, and a policy that
forbids both. Every text that people wrote is escaped.
"""

import html
import re
from collections.abc import Iterable, Sequence

_STYLE = """
@page { size: A4; margin: 18mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt Georgia, 'Noto Serif', serif } }
body { font: 11pt/1.45 Georgia, 'Noto Serif', serif; color: #111; background: #fff; max-width: 46em; margin: 2em auto;
  padding: 0 1em; overflow-wrap: anywhere }
h1 { font-size: 20pt; margin: 0 0 .2em } h2 { font-size: 12pt; margin: 1.6em 0 .4em; break-after: avoid }
.winner { border: 2px solid #111; padding: .8em 1em; margin: 1.2em 0; text-align: center }
.winner b { display: block; font-size: 24pt; line-height: 1.2 }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { text-align: left; vertical-align: top; padding: .25em 0 } th { width: 9.5em; font-weight: normal; color: #555 }
code, pre { font: 9pt/1.4 'DejaVu Sans Mono', monospace; white-space: pre-wrap }
pre { background: #f2f2f2; padding: .6em .8em }
.list { table-layout: auto; font-size: 9.5pt } .list th { width: auto; border-bottom: 1px solid #111 }
.list td, .list th { padding: .2em .8em .2em 0; border-bottom: 1px solid #ddd } .list tr { break-inside: avoid }
.list th { overflow-wrap: normal; vertical-align: bottom } .list thead tr { break-after: avoid }
.number { text-align: right; white-space: nowrap } .short { white-space: nowrap }
.sign { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2em; margin: 0 0 1.6em; break-inside: avoid }
.sign span { border-bottom: 1px solid #111; padding: 1.6em 0 .2em; color: #555 }
@media print { body { max-width: none; margin: 0; padding: 0 } }
"""

_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_SHORT = 20  # characters of one word that is never broken into lines: a state, a time, a usual ticket
_SHORT_WORDS = 12  # likewise of several


def escaped(text: object) -> str:
    """Return a text so that it is nothing but text on a page."""
    return html.escape(str(text), quote=True)


def page(title: str, body: str) -> str:
    """Return a whole page; `body` is HTML, `title` is text."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escaped(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"""


def facts(rows: Iterable[tuple[str, str]], *, code: bool = False) -> str:
    """Return the rows of a table of names and values; those without a value are left out."""
    opening, closing = ("<code>", "</code>") if code else ("", "")
    return "\n".join(
        f"<tr><th>{escaped(name)}</th><td>{opening}{value if code else _hashes_as_code(value)}{closing}</td></tr>"
        for name, value in ((name, escaped(value)) for name, value in rows if value)
    )


def _hashes_as_code(value: str) -> str:
    """Set SHA-256 values in a narrow face, so that one fits on a line."""
    return _HASH.sub(r"<code>\g<0></code>", value)


def listing(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with a header; numbers are flush right."""
    head = "".join(f"<th>{escaped(name)}</th>" for name in header)
    lines = (f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<table class="list">\n<thead><tr>{head}</tr></thead>\n<tbody>\n' + "\n".join(lines) + "\n</tbody></table>"


def _cell(value: object) -> str:
    text = str(value)
    short = len(text) <= (_SHORT if " " not in text else _SHORT_WORDS)
    kind = ' class="number"' if isinstance(value, int) else ' class="short"' if short else ""
    return f'<td{kind} dir="auto">{escaped(text)}</td>'
