"""What is wrong with a call or a source is said clearly: an exception, or a row and one warning."""

from __future__ import annotations

import copy
import dataclasses
import gzip
import inspect
import pickle
from datetime import timedelta
from typing import Any

import logs
import ocpplog
import polars as pl
import pytest
from ocpplog import exceptions

STORY = logs.text("CP1")
# The same words as in `rejects.reason`.
BROKEN = STORY + b'2026-03-14T09:00:00Z CP1 [2,"x","Heartbeat",{\n'


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"tables": ["chargers"]}, "no table 'chargers'; the tables are messages, transactions"),
            ({"layout": "cobol"}, "no layout \"?'?cobol"),
            ({"timezone": "Moon/Base"}, "Moon/Base.*Europe/Berlin"),
            ({"side": "left"}, "side: 'left' is not one of 'auto', 'csms', 'charge_point'"),
            ({"ocpp_version": "3"}, "ocpp_version: '3' is not one of"),
            ({"on_error": "ignore"}, "on_error: 'ignore' is neither"),
            ({"start": "yesterday"}, "start: 'yesterday' is no ISO 8601 time"),
            ({"start": 5}, "start: 5 is neither a datetime"),
            ({"start": "2026-03-02", "end": "2026-03-01"}, "does not lie before end"),
            ({"threads": 0}, "threads: 0 is not a whole number of 1 or more"),
            ({"max_rejects": -1}, "max_rejects: -1"),
            ({"charge_point_id": ""}, "charge_point_id"),
            ({"charge_point_id": "([)"}, "charge_point_id"),
            ({"override": True}, "override.*charge_point_id"),
            ({"charge_points": 5}, "charge_points: 5 is not a list"),
            ({"rules": 5}, "rules: 5 is not an ocpplog.Rules"),
        ],
    )
    def test_a_wrong_value_is_named_with_what_would_be_right(self, options, says):
        with pytest.raises(exceptions.OptionError, match=says) as caught:
            ocpplog.read(STORY, **options)
        assert isinstance(caught.value, ValueError)

    def test_an_unknown_option(self):
        with pytest.raises(TypeError, match="strict"):
            ocpplog.read(STORY, strict=True)  # type: ignore[call-arg]  # the point

    @pytest.mark.parametrize(
        ("source", "says"),
        [
            ("", "an empty text is no path"),
            (STORY.decode(), "pass the log itself as bytes"),
            ("ftp://host/a.log", "is remote"),
            ([], "the list is empty"),
            (5, "int is neither a path"),
            ([5], "int is neither a path"),
            (("a.log", 5), "is not a pair|int is neither"),
        ],
    )
    def test_a_source_that_is_none(self, source, says):
        with pytest.raises(exceptions.OptionError, match=says):
            ocpplog.read(source)

    def test_a_text_file_object(self, tmp_path):
        path = tmp_path / "a.log"
        path.write_bytes(STORY)
        with path.open() as file, pytest.raises(exceptions.OptionError, match="mode 'rb'"):
            ocpplog.read(file)

    def test_a_rule_out_of_range(self):
        with pytest.raises(exceptions.OptionError, match="retry_window"):
            ocpplog.Rules(retry_window=timedelta(-1))
        with pytest.raises(exceptions.OptionError, match="energy_tolerance_wh"):
            ocpplog.Rules(energy_tolerance_wh=float("nan"))

    def test_the_rules_are_those_of_the_core(self):
        # The core refuses a name that it does not know.
        ocpplog.rebuild(ocpplog.parse(STORY), rules=ocpplog.Rules())
        documented = inspect.getdoc(ocpplog.Rules) or ""
        assert all(f"{field.name} : " in documented for field in dataclasses.fields(ocpplog.Rules))


class TestSources:
    def test_a_missing_file(self, tmp_path):
        for source in (tmp_path / "no.log", str(tmp_path / "*.log"), [tmp_path / "no.log"]):
            with pytest.raises(exceptions.MissingInputError, match=r"no\.log|\*\.log") as caught:
                ocpplog.read(source)
            assert isinstance(caught.value, FileNotFoundError)
            assert isinstance(caught.value, exceptions.InputError)

    def test_an_empty_file(self, tmp_path):
        path = tmp_path / "empty.log"
        path.touch()
        with pytest.warns(exceptions.OcpplogWarning, match=r"no OCPP message was found in .*empty\.log"):
            log = ocpplog.read(path)
        assert log.transactions.is_empty()
        assert log.accounting["lines"].to_list() == [0]
        log.check()

    def test_a_binary_file(self, tmp_path):
        path = tmp_path / "picture.log"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400)
        with pytest.warns(exceptions.OcpplogWarning, match="binary"):
            log = ocpplog.read(path)
        assert log.rejects["reason"].cast(pl.String).to_list() == ["binary"]
        assert log.rejects["source_line"].to_list() == [None]
        log.check()

    def test_a_truncated_gzip_keeps_what_came_before(self, tmp_path):
        path = tmp_path / "cut.log.gz"
        packed = gzip.compress(logs.text("CP1", sessions=40))
        path.write_bytes(packed[: len(packed) * 9 // 10])
        with pytest.warns(exceptions.OcpplogWarning, match="compressed_truncated"):
            log = ocpplog.read(path)
        assert log.transactions.height > 0
        assert log.accounting["status"].cast(pl.String).to_list() == ["partial"]
        assert "compressed_truncated" in log.rejects["reason"].cast(pl.String).to_list()
        log.check()

    def test_a_line_of_100_megabytes(self, tmp_path):
        path = tmp_path / "long.log"
        with path.open("wb") as file:
            for _ in range(100):
                file.write(b"x" * 1_000_000)
            file.write(b"\n" + STORY)
        with pytest.warns(exceptions.OcpplogWarning, match="line_too_long"):
            log = ocpplog.read(path)
        assert log.transactions.height == 2
        assert log.rejects["length"].to_list() == [100_000_000]
        log.check()

    def test_a_log_of_something_else(self):
        with pytest.warns(exceptions.OcpplogWarning) as caught:
            log = ocpplog.read(("syslog", b"a line\nanother line\n"))
        assert len(caught) == 1
        assert caught[0].filename == __file__
        assert log.accounting["other_lines"].to_list() == [2]

    def test_a_clean_log_warns_of_nothing(self):
        ocpplog.read(STORY)

    def test_a_reader_that_fails(self):
        class Broken:
            def read(self, size: int = -1) -> bytes:
                raise OSError("the cable fell out")

        log = None
        try:
            log = logs.quiet(("cable", Broken()))
        except exceptions.InputError as error:
            assert "the cable fell out" in str(error)  # noqa: PT017  # either is right: an error or a row
        if log is not None:
            assert log.rejects["reason"].cast(pl.String).to_list() == ["io"]


class TestOnError:
    def test_raise_names_file_line_and_byte(self):
        with pytest.raises(exceptions.LogFormatError, match=r"a\.log:") as caught:
            ocpplog.read(("a.log", BROKEN), on_error="raise")
        error = caught.value
        assert (error.file, error.line) == ("a.log", STORY.count(b"\n") + 1)
        assert error.reason in ocpplog.schemas.reasons()["reason"].to_list()
        assert len(STORY) <= error.offset < len(BROKEN)

    def test_raise_on_an_unknown_layout(self):
        with pytest.raises(exceptions.UnknownLayoutError, match="syslog"):
            ocpplog.read(("syslog", b"a line\nanother line\n"), on_error="raise")

    def test_too_many_rejects(self):
        with pytest.raises(exceptions.TooManyRejectsError, match=r"1 rejects?, at most 0"):
            ocpplog.read(BROKEN, max_rejects=0)
        with pytest.warns(exceptions.OcpplogWarning, match="1 reject: json_truncated 1"):
            ocpplog.read(BROKEN, max_rejects=1)


def test_every_exception_survives_pickling_and_copying():
    classes: list[Any] = [
        item for item in vars(exceptions).values() if inspect.isclass(item) and item.__module__ == exceptions.__name__
    ]
    assert len(classes) == len(exceptions.__all__)
    for kind in classes:
        error = (
            kind("a.log:3: bad", "a.log", 3, 77, "arity") if kind is exceptions.LogFormatError else kind("a.log: bad")
        )
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301  # our own bytes
            assert type(again) is kind
            assert str(again) == str(error)
            assert vars(again) == vars(error)


def test_every_error_is_an_ocpplog_error():
    for name in exceptions.__all__:
        if name.endswith("Error"):
            assert issubclass(getattr(exceptions, name), exceptions.OcpplogError)


class TestWhatDeservesALook:
    """One warning says what in a result may not be what was meant."""

    LINE = b'2026-05-01T10:00:00Z INFO [Thread-3] recv: [2,"1","Heartbeat",{}]\n'

    def test_a_log_that_names_no_charge_point(self):
        with pytest.warns(
            exceptions.OcpplogWarning, match=r"1 message without a charge point, taken for those of 'unknown:all'"
        ):
            ocpplog.read(("all.log", self.LINE))

    def test_it_is_silent_where_the_caller_names_it(self, recwarn):
        ocpplog.read(("all.log", self.LINE), charge_point_id="CP1")
        assert not recwarn.list

    def test_a_charge_point_that_is_not_there(self):
        with pytest.warns(exceptions.OcpplogWarning, match="no message of charge point 'cp1'; ids are compared letter"):
            ocpplog.read(logs.text("CP1"), charge_points=["cp1"])

    def test_a_folder_without_files(self, tmp_path):
        with pytest.warns(exceptions.OcpplogWarning, match="no file to read"):
            ocpplog.read(tmp_path)

    def test_a_zone_that_contradicts_the_messages(self, recwarn):
        assert ocpplog.read(logs.text("CP1"), timezone="UTC").transactions.height
        assert not recwarn.list
        local = logs.text("CP1").replace(b"Z ", b" ")
        with pytest.warns(exceptions.OcpplogWarning, match="2 of 2 transactions tell other hours than their stamps"):
            ocpplog.read(local, timezone="Asia/Tokyo")

    def test_a_series_of_paths_is_a_list_of_them(self, tmp_path):
        (tmp_path / "CP1.log").write_bytes(STORY)
        assert ocpplog.read(pl.Series([str(tmp_path / "CP1.log")])).transactions.height == 2

    def test_a_table_is_no_log(self):
        with pytest.raises(exceptions.OptionError, match=r"DataFrame is a table, not a log; ocpplog\.rebuild"):
            ocpplog.read(pl.DataFrame({"a": [1]}))  # type: ignore[arg-type]  # that is the test


class TestALayoutOfOnesOwn:
    LINES = b'2026-05-01T10:00:00Z |CP 7| recv: [2,"1","Heartbeat",{}]\n'

    def test_what_the_pattern_does_not_name_is_found_as_in_any_other_log(self):
        layout = ocpplog.Layout(pattern=r"\|(?P<charge_point_id>[^|]+)\|")
        message = ocpplog.parse(self.LINES, layout=layout).row(0, named=True)
        assert message["charge_point_id"] == "CP 7"
        assert message["log_time"] is not None
        assert message["direction"] == "from_charge_point"

    def test_a_pattern_that_fits_nothing_is_an_error(self):
        with pytest.raises(exceptions.OptionError, match="no line that holds a message fits the pattern"):
            ocpplog.read(self.LINES, layout=ocpplog.Layout(pattern="(?P<charge_point_id>none)"))

    def test_of_a_pattern_and_keys_either_may_fit(self):
        layout = ocpplog.Layout(pattern=r"\|(?P<charge_point_id>[^|]+)\|", columns={"charge_point_id": "Bö x"})
        keyed = b'{"B\\u00f6 x": "CP7", "message": "[2,\\"1\\",\\"Heartbeat\\",{}]"}\n'
        for text, name in ((self.LINES, "CP 7"), (keyed, "CP7")):
            assert ocpplog.parse(text, layout=layout)["charge_point_id"].to_list() == [name]

    def test_a_log_of_rejects_says_nothing_about_a_pattern(self):
        layout = ocpplog.Layout(pattern="(?P<charge_point_id>none)")
        with pytest.warns(exceptions.OcpplogWarning, match="json_truncated"):
            ocpplog.read(b'WARN bad frame: [2,"x","Heartbeat",{\n', layout=layout)

    def test_a_log_without_messages_is_none(self):
        layout = ocpplog.Layout(pattern="(?P<charge_point_id>none)")
        with pytest.warns(exceptions.OcpplogWarning, match="no OCPP message"):
            ocpplog.read(b"it rained\n", layout=layout)

    @pytest.mark.parametrize(
        "text",
        [
            b'created_at,box,wire\n2026-05-01T10:00:00Z,CP7,"[2,""1"",""Heartbeat"",{}]"\n',
            b'{"created_at": "2026-05-01T10:00:00Z", "box": "CP7", "wire": "[2,\\"1\\",\\"Heartbeat\\",{}]"}\n',
        ],
    )
    def test_a_column_that_is_not_there_is_named(self, text):
        columns = {"log_time": "created_at", "charge_point_id": "box", "message": "wire"}
        assert ocpplog.parse(text, layout=ocpplog.Layout(columns=columns))["log_time"].null_count() == 0
        with pytest.raises(exceptions.OptionError, match='of the name "created"'):
            ocpplog.read(text, layout=ocpplog.Layout(columns=columns | {"log_time": "created"}))

    def test_headings_that_are_not_known_are_shown(self):
        text = b'made,box,wire\n2026-05-01T10:00:00Z,CP7,"[2,""1"",""Heartbeat"",{}]"\n'
        evidence = ocpplog.detect(text)["evidence"].explode().to_list()
        assert any("made, box, wire" in sentence for sentence in evidence)
