"""The result: every table of one reading."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from . import schemas
from ._check import check
from ._pen import Pen
from ._show import as_html, as_text
from ._store import save
from .exceptions import OptionError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from ._store import Format
    from .report import Identities

__all__ = ["Log"]

_QUALITIES = ("good", "estimated", "partial", "suspect")


class Log:
    """What was found in logs: one property per table.

    `read`, `rebuild` and `open` make it. Every table is a ``polars.DataFrame`` with the schema of the same
    name in ``ocpplog.schemas``, its rows in the order of the contract: by charge point, then time, then the
    order of the source. Asking for a table that was not built raises `OptionError`.

    Examples
    --------
    >>> import ocpplog
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> log.summary().height == log.charge_points.height
    True
    """

    def __init__(
        self,
        tables: Mapping[str, pl.DataFrame],
        *,
        messages_of: Callable[[str], pl.DataFrame] | None = None,
        whole: bool = True,
    ) -> None:
        self._tables = dict(tables)
        # Whether no row was left out for its time.
        self._whole = whole
        # Reads the messages of one charge point again; none if the sources are gone.
        self._messages_of = messages_of

    def __getstate__(self) -> dict[str, Any]:
        # The way back to the sources stays here: another process may not have them.
        return {"_tables": self._tables, "_messages_of": None, "_whole": self._whole}

    @property
    def messages(self) -> pl.DataFrame:
        """One row per OCPP frame; only built if asked for by ``tables``."""
        return self._table("messages")

    @property
    def transactions(self) -> pl.DataFrame:
        """One row per charging transaction."""
        return self._table("transactions")

    @property
    def meter_values(self) -> pl.DataFrame:
        """One row per sampled value."""
        return self._table("meter_values")

    @property
    def status_intervals(self) -> pl.DataFrame:
        """The status timeline of every connector."""
        return self._table("status_intervals")

    @property
    def firmware_updates(self) -> pl.DataFrame:
        """One row per firmware update job."""
        return self._table("firmware_updates")

    @property
    def boots(self) -> pl.DataFrame:
        """One row per boot that a charge point reported."""
        return self._table("boots")

    @property
    def connectivity_intervals(self) -> pl.DataFrame:
        """One row per stretch of time in which a charge point was in contact or not."""
        return self._table("connectivity_intervals")

    @property
    def faults(self) -> pl.DataFrame:
        """One row per error that a charge point reported."""
        return self._table("faults")

    @property
    def authorizations(self) -> pl.DataFrame:
        """One row per request to authorise a token."""
        return self._table("authorizations")

    @property
    def commands(self) -> pl.DataFrame:
        """One row per request of the CSMS."""
        return self._table("commands")

    @property
    def firmware_versions(self) -> pl.DataFrame:
        """One row per firmware version that a charge point ran."""
        return self._table("firmware_versions")

    @property
    def security_events(self) -> pl.DataFrame:
        """One row per security event."""
        return self._table("security_events")

    @property
    def log_uploads(self) -> pl.DataFrame:
        """One row per upload of diagnostics or a log."""
        return self._table("log_uploads")

    @property
    def configuration(self) -> pl.DataFrame:
        """One row per value of a setting that was set, read or reported."""
        return self._table("configuration")

    @property
    def charging_profiles(self) -> pl.DataFrame:
        """One row per charging profile that the CSMS set."""
        return self._table("charging_profiles")

    @property
    def data_transfers(self) -> pl.DataFrame:
        """One row per DataTransfer."""
        return self._table("data_transfers")

    @property
    def call_statistics(self) -> pl.DataFrame:
        """One row per charge point, direction and action: how its calls fared."""
        return self._table("call_statistics")

    @property
    def charge_points(self) -> pl.DataFrame:
        """One row per charge point."""
        return self._table("charge_points")

    @property
    def rejects(self) -> pl.DataFrame:
        """One row per piece of a source that was not understood, with file, line, byte and reason."""
        return self._table("rejects")

    @property
    def unmatched(self) -> pl.DataFrame:
        """One row per message that was understood and fits nothing."""
        return self._table("unmatched")

    @property
    def accounting(self) -> pl.DataFrame:
        """One row per source: how its lines and frames add up."""
        return self._table("accounting")

    def _table(self, name: str) -> pl.DataFrame:
        try:
            return self._tables[name]
        except KeyError:
            wanted = [*(table for table in schemas.table_names() if table in self._tables), name]
            raise OptionError(f"the table {name!r} was not built; ask for it with tables={wanted}") from None

    def tables(self) -> dict[str, pl.DataFrame]:
        """Give all tables that were built.

        Returns
        -------
        dict of str to polars.DataFrame
            In the order in which the tables are documented.

        Examples
        --------
        >>> import ocpplog
        >>> log = ocpplog.read(ocpplog.example_log(), tables=["boots"])
        >>> list(log.tables())
        ['boots', 'charge_points', 'rejects', 'unmatched', 'accounting']
        """
        return {name: self._tables[name] for name in schemas.table_names() if name in self._tables}

    def summary(self) -> pl.DataFrame:
        """Sum up each charge point.

        A transaction counts as a charge if its start was accepted or energy flowed.

        Returns
        -------
        polars.DataFrame
            One row per charge point: ``charge_point_id``, ``first_seen``, ``last_seen``, ``transactions``
            (the charges), ``energy_wh``, ``charging_duration``, ``mean_energy_wh`` and ``mean_duration`` of a
            charge, ``failed_starts`` (starts that were refused and gave no energy), ``faults``,
            ``offline_duration``, ``firmware_version``, and how many charges have which quality
            (``quality_good`` and so on). ``faults`` counts the rows of the table ``faults``, and
            ``offline_duration`` is the sum over the rows of ``connectivity_intervals`` that are offline,
            those of low confidence included and unknown time left out. Each is null if its table was not
            built, ``offline_duration`` also for a charge point whose log has no times.

        Raises
        ------
        OptionError
            If the table ``transactions`` was not built.

        Examples
        --------
        >>> import ocpplog
        >>> summary = ocpplog.read(ocpplog.example_log()).summary()
        >>> summary["transactions"].sum() > 0
        True
        """
        energy = pl.col("energy_wh")
        charged = (pl.col("auth_status").cast(pl.String) == "Accepted").fill_null(value=False) | (energy > 0).fill_null(
            value=False
        )
        refused = pl.col("auth_status").is_not_null() & ~charged
        quality = pl.col("quality").cast(pl.String)
        charging = pl.col("charging_duration").filter(charged)
        sums = self.transactions.group_by("charge_point_id").agg(
            transactions=charged.sum().cast(pl.Int32),
            # An empty sum is zero in Polars; here what nobody logged stays null.
            energy_wh=pl.when(energy.filter(charged).count() > 0).then(energy.filter(charged).sum()),
            charging_duration=pl.when(charging.count() > 0).then(charging.sum()),
            mean_energy_wh=energy.filter(charged).mean(),
            mean_duration=pl.col("duration").filter(charged).mean(),
            failed_starts=refused.sum().cast(pl.Int32),
            **{f"quality_{word}": ((quality == word) & charged).sum().cast(pl.Int32) for word in _QUALITIES},
        )
        counts = ["transactions", "failed_starts", *(f"quality_{word}" for word in _QUALITIES)]
        seen = self.charge_points.select("charge_point_id", "first_seen", "last_seen", "firmware_version")
        for more in (sums, self._fault_counts(), self._offline_durations()):
            seen = seen.join(more, on="charge_point_id", how="left", maintain_order="left", nulls_equal=True)
        if "faults" in self._tables:
            counts.append("faults")
        return seen.with_columns(pl.col(counts).fill_null(0)).select(
            "charge_point_id",
            "first_seen",
            "last_seen",
            "transactions",
            "energy_wh",
            "charging_duration",
            "mean_energy_wh",
            "mean_duration",
            "failed_starts",
            "faults",
            "offline_duration",
            "firmware_version",
            *(f"quality_{word}" for word in _QUALITIES),
        )

    def _fault_counts(self) -> pl.DataFrame:
        """Count the faults of each charge point that has some."""
        faults = self._tables.get("faults", schemas.faults.to_frame())
        return faults.group_by("charge_point_id").agg(faults=pl.len().cast(pl.Int32))

    def _offline_durations(self) -> pl.DataFrame:
        """Sum up the time offline of each charge point whose contact is known."""
        contacts = self._tables.get("connectivity_intervals", schemas.connectivity_intervals.to_frame())
        offline = pl.col("state").cast(pl.String) == "offline"
        return contacts.group_by("charge_point_id").agg(offline_duration=pl.col("duration").filter(offline).sum())

    def check(self) -> None:
        """Verify what must hold whatever the log says.

        The schemas and the row order are those of the contract, the lines and frames of every source add up,
        no span is negative, the status intervals of a connector and the connectivity intervals of a charge
        point leave no gap and do not overlap, and no energy was invented. Every start and stop, every event of
        a transaction, every report of a status, every firmware request and status, every boot and every
        authorisation is used by a row, repeats one, or is in ``unmatched``; where the table ``messages`` was
        built, they are counted to the last one. What counts all rows is left out if ``start`` or ``end``
        narrowed them. The command line always checks.

        Raises
        ------
        InternalError
            If one of them does not hold. That is a defect of ocpplog; please report it.

        Examples
        --------
        >>> import ocpplog
        >>> ocpplog.read(ocpplog.example_log()).check()
        """
        check(self._tables, whole=self._whole)

    def write(
        self,
        path: str | os.PathLike[str],
        *,
        format: Format = "parquet",  # noqa: A002  # what every writer calls it
        force: bool = False,
        raw: bool = False,
    ) -> Path:
        """Store the tables in a folder: one file per table, and ``manifest.json``.

        No file is ever seen half written, and the manifest with row counts and SHA-256 digests comes last.
        Secrets in ``messages.payload`` are masked: passwords, keys and credentials in addresses. Identities
        stay, so the files are readable by their owner only.

        Parameters
        ----------
        path : str or path
            The folder; it is made if it does not exist.
        format : {"parquet", "csv", "ndjson", "ipc"}, default "parquet"
            In CSV lists are joined by ``;``, structs are JSON. In CSV and NDJSON instants are ISO texts with
            ``Z`` and spans are seconds.
        force : bool, default False
            Replace what an earlier call wrote there.
        raw : bool, default False
            In CSV, leave text cells that begin with ``= + - @``, a tab or a carriage return as they are. By
            default they get a ``'`` in front, since spreadsheets would take them for formulas.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        OutputError
            If the folder has such files already, or cannot be written. It is an ``OSError``.

        Examples
        --------
        >>> import tempfile
        >>> import ocpplog
        >>> log = ocpplog.read(ocpplog.example_log())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     written = log.write(folder, format="csv")
        ...     (written / "transactions.csv").exists()
        True
        """
        folder = Path(path)
        save(self.tables(), folder, format=format, force=force, raw=raw, whole=self._whole)
        return folder

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        title: str | None = None,
        time_zone: str = "UTC",
        identities: Identities = "pseudonym",
        made_at: datetime | date | str | None = None,
        force: bool = False,
    ) -> Path:
        """Write a report: one HTML file that opens anywhere and fetches nothing.

        It needs ``pip install 'ocpplog[report]'``. The figures are those of `summary` and of the tables; what was
        read and how sure the figures are stands at its end. Secrets are masked. The same log gives the same bytes.

        Parameters
        ----------
        path : str or path
            The file.
        title : str, optional
            What stands on top; by default the period.
        time_zone : str, default "UTC"
            The zone in which times are shown and days begin, such as ``"Europe/Berlin"``.
        identities : {"pseudonym", "raw", "drop"}, default "pseudonym"
            How tokens of drivers are shown: by numbers in the order in which they occur, as they were logged, or
            not at all. Charge points keep their ids.
        made_at : datetime, date or str, optional
            A time of making to print; without it the page tells none.
        force : bool, default False
            Replace a file of this name.

        Returns
        -------
        pathlib.Path
            The file. It is readable by its owner only.

        Raises
        ------
        OptionError
            If an option has no such value, or the table ``transactions`` was not built.
        OutputError
            If the file exists already, or cannot be written. It is an ``OSError``.
        ModuleNotFoundError
            If the extra is not installed; the message says how to get it.

        Examples
        --------
        >>> import tempfile
        >>> import ocpplog
        >>> log = ocpplog.read(ocpplog.example_log())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     log.report(f"{folder}/report.html", time_zone="Europe/Berlin").name
        'report.html'
        """
        with Pen() as pen:
            from . import report  # noqa: PLC0415  # an extra, and its libraries take a while to load

            report.write(
                self,
                path,
                title=title,
                time_zone=time_zone,
                identities=identities,
                made_at=made_at,
                force=force,
                pen=pen,
            )
        return Path(path)

    def trace(self, charge_point_id: str, transaction_id: str | int) -> pl.DataFrame:
        """Show the messages of one transaction, with file and line.

        If the messages were not kept, the sources are read again for this charge point.

        Parameters
        ----------
        charge_point_id : str
            The charge point.
        transaction_id : str or int
            The transaction, as in ``transactions.transaction_id``.

        Returns
        -------
        polars.DataFrame
            Rows of the table ``messages``: the calls that made the transaction, in contract order, each with
            its answer.

        Raises
        ------
        OptionError
            If there is no such transaction, or the messages were not kept and the sources cannot be read
            again.

        Examples
        --------
        >>> import ocpplog
        >>> log = ocpplog.read(ocpplog.example_log())
        >>> first = log.transactions.drop_nulls("transaction_id").row(0, named=True)
        >>> log.trace(first["charge_point_id"], first["transaction_id"]).height > 0
        True
        """
        wanted = (pl.col("charge_point_id") == charge_point_id) & (pl.col("transaction_id") == str(transaction_id))
        transactions = self.transactions.filter(wanted)
        if transactions.is_empty():
            raise OptionError(
                f"there is no transaction {str(transaction_id)!r} of the charge point {charge_point_id!r}"
            )
        if "messages" in self._tables:
            messages = self.messages.filter(pl.col("charge_point_id") == charge_point_id)
        elif self._messages_of is not None:
            messages = self._messages_of(charge_point_id).filter(pl.col("charge_point_id") == charge_point_id)
        else:
            raise OptionError(
                "the messages were not kept and the sources cannot be read again; ask for the table 'messages'"
            )
        places = [
            transactions.select(file=pl.col(f"{end}_source_file").cast(pl.String), line=pl.col(f"{end}_source_line"))
            for end in ("first", "last")
        ]
        if "meter_values" in self._tables:
            values = self.meter_values.filter(wanted)
            places.append(values.select(file=pl.col("source_file").cast(pl.String), line=pl.col("source_line")))
        return _belonging(messages, pl.concat(places).drop_nulls().unique(), str(transaction_id))

    def __repr__(self) -> str:
        return as_text(self._tables)

    def _repr_html_(self) -> str:
        return as_html(self.tables())


def _belonging(messages: pl.DataFrame, places: pl.DataFrame, transaction_id: str) -> pl.DataFrame:
    """Pick the calls that name a transaction or stand at one of its places, and their answers."""
    payload = pl.col("payload")
    named = pl.any_horizontal(
        payload.str.json_path_match(path) == transaction_id
        for path in ("$.transactionId", "$.transactionInfo.transactionId", "$.transactionData.id")
    ).fill_null(value=False)
    # A text that is no JSON object would make the path search fail; it names no transaction either.
    objects = payload.str.contains(r"^\s*\{").fill_null(value=False)
    rows = messages.with_row_index("__row").with_columns(
        __file=pl.col("source_file").cast(pl.String), __kind=pl.col("message_type").cast(pl.String)
    )
    found = rows.filter(objects & payload.str.contains(transaction_id, literal=True)).filter(named)
    placed = rows.join(places, left_on=["__file", "source_line"], right_on=["file", "line"], how="semi")
    hits = pl.concat([found, placed]).unique("__row").sort("__row")
    calls = pl.col("__kind").is_in(["CALL", "SEND"])
    ids = hits.select("message_id", "__row")
    # An answer has its call's id and comes next after it; ids may be used again later.
    answers = rows.filter(~calls & pl.col("message_id").is_not_null()).select("message_id", answer="__row")
    asked = rows.filter(calls & pl.col("message_id").is_not_null()).select("message_id", call="__row")
    pairs = answers.sort("answer").join_asof(
        asked.sort("call"),
        left_on="answer",
        right_on="call",
        by="message_id",
        strategy="backward",
        check_sortedness=False,
    )
    partners = pl.concat(
        [
            pairs.join(ids, left_on="call", right_on="__row", how="semi").select("call", "answer"),
            pairs.join(ids, left_on="answer", right_on="__row", how="semi").select("call", "answer"),
        ]
    )
    wanted = pl.concat([hits["__row"], partners["call"], partners["answer"]]).drop_nulls().unique()
    return messages[wanted.sort().cast(pl.UInt32).to_list()] if wanted.len() else messages.clear()
