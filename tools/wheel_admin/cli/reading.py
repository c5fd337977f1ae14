"""The reading process of a command that imports files."""

import contextlib
from collections.abc import Iterator

import typer

from wheel_admin.importing.reader_client import Reader


@contextlib.contextmanager
def reader_of(context: typer.Context) -> Iterator[Reader]:
    """Yield the reading process that was started together with this one, or one of our own."""
    if isinstance(context.obj, Reader):
        yield context.obj
        return
    with Reader() as reader:
        yield reader
