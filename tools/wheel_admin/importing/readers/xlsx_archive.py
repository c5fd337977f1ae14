"""The parts of a workbook's archive, found however a program spelt their names.

Invariant: one spelling inside: slashes, no slash in front, lower case. Strict Open XML is read as the usual kind: its
namespaces differ in nothing but their names.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

_STRICT = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
_LOOKED_AT = 4096


class XlsxArchive:
    """Gives out the parts of an archive as streams of XML elements.

    Args:
        data: the whole file.
    """

    def __init__(self, data: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        self._parts = {spelt(info.filename): info for info in reversed(self._zip.infolist())}

    def __contains__(self, part: str) -> bool:
        return spelt(part) in self._parts

    def names(self) -> list[str]:
        """Return all parts in the one spelling."""
        return list(self._parts)

    def open(self, part: str) -> IO[bytes]:
        """Return a part's bytes as a stream.

        Raises:
            KeyError: there is no such part.
        """
        info = self._parts[spelt(part)]
        with self._zip.open(info) as stream:
            strict = b"purl.oclc.org/ooxml" in stream.read(_LOOKED_AT)
        stream = self._zip.open(info)
        if not strict:
            return stream
        data = stream.read()
        for theirs, usual in _STRICT:
            data = data.replace(theirs, usual)
        return io.BytesIO(data)

    def elements(self, part: str) -> Iterator[ElementTree.Element]:
        """Yield each element of a part when it is complete; the caller clears what it has used."""
        with self.open(part) as stream:
            for _, element in ElementTree.iterparse(stream):  # noqa: S314 - the gate lets no document type pass
                yield element

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the kind (last word of its address) and the target of each relation of `part`, by its id.

        The package itself is the part "".
        """
        folder, name = posixpath.split(spelt(part)) if part else ("", "")
        rels = f"{folder}/_rels/{name}.rels".lstrip("/")
        if rels not in self._parts:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for element in self.elements(rels):
            target = element.get("Target", "")
            if target and element.get("TargetMode", "") != "External":
                whole = target if target[0] in "/\\" else f"{folder}/{target}"
                kind = element.get("Type", "").rpartition("/")[2]
                found[element.get("Id", "")] = (kind.casefold(), spelt(whole))
        return found


def spelt(name: str) -> str:
    """Return a part's name in the one spelling."""
    return posixpath.normpath(name.replace("\\", "/").lstrip("/")).casefold()
