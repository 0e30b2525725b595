"""Objects by URL: ``s3://``, ``gs://``, ``az://`` and ``http(s)://``, through the library `obstore`.

It is loaded when the first URL comes. Where the store is and who asks for it stands in the environment, as the library
defines it (``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID``, ``GOOGLE_APPLICATION_CREDENTIALS``, …).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .exceptions import InputError, MissingInputError, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from obstore.store import ClientConfig

_SCHEMES = ("s3", "s3a", "gs", "az", "abfs", "abfss", "http", "https")
_URL = re.compile(rf"({'|'.join(_SCHEMES)})://", re.IGNORECASE)
_SPECIAL = re.compile(r"[*?\[]")


def is_url(text: str) -> bool:
    """Whether a text names objects in a store."""
    return _URL.match(text) is not None


class StoredObject:
    """One object as a binary file object. It is asked for when it is read, and again when it is read again."""

    def __init__(self, name: str, open_: Callable[[], Any]) -> None:
        self.name = name
        self._open = open_
        self._stream: Any = None

    def rewind(self) -> None:
        """Begin again with the next `read`."""
        self._stream = None

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes; none at the end."""
        try:
            if self._stream is None:
                self._stream = self._open()
            data = bytes(self._stream.read(size))
        except Exception as error:
            self._stream = None
            raise OSError(f"{self.name}: {error}") from error
        if not data and size:
            self._stream = None
        return data


def objects(url: str) -> list[tuple[str, StoredObject]]:
    """Give the objects that a URL means: itself, what a glob matches, or everything below a prefix.

    Parameters
    ----------
    url : str
        Such as ``s3://bucket/logs/a.log.gz``, ``s3://bucket/logs/**/*.gz`` or ``s3://bucket/logs/``.

    Returns
    -------
    list of (str, StoredObject)
        Names, which are URLs again, and what to read.

    Raises
    ------
    OptionError
        If `obstore` is not installed, or a web address is a glob.
    MissingInputError
        If there is no such object.
    InputError
        If the store cannot be asked.
    """
    try:
        import obstore  # noqa: PLC0415  # a dependency of the extra `cloud` only
        from obstore.exceptions import BaseError  # noqa: PLC0415
        from obstore.store import HTTPStore, from_url  # noqa: PLC0415
    except ImportError:
        raise OptionError(f"source: {url} needs the library obstore; pip install 'ocpplog[cloud]'") from None
    web = url.lower().startswith("http")
    parts = urlsplit(url)
    path = parts.path.lstrip("/")
    if web:
        # What follows a question mark is part of the address, and a bracket may be.
        path = path + (f"?{parts.query}" if parts.query else "")
        # An address is known to exist when it is asked for; a web server gives no list.
        root = f"{parts.scheme}://{parts.netloc}"
        plain: ClientConfig = {"allow_http": parts.scheme.lower() == "http"}
        try:
            server = HTTPStore(root, client_options=plain)
            obstore.head(server, path)
        except FileNotFoundError:
            raise MissingInputError(f"{url}: there is no such object") from None
        except (BaseError, OSError, ValueError) as error:
            raise InputError(f"{url}: {_first_line(error)}") from None
        return [(url, StoredObject(url, lambda: obstore.open_reader(server, path)))]
    path = unquote(path) if "%" in path else path
    base = f"{parts.scheme}://{parts.netloc}"
    try:
        store = from_url(base)
        found = _found(obstore, store, path)
    except (BaseError, OSError, ValueError) as error:
        raise InputError(f"{url}: {_first_line(error)}") from None
    if not found:
        what = "as a glob it matches nothing" if _SPECIAL.search(path) else "there is no such object or prefix"
        raise MissingInputError(f"{url}: {what}")
    return [(f"{base}/{key}", _stored(obstore, store, base, key)) for key in found]


def _stored(obstore: Any, store: Any, base: str, key: str) -> StoredObject:
    return StoredObject(f"{base}/{key}", lambda: obstore.open_reader(store, key))


def _found(obstore: Any, store: Any, path: str) -> list[str]:
    """Give the keys that a path means. A key that exists is no glob, as for files."""
    if path and not path.endswith("/"):
        try:
            obstore.head(store, path)
        except FileNotFoundError:
            pass
        else:
            return [path]
    special = _SPECIAL.search(path)
    fixed = path if special is None else path[: special.start()]
    # A store lists whole parts of keys only.
    folder = fixed.rstrip("/") if special is None else fixed.rpartition("/")[0]
    sizes = {entry["path"]: entry["size"] for batch in obstore.list(store, prefix=folder or None) for entry in batch}
    # Consoles write empty objects that stand for folders.
    parents = {key[: match.start()] for key in sizes for match in re.finditer("/", key)}
    keys = [key for key, size in sizes.items() if size or key not in parents]
    if special is not None:
        matches = _pattern(path)
        return sorted(key for key in keys if matches.match(key))
    return sorted(key for key in keys if not any(part.startswith(".") for part in key[len(folder) :].split("/")))


def _pattern(glob: str) -> re.Pattern[str]:
    """Give the pattern of a glob, in which ``*`` stays inside one part of a key and ``**`` does not."""
    parts = glob.split("/")
    folders = "(?:(?!\\.)[^/]+/)*"
    written = [folders if part == "**" else _part(part) + "/" for part in parts[:-1]]
    written.append(folders + r"(?!\.)[^/]+" if parts[-1] == "**" else _part(parts[-1]))
    return re.compile("".join(written) + r"\Z")


def _part(part: str) -> str:
    found = [] if part.startswith(".") else ["(?!\\.)"]
    for piece in re.findall(r"\*+|\?|\[!?[^]]+\]|.", part, re.DOTALL):
        if piece[0] == "*":
            found.append("[^/]*")
        elif piece == "?":
            found.append("[^/]")
        elif len(piece) > 1:
            inner = piece[1:-1].replace("\\", "\\\\")
            found.append(f"[^/{inner[1:]}]" if inner.startswith("!") else f"[{inner}]")
        else:
            found.append(re.escape(piece))
    return "".join(found)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
