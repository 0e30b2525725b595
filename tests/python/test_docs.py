"""The pages of docs/ say what the code does, and everything has something said about it."""

from __future__ import annotations

import dataclasses
import inspect
import re
from datetime import timedelta

import ocpplog
import polars as pl
import pytest
from ocpplog import _native

import docs

# What makes a source one that can be looked up.
KINDS = r"1\.6|2\.[x1]|RFC|ChargeX|own\b|the log\b|the recorder's stamp|the message's own|as \w+|BootNotification\b"


@pytest.mark.parametrize("page", docs.PAGES)
def test_a_generated_page_is_up_to_date(page):
    text = (docs.DOCS / page).read_text(encoding="utf-8")
    assert docs.PAGES[page]() == text, "run `make docs`"


@pytest.mark.parametrize("page", docs.PAGES)
def test_every_row_of_a_page_has_all_its_cells(page):
    columns = None
    for line in docs.PAGES[page]().splitlines():
        if not line.startswith("|"):
            columns = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert columns in {None, cells}, line
        columns = cells


@pytest.mark.parametrize("page", docs.PAGES)
def test_the_examples_run(page):
    for example in re.findall(r"```python\n(.*?)```", docs.PAGES[page](), re.DOTALL):
        exec(compile(example, page, "exec"), {})  # noqa: S102  # our own text


def test_every_column_says_what_it_is_and_where_it_comes_from():
    described = ocpplog.schemas.describe()
    assert described.filter(~pl.col("meaning").str.ends_with(".")).is_empty()
    assert described.filter(~pl.col("source").str.contains(f"^({KINDS})")).is_empty()


def test_every_flag_says_where_it_stands_and_what_to_do():
    flags = ocpplog.schemas.flags()
    assert flags.filter(~pl.col("advice").str.ends_with(".")).is_empty()
    assert {table for tables in flags["tables"] for table in tables.split()} <= set(ocpplog.schemas.table_names())


def test_only_transactions_have_a_quality():
    described = ocpplog.schemas.describe()
    assert described.filter(pl.col("column") == "quality")["table"].to_list() == ["transactions"]


def test_a_column_that_is_never_null_has_no_null(example):
    described = ocpplog.schemas.describe().filter(pl.col("null") == "")
    for table, frame in example.tables().items():
        for column in described.filter(pl.col("table") == table)["column"]:
            assert frame[column].null_count() == 0, f"{table}.{column}"


def test_a_flag_stands_in_its_tables_only(example):
    declared = {flag: tables.split() for flag, _, tables, *_ in ocpplog.schemas.flags().iter_rows()}
    for table, frame in example.tables().items():
        if "flags" in frame.columns:
            for flag in frame["flags"].explode().drop_nulls().unique():
                assert table in declared[flag.split(":")[0]], f"{flag} in {table}"


def test_rows_are_ordered_as_they_say(example):
    for name, _, order in _native.tables():
        frame = example.tables()[name]
        columns = [place for place in order if place in frame.columns]
        keys = frame.select(pl.col(columns).cast(pl.String) if name == "call_statistics" else pl.col(columns))
        assert keys.equals(keys.sort(columns, nulls_last=False, maintain_order=True)), name


def test_python_says_of_the_thresholds_what_the_core_says():
    documented = inspect.getdoc(ocpplog.Rules) or ""
    entries = dict(re.findall(r"^(\w+) : \w+\n((?: {4}.*\n)+)", documented, re.MULTILINE))
    fields = {field.name: field.default for field in dataclasses.fields(ocpplog.Rules)}
    assert list(fields) == [name for name, *_ in _native.rules()]
    for name, default, unit, meaning, _ in _native.rules():
        assert " ".join(entries[name].split()).replace("``", "`") == meaning, name
        assert fields[name] == (timedelta(microseconds=default) if unit == "us" else default), name


def test_the_readme_names_every_page(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    assert all(f"docs/{page}" in text for page in docs.PAGES)
