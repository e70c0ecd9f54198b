"""Addresses of files elsewhere, `scheme://…`: what is one, its columns, and how messages show it. `remote.py` reads them."""

from __future__ import annotations


def is_remote(text: str) -> bool:
    """Whether a text is an address."""
    scheme, mark, rest = text.partition("://")
    return bool(mark and rest and scheme[:1].isalpha()) and all(c.isalnum() or c in "+.-:" for c in scheme)


def shown(address: str) -> str:
    """An address as messages show it: without user and password, and without a query, where signatures stand."""
    scheme, _, rest = address.partition("://")
    place, slash, path = rest.partition("/")
    bare, _, query = path.partition("?")
    path = bare if "=" in query or _is_web(address) else path
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"


def is_pattern(address: str) -> bool:
    """Whether an address is a glob; a ? begins the query of an address of the web."""
    marks = "*[" if _is_web(address) else "*?["
    return any(mark in shown(address) for mark in marks)


def split_address(text: str) -> tuple[str, str | None]:
    """The address and the columns of `ADDRESS:COLUMNS`: these follow a colon behind the last slash, or the last colon of a query."""
    head = text.partition('"')[0]
    start = head.rfind("/") + 1
    colon = head.rfind(":", start) if "?" in head[start:] else head.find(":", start)
    if colon < 0 or text[:start].endswith("://"):
        return text, None
    return text[:colon], text[colon + 1 :]


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))
