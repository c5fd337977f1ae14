"""What a power cut may leave on a disk, after a sequence of file operations.

Invariant: as pessimistic as POSIX lets a file system be. What was synced is there. What was not may be there, in part
or not at all, and in any combination: a file's bytes are durable when the file was synced, a name when its directory
was, and the one says nothing about the other. An unsynced write leaves any prefix, or its whole length with any of its
sectors reading as zeros. A rename happens or does not, nothing between. Pure: the operations are values, the states are
dicts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from math import prod
from typing import TypeAlias

SECTOR_BYTES = 512
"""What a disk writes in one piece."""
MOST_UNSYNCED_NAMES = 7
"""Up to so many unsynced changes of names every subset is a state; of more, only those near to none and to all."""
MOST_SECTORS = 8
"""Of a larger write, only a few sectors are lost."""
MOST_PRODUCTS = 3000
"""Up to so many combinations of unsynced files each one is a state; beyond, the files are varied one by one."""

Path: TypeAlias = str
"""Relative to the root of the recording, `/` between its parts; the root itself is "" and always there."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that a program asked of the file system; `site` says which line of whose code did."""

    site: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class MakeDirectory(Operation):
    """A new directory."""

    path: Path


@dataclass(frozen=True, slots=True)
class Create(Operation):
    """A new, empty file; later operations name it by `handle`."""

    path: Path
    handle: int
    mode: int


@dataclass(frozen=True, slots=True)
class Open(Operation):
    """An existing file, which later operations name by `handle`."""

    path: Path
    handle: int


@dataclass(frozen=True, slots=True)
class Write(Operation):
    """Bytes at an offset; `appending` if the file is one that only grows."""

    handle: int
    offset: int
    data: bytes
    appending: bool


@dataclass(frozen=True, slots=True)
class Cut(Operation):
    """A new length."""

    handle: int
    size: int


@dataclass(frozen=True, slots=True)
class ChangeMode(Operation):
    """New permission bits."""

    handle: int
    mode: int


@dataclass(frozen=True, slots=True)
class SyncFile(Operation):
    """The file's bytes are durable when this returns."""

    handle: int


@dataclass(frozen=True, slots=True)
class SyncDirectory(Operation):
    """The directory's names are durable when this returns."""

    path: Path


@dataclass(frozen=True, slots=True)
class Rename(Operation):
    """One step: the old name is gone, the new one is there, whatever it was before."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Remove(Operation):
    """A file's or an empty directory's name is gone."""

    path: Path


@dataclass(frozen=True, slots=True)
class Promise(Operation):
    """Somebody was told that it is done: what lies below `below` now must never be lost.

    Attributes:
        below: paths that it is about.
        what: who told it to whom.
    """

    below: tuple[Path, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file of a state."""

    data: bytes
    mode: int


class File:
    """A file: what programs see of it, what of that is durable, and the changes between the two."""

    def __init__(self, leaf: Leaf) -> None:
        self.seen = leaf
        self.durable = leaf
        self._unsynced: list[Write | Cut] = []

    def change(self, operation: Write | Cut | ChangeMode) -> None:
        """Do what `operation` says."""
        if isinstance(operation, ChangeMode):
            self.seen = replace(self.seen, mode=operation.mode)
            return
        self.seen = replace(self.seen, data=_changed(self.seen.data, operation))
        self._unsynced.append(operation)

    def sync(self) -> None:
        """Make all of it durable."""
        self.durable, self._unsynced = self.seen, []

    @property
    def synced(self) -> bool:
        """Whether all of it is durable."""
        return not self._unsynced and self.seen == self.durable

    def remains(self, *, fine: bool) -> list[Leaf]:
        """Return all that a power cut may leave of it; with `fine`, cut at every byte of a line that was added."""
        found = {self.durable.data: None}
        choices = [_parts(one, fine=fine and len(self._unsynced) == 1) for one in self._unsynced]
        if prod(map(len, choices)) > MOST_PRODUCTS:
            choices = [[None, one] for one in self._unsynced[-10:]]
        for chosen in product(*choices):
            data = self.durable.data
            for one in chosen:
                data = data if one is None else _changed(data, one)
            found[data] = None
        modes = {self.durable.mode: None, self.seen.mode: None}
        return [Leaf(data, mode) for mode in modes for data in found]


@dataclass(slots=True, eq=False)
class Directory:
    """A directory: its names as programs see them, and as they are durable."""

    names: "dict[str, File | Directory]" = field(default_factory=dict)
    durable: "dict[str, File | Directory]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Renaming:
    """An unsynced change of a directory: `gone` is not a name of it any more, `name` is the name of `node`."""

    directory: Directory
    gone: str | None
    name: str | None
    node: File | Directory | None


Tree: TypeAlias = Mapping[Path, "Leaf | None"]
"""Paths of a state, parents first: a file's content and mode, or None for a directory."""


class Disk:
    """A disk on which operations happen.

    Args:
        tree: what is on it, durably, before the first.
    """

    def __init__(self, tree: Tree | None = None) -> None:
        self._root = Directory()
        self._handles: dict[int, File] = {}
        self._unsynced: list[_Renaming] = []
        for path, leaf in (tree or {}).items():
            directory, name = self._place(path)
            node = Directory() if leaf is None else File(leaf)
            directory.names[name] = directory.durable[name] = node

    def apply(self, operation: Operation) -> None:
        """Let it happen."""
        match operation:
            case MakeDirectory(path):
                self._name(path, Directory())
            case Create(path, handle, mode):
                self._handles[handle] = File(Leaf(b"", mode))
                self._name(path, self._handles[handle])
            case Open(path, handle):
                node = self._node(path)
                if not isinstance(node, File):
                    raise TypeError(f"{path} is not a file")
                self._handles[handle] = node
            case Write(handle) | Cut(handle) | ChangeMode(handle):
                self._handles[handle].change(operation)
            case SyncFile(handle):
                self._handles[handle].sync()
            case SyncDirectory(path):
                self._sync_names(self._directory(path))
            case Rename(source, target):
                self._rename(source, target)
            case Remove(path):
                directory, name = self._place(path)
                del directory.names[name]
                self._unsynced.append(_Renaming(directory, name, None, None))
            case _:
                pass

    def seen(self) -> dict[Path, Leaf | None]:
        """Return what programs see now."""
        return dict(_walk(self._root, {}, {}, durable=False))

    def states(self, *, fine: bool = True) -> Iterator[dict[Path, Leaf | None]]:
        """Yield what a power cut may leave now, each state at least once.

        Args:
            fine: cut an added line at every byte, not only at a few.
        """
        for kept in _subsets(self._unsynced):
            names = _applied(kept)
            reached = dict(_walk(self._root, names, {}, durable=True))
            files = [node for node in _files(self._root, names) if not node.synced]
            for contents in _combined([node.remains(fine=fine) for node in files]):
                changed = {id(node): leaf for node, leaf in zip(files, contents, strict=True)}
                yield dict(_walk(self._root, names, changed, durable=True)) if changed else reached

    @property
    def settled(self) -> bool:
        """Whether everything is synced."""
        return not self._unsynced and all(node.synced for node in _files(self._root, {}))

    def _rename(self, source: Path, target: Path) -> None:
        directory, old = self._place(source)
        other, new = self._place(target)
        if directory is not other:
            raise ValueError(f"{source} is renamed into another directory: that is two changes")
        node = directory.names.pop(old)
        directory.names[new] = node
        self._unsynced.append(_Renaming(directory, old, new, node))

    def _name(self, path: Path, node: File | Directory) -> None:
        directory, name = self._place(path)
        directory.names[name] = node
        self._unsynced.append(_Renaming(directory, None, name, node))

    def _sync_names(self, directory: Directory) -> None:
        directory.durable = dict(directory.names)
        self._unsynced = [one for one in self._unsynced if one.directory is not directory]

    def _node(self, path: Path) -> File | Directory:
        node: File | Directory = self._root
        for part in path.split("/") if path else ():
            if not isinstance(node, Directory):
                raise TypeError(f"{path} leads through a file")
            node = node.names[part]
        return node

    def _directory(self, path: Path) -> Directory:
        node = self._node(path)
        if not isinstance(node, Directory):
            raise TypeError(f"{path} is not a directory")
        return node

    def _place(self, path: Path) -> tuple[Directory, str]:
        above, _, name = path.rpartition("/")
        return self._directory(above), name


def _changed(data: bytes, operation: Write | Cut) -> bytes:
    if isinstance(operation, Cut):
        return data[: operation.size].ljust(operation.size, b"\0")
    end = operation.offset + len(operation.data)
    return data[: operation.offset].ljust(operation.offset, b"\0") + operation.data + data[end:]


def _missing(sectors: range) -> Iterator[tuple[int, ...]]:
    """Yield the sectors that a power cut may leave out: one, two, all, and all but one; of a large write only a few."""
    some = [sectors[at] for at in (0, 1, len(sectors) // 2, -1)] if len(sectors) > MOST_SECTORS else sectors
    yield from {*combinations(some, 1), *combinations(some, 2), tuple(sectors)}
    yield from (tuple(one for one in sectors if one != kept) for kept in some if len(sectors) > 3)


def _parts(operation: Write | Cut, *, fine: bool) -> list[Write | Cut | None]:
    """Return what may be left of one unsynced change."""
    if isinstance(operation, Cut):
        return [None, operation]
    data, size = operation.data, len(operation.data)
    every = fine and operation.appending
    lengths = set(range(1, size)) if every else {1, size // 2, size - 1} & set(range(1, size))
    pieces = {data: None} | {data[:length]: None for length in sorted(lengths)}
    pieces |= {data[: size // 2].ljust(size, b"\0"): None}
    first = operation.offset // SECTOR_BYTES
    last = (operation.offset + size - 1) // SECTOR_BYTES
    for missing in _missing(range(first, last + 1)):
        torn = bytearray(data)
        for sector in missing:
            lo = max(sector * SECTOR_BYTES - operation.offset, 0)
            hi = min((sector + 1) * SECTOR_BYTES - operation.offset, size)
            torn[lo:hi] = bytes(hi - lo)
        pieces[bytes(torn)] = None
    return [None, *(Write(operation.handle, operation.offset, piece, operation.appending) for piece in pieces)]


def _subsets(changes: list[_Renaming]) -> Iterator[list[_Renaming]]:
    """Yield which of the unsynced changes reached the disk."""
    if len(changes) <= MOST_UNSYNCED_NAMES:
        for mask in range(1 << len(changes)):
            yield [one for place, one in enumerate(changes) if mask >> place & 1]
        return
    yield from (changes[:length] for length in range(len(changes) + 1))
    yield from ([one] for one in changes[1:])
    yield from ([other for other in changes if other is not one] for one in changes[:-1])


def _applied(kept: list[_Renaming]) -> "dict[int, dict[str, File | Directory]]":
    """Return the names of the directories that `kept` changes, by the directory's identity."""
    found: dict[int, dict[str, File | Directory]] = {}
    for change in kept:
        names = found.setdefault(id(change.directory), dict(change.directory.durable))
        if change.gone is not None:
            names.pop(change.gone, None)
        if change.name is not None and change.node is not None:
            names[change.name] = change.node
    return found


def _names_of(
    directory: Directory, names: "Mapping[int, dict[str, File | Directory]]"
) -> "dict[str, File | Directory]":
    return names.get(id(directory), directory.durable)


def _files(directory: Directory, names: "Mapping[int, dict[str, File | Directory]]") -> Iterator[File]:
    """Yield the files that can be reached, each once."""
    for node in {id(one): one for one in _names_of(directory, names).values()}.values():
        if isinstance(node, File):
            yield node
        else:
            yield from _files(node, names)


def _walk(
    directory: Directory,
    names: "Mapping[int, dict[str, File | Directory]]",
    changed: Mapping[int, Leaf],
    *,
    durable: bool,
    above: str = "",
) -> Iterator[tuple[Path, Leaf | None]]:
    for name, node in sorted((_names_of(directory, names) if durable else directory.names).items()):
        path = f"{above}{name}"
        if isinstance(node, File):
            yield path, changed.get(id(node), node.durable) if durable else node.seen
        else:
            yield path, None
            yield from _walk(node, names, changed, durable=durable, above=f"{path}/")


def _combined(leaves: list[list[Leaf]]) -> Iterator[tuple[Leaf, ...]]:
    """Yield combinations of what may be left of several files: all, or one file varied beside extremes of the rest."""
    if prod(map(len, leaves)) <= MOST_PRODUCTS:
        yield from product(*leaves)
        return
    for place, found in enumerate(leaves):
        for rest in (0, -1):
            for leaf in found:
                yield tuple(leaf if at == place else other[rest] for at, other in enumerate(leaves))
