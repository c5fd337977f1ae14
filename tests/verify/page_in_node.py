"""Runs the public page's script in Node.js, so that its verdicts can be held against verify_draw.py's."""

import json
import shutil
import subprocess
import tempfile
from argparse import Namespace
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from verify import verify_draw
from wheel_admin.publishing.public_page import page_script

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no Node.js to run the page's script with")
ANSWER = """
const linesIn = require("readline").createInterface({ input: process.stdin });
(async () => {
  for await (const line of linesIn) {
    const [call, ...given] = JSON.parse(line);
    console.log(JSON.stringify(await CALLS[call](...given)));
  }
})();
const unpacked = (data) => Uint8Array.from(Buffer.from(data, "base64"));
const filesOf = (found) =>
  Object.entries(found).map(([name, data]) => {
    const bytes = unpacked(data);
    return [name, partOf(name), bytes.length, async () => bytes];
  });
const isTaken = (read) => {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof ValueError) return false;
    throw error;
  }
};
const CALLS = {
  draw: async (found, options) => {
    const { report, refused, status } = await answer(filesOf(found), options);
    return { report, lines: inLines(report), refused: [...refused], status };
  },
  entry: checkEntry,
  result: async (found, options, event, ticket) => resultOf(await answer(filesOf(found), options), event, ticket),
  under: foundUnder,
  sized: async (found) => {
    const files = found.map(([name, size]) => [name, partOf(name), size, async () => new Uint8Array(size)]);
    return [...(await filesUnder(files)).refused.keys()];
  },
  envelope: (data) => isTaken(() => readEnvelope(unpacked(data))),
  record: (data) => isTaken(() => checkRecord(readCanonical(unpacked(data), { sortKeys: true }))),
  key: (data) => isSoundKey(unpacked(data)),
  signature: (...parts) => signatureHolds(...parts.map(unpacked)),
};
"""
Files = Mapping[str, bytes]


def packed(data: bytes) -> str:
    return b64encode(data).decode()


class PageInNode:
    """A process that has the page's script; each call sends one line and reads one."""

    def __enter__(self) -> Self:
        assert NODE is not None
        self._directory = tempfile.TemporaryDirectory()
        script = Path(self._directory.name, "page.js")
        script.write_text(page_script() + ANSWER, encoding="utf-8")
        self._process = subprocess.Popen([NODE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._directory.cleanup()

    def call(self, name: str, *given: object) -> Any:
        """Call a function of the page."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, *given]).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the page's script ended"
        return json.loads(line)

    def draw(self, files: Files, **options: object) -> Any:
        """Return what the page says of these files: report, lines, refused, status."""
        return self.call("draw", {name: packed(data) for name, data in files.items()}, asked(**options))


def asked(**options: object) -> dict[str, object]:
    """Return the options of a verifier, those that are not given empty."""
    return {"kiosk": [], "organiser": [], "seen": [], "accept": [], **options}


def verifier_says(files: Files, **options: Any) -> dict[str, Any]:
    """Return what verify_draw.py says of these files, in the same form."""
    require = str(options.pop("require", "signed"))
    found = verify_draw.Files()
    try:
        for name, data in files.items():
            found.add(name, data)
        report = verify_draw.verify(found, verify_draw.Trusted(Namespace(trust=[], **asked(**options))))
    except verify_draw.Broken as problem:
        report = {"verdict": "BROKEN", "sentence": "BROKEN", "problem": str(problem)}
        return {"report": report, "lines": [str(problem), "BROKEN"], "refused": [*found.refused], "status": 1}
    except verify_draw.Unusable as problem:
        report = {"verdict": "UNUSABLE", "problem": str(problem)}
        return {"report": report, "lines": [], "refused": [*found.refused], "status": 2}
    reached = verify_draw.ORDER.index(report["verdict"]) >= verify_draw.ORDER.index(require.upper())
    lines = verify_draw.in_lines(report)
    return {"report": report, "lines": lines, "refused": [*found.refused], "status": 0 if reached else 3}


READING = ("not JSON in UTF-8", "not canonically encoded", "cannot be")
"""How the page says that it cannot read a record; Python says it in the words of its own reader of JSON."""
IGNORED = " that are not as they must be: "
"""Before the reasons why files were ignored: likewise."""


def without_reasons(lines: Sequence[str]) -> list[str]:
    """Return lines of a report without the reasons why files were ignored."""
    return [line.partition(IGNORED)[0] for line in lines]


def difference(page: Any, verifier: Any) -> str:
    """Return "" if both say the same, word for word, else what each says."""
    ours, theirs = page["report"].get("problem"), verifier["report"].get("problem")
    if ours is None and theirs is None:
        reports = [one["report"] | {"notices": without_reasons(one["report"]["notices"])} for one in (page, verifier)]
        same = reports[0] == reports[1] and without_reasons(page["lines"]) == without_reasons(verifier["lines"])
    else:
        cut = any(one in str(ours) for one in READING)
        words = [str(one).partition(":")[0] if cut else one for one in (ours, theirs)]
        same = page["report"]["verdict"] == verifier["report"]["verdict"] and words[0] == words[1]
    same &= [name for name, _ in page["refused"]] == verifier["refused"]
    if same and page["status"] == verifier["status"]:
        return ""
    return f"the page says {page['status']} {page['report']}, the verifier {verifier['status']} {verifier['report']}"
