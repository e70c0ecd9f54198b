"""Files elsewhere, through fsspec: `s3://…`, `gs://…`, `https://…` and what else it knows; the extra `cecli-calculator[remote]`.

Credentials are its business: it finds them in the environment, or where the store's own tools keep them. No message shows any: an
address is shown without what may hold some, and an error by its kind alone.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from typing import Any, BinaryIO

from cecli import extras
from cecli.errors import CecliError, InputError, MissingError
from cecli.reading.addresses import shown

BLOCK = 1 << 23
"""Bytes that one request asks for."""
PROBE = 1
PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "http": "aiohttp", "https": "aiohttp", "az": "adlfs", "abfs": "adlfs"}  # fmt: skip
"""The package that a protocol needs beside fsspec."""


def matches(address: str) -> list[str]:
    """The addresses that a glob stands for, in order."""
    try:
        system, path = _system(address)
        return sorted(map(system.unstrip_protocol, system.glob(path)))
    except Exception as error:
        raise failure(address, error) from error


def opened(address: str) -> BinaryIO:
    """A remote file, open for reading at any place.

    Where the server can't read from the middle of a file, the file is copied to a temporary one first.
    """
    try:
        system, path = _system(address)
        if not _reads_parts(system, path):
            return _copied(system, path)
        stream = system.open(path, "rb", block_size=BLOCK, cache_type="readahead")
        return io.BufferedReader(RemoteFile(stream), BLOCK)
    except Exception as error:
        raise failure(address, error) from error


class RemoteFile(io.RawIOBase):
    """A file of fsspec. Whatever goes wrong while it is read is an OSError that says no more than its kind."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.size = int(stream.size or 0)
        """How many bytes it has."""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to another place."""
        return int(self._stream.seek(offset, whence))

    def tell(self) -> int:
        """The place."""
        return int(self._stream.tell())

    def readinto(self, buffer: Any) -> int:
        """The next bytes, as many as fit."""
        try:
            data = self._stream.read(len(buffer))
        except Exception as error:
            raise OSError(_kind(error)) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Lets go of the file."""
        if not self.closed:
            self._stream.close()
        super().close()


def failure(address: str, error: Exception) -> CecliError:
    """What went wrong with an address, as one of our errors."""
    if isinstance(error, CecliError):
        return error
    name, scheme = shown(address), address.partition("://")[0]
    cause = error.__cause__
    if isinstance(cause, OSError) or (isinstance(cause, Exception) and _status(cause) not in (None, 404)):
        error = cause  # an address that can't be asked for a file is called one without this file
    if isinstance(error, ImportError):
        package = PACKAGES.get(scheme, f"the package that reads {scheme}://")
        how = extras.how_to_install(package) if scheme in PACKAGES else None
        return MissingError(f"{name}: {scheme}:// needs {package}", hint=how)
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return MissingError(f"there is no such file: {name}", hint="is the address right?")
    if isinstance(error, PermissionError) or "Credential" in type(error).__name__ or _status(error) in (401, 403):
        return MissingError(
            f"{name} may not be read",
            hint=f"credentials for {scheme}:// come from where its own tools have them, such as environment variables",
        )
    if isinstance(error, ValueError) and "rotocol" in str(error):
        return InputError(f"{name}: {scheme}:// is not known", hint="fsspec reads s3://, gs://, https:// and others")
    return InputError(
        f"{name} can't be read: {_kind(error)}", hint="is the address right, and can this machine reach it?"
    )


def _status(error: object) -> int | None:
    return getattr(error, "status", None)


def _kind(error: Exception) -> str:
    """An error without its text, which may repeat a signed address."""
    status = _status(error)
    return f"the server answers {status}" if status else type(error).__name__


def _system(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    system, path = extras.load("fsspec.core", f"{shown(address)}: a remote file", "fsspec").url_to_fs(address)
    return system, path


def _reads_parts(system: Any, path: str) -> bool:
    """Whether a file can be read from its middle: in a store it can; a server of the web is asked for its second byte."""
    if "http" not in system.protocol:
        return True
    with system.open(path, "rb", block_size=PROBE, cache_type="none") as stream:
        if not stream.seekable():
            return False
        stream.seek(1)
        try:
            return len(stream.read(1)) < 2
        except ValueError:
            return False


def _copied(system: Any, path: str) -> BinaryIO:
    """A file as a temporary one."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - it is read while the source lives
    with system.open(path, "rb", block_size=0) as stream:
        shutil.copyfileobj(stream, copy, BLOCK)
    copy.seek(0)
    found: BinaryIO = copy
    return found
