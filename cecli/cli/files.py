"""A file that appears whole or not at all; a device or a pipe is written to as it is."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from typing import TextIO

from cecli.errors import MissingError


@contextlib.contextmanager
def whole_file(path: str, option: str = "--output") -> Iterator[TextIO]:
    """A text stream whose contents stand at `path` once the block has ended well, and nowhere if it has not.

    What was at the path stays until then. The contents are written to a file without a name in the same folder where the
    system has such (so that even a kill leaves nothing behind), else to a temporary one, and moved there in one step.
    """
    target = os.path.realpath(path)
    try:
        if is_special(path):
            with open(path, "a", encoding="utf-8") as stream:
                yield stream
            return
        with _staged(target) as stream:
            yield stream
    except OSError as error:
        raise MissingError(f"{option}: {path!r} can't be written: {error.strerror or error}") from error


def is_special(path: str) -> bool:
    """Whether a path is a device, a pipe, or one of the names that stand for an open stream: written to, never replaced."""
    return path.startswith(("/dev/", "/proc/")) or (os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode))


@contextlib.contextmanager
def _staged(target: str) -> Iterator[TextIO]:
    """A stream to a file beside the target, which takes the target's place at the end."""
    folder = os.path.dirname(target)
    staged = None
    descriptor = _nameless(folder)
    if descriptor is None:
        descriptor, staged = tempfile.mkstemp(prefix=".cecli-", dir=folder)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fchmod(stream.fileno(), _mode(target))
            os.fsync(stream.fileno())
            if staged is None:
                staged = _named(stream.fileno(), folder)
        os.replace(staged, target)
        staged = None
    finally:
        if staged is not None:
            os.unlink(staged)


def _nameless(folder: str) -> int | None:
    """A descriptor of a file without a name in the folder, or None where the system has none."""
    if not hasattr(os, "O_TMPFILE"):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except OSError:
        return None  # a file system without them: a named one serves, and says what is wrong if the folder is


def _named(descriptor: int, folder: str) -> str:
    """Gives a nameless file a name beside the target, which a rename then replaces."""
    name = os.path.join(folder, f".cecli-{os.getpid()}")
    within = os.open(folder, os.O_RDONLY)
    try:  # only with a folder's descriptor does Python pass on that the link is to be followed
        os.link(f"/proc/self/fd/{descriptor}", name, src_dir_fd=within, dst_dir_fd=within, follow_symlinks=True)
    finally:
        os.close(within)
    return name


def _mode(target: str) -> int:
    try:
        return stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
