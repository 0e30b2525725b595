"""The core in Rust. Private: the public names are those of ``ocpplog``.

Times are microseconds since 1970-01-01 UTC. Every function but the lists of words releases the interpreter
while it works, stops within 200 ms on Ctrl-C, and raises the classes of ``ocpplog.exceptions``.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias, final

__version__: str

__all__ = [
    "Batches",
    "Scanner",
    "Table",
    "__version__",
    "detect",
    "flags",
    "layouts",
    "parse",
    "read",
    "reasons",
    "rebuild",
    "rules",
    "schema",
    "tables",
]

class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...

_Source: TypeAlias = str | tuple[str, bytes] | tuple[str, _Readable]
"""A path, a glob or a folder; or a name with the bytes, or with an open binary file to read them from."""

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Table:
    """One table as an Arrow stream of record batches. It can be exported any number of times, until it is taken."""

    @property
    def num_rows(self) -> int:
        """How many rows the table has."""

    @property
    def findings(self) -> list[tuple[str, int]]:
        """How many rejects of each reason were left out of what `parse` gives; of other tables none."""

    def words(self) -> list[str]:
        """Give the words of all its columns of words, each once, in the order in which they are met batch by batch."""

    def numbered(self, numbers: list[int], *, threads: int | None) -> Table:
        """Give the same rows with numbers in place of the words, in the order of `words`.

        Their memory is taken from this table, which cannot be used again.
        """

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Export the rows by the Arrow PyCapsule interface. ``requested_schema`` is not followed."""

    def __arrow_c_schema__(self) -> object:
        """Export the schema by the Arrow PyCapsule interface."""

_Times: TypeAlias = tuple[int | None, int | None]
_Kept: TypeAlias = tuple[list[str] | None, list[str] | None, list[str] | None, _Times, _Times]
"""What need not be built: charge points, actions, message types, the recorder's times, the times of samples. Times are
the first and the last one, both inside; ``None`` leaves all in."""

@final
class Scanner:
    """A scan of ``messages`` or ``meter_values`` that can be begun any number of times.

    The sources are read again each time: paths, bytes, or objects that can be copied and have ``rewind()``. Options and
    paths are checked at once.
    """

    def __new__(
        cls,
        sources: Sequence[_Source],
        *,
        table: str,
        layout: str | tuple[str | None, list[tuple[str, str]]] | None,
        charge_point_id: str | None,
        override: bool,
        timezone: str,
        encoding: str,
        side: str | None,
        ocpp_version: str | None,
        start: int | None,
        end: int | None,
        charge_points: list[str] | None,
        threads: int | None,
        chunk_bytes: int | None,
    ) -> Scanner: ...
    def scan(self, columns: list[str] | None, limit: int | None, keep: _Kept | None) -> Batches:
        """Begin to scan: these columns, at most so many rows, and none that ``keep`` leaves out.

        ``keep`` counts for nothing where there is a limit, since rows are counted before any is dropped.
        """

@final
class Batches:
    """The rows of a scan that is running, table by table. Who drops it stops it."""

    def __iter__(self) -> Batches: ...
    def __next__(self) -> Table:
        """Give the next rows."""

    def findings(self) -> list[tuple[str, int]]:
        """Give how many rejects there are of each reason, in the sources that were read to their end."""

def read(
    sources: Sequence[_Source],
    *,
    tables: list[str] | None,
    layout: str | tuple[str | None, list[tuple[str, str]]] | None,
    charge_point_id: str | None,
    override: bool,
    timezone: str,
    encoding: str,
    side: str | None,
    ocpp_version: str | None,
    start: int | None,
    end: int | None,
    charge_points: list[str] | None,
    threads: int | None,
    on_error: str,
    max_rejects: int | None,
    chunk_bytes: int | None,
    rules: dict[str, float] | None,
    progress: Callable[[int, int | None], None] | None,
) -> dict[str, Table]:
    """Read sources and rebuild their tables.

    ``None`` means "find out" for ``layout``, ``side`` and ``ocpp_version``, "all but messages" for ``tables``,
    "one per core" for ``threads`` and "the default" for ``chunk_bytes`` and ``rules``. ``rules`` has
    microseconds for spans. ``progress`` is called on the calling thread with the bytes done and the bytes in
    all (``None`` if that is not known); what it raises stops the work.
    """

def parse(
    sources: Sequence[_Source],
    *,
    layout: str | tuple[str | None, list[tuple[str, str]]] | None,
    charge_point_id: str | None,
    override: bool,
    timezone: str,
    encoding: str,
    side: str | None,
    ocpp_version: str | None,
    start: int | None,
    end: int | None,
    charge_points: list[str] | None,
    threads: int | None,
    chunk_bytes: int | None,
    progress: Callable[[int, int | None], None] | None,
) -> Table:
    """Read sources into the table ``messages`` without pairing calls and answers: the map side."""

def rebuild(
    messages: _ArrowStream,
    *,
    tables: list[str] | None,
    observation: tuple[int | None, int | None, list[tuple[int, int]]] | None,
    threads: int | None,
    rules: dict[str, float] | None,
) -> dict[str, Table]:
    """Rebuild the tables from a table of messages in any row order: the reduce side.

    ``messages`` has ``charge_point_id``, ``log_time``, ``direction`` and either ``frame`` (the raw OCPP-J
    array) or ``message_type``, ``message_id``, ``action`` and ``payload``; other columns of the table
    ``messages`` are used where they are there. Texts come as Arrow strings, large strings or string views,
    ``log_time`` as microseconds in UTC. ``observation`` is (start, end, gaps); ``None`` computes it.
    """

def detect(
    sources: Sequence[_Source], *, encoding: str | None = None, chunk_bytes: int | None = None
) -> list[dict[str, object]]:
    """Name the layout of each source: source_file, layout, side, compression, ocpp_versions (a list of str), timezone,
    timezone_source and evidence (a list of str)."""

def tables() -> list[tuple[str, str, list[str]]]:
    """Give every table as (name, what a row is, by what the rows are ordered)."""

def schema() -> dict[str, list[tuple[str, str, str, str, str, str]]]:
    """Give the columns of every table as (column, dtype word, unit, when it is null, meaning, source).

    The dtype words are ``str cat bool i32 i64 f64 time span list_str list_status``. A column that is never null has
    an empty text there.
    """

def flags() -> list[tuple[str, str, list[str], str, str]]:
    """Give every flag as (name, effect on the quality, tables, meaning, advice)."""

def rules() -> list[tuple[str, float, str, str, str]]:
    """Give every threshold as (name, default, unit, meaning, source); spans are microseconds, with the unit ``us``."""

def reasons() -> list[tuple[str, str]]:
    """Give every reject reason as (name, meaning)."""

def layouts() -> list[tuple[str, str, str]]:
    """Give every layout as (name, what writes it, an example line)."""
