"""The catalogue of bad input, cases 57 to 80: times and values."""

from __future__ import annotations

from datetime import UTC, datetime

from bad_input import FULL, STAMP, Case, at, began, frame, holds, sample, start, status, stop

VALUES = [
    Case(57, "year_0", at('"0000-01-01T00:00:00Z"'), "M", "time_range"),
    Case(57, "year_before_0", at('"-0001-01-01T00:00:00Z"'), "M", "time_range"),
    Case(
        57,
        "year_1",
        at('"0001-01-01T00:00:00Z"'),
        "M",
        "clock_unset",
        note="decision 9: years up to 2009 are a clock that was never set",
    ),
    Case(
        57,
        "year_0_in_the_log",
        status("", stamp=b"0000-01-01T00:00:00Z CP1 << "),
        "OK",
        check=holds("messages", log_time=None, charge_point_id="CP1"),
    ),
    Case(
        57,
        "year_before_0_in_the_log",
        status("", stamp=b"-0001-01-01T00:00:00Z CP1 << "),
        "OK",
        check=holds("messages", log_time=None, charge_point_id="CP1"),
    ),
    Case(
        58,
        "year_1970",
        at('"1970-01-01T00:00:07Z"'),
        "M",
        "clock_unset",
        check=began(2026, 3, 14, 7, 30),
        note="decision 9: the recorder's time",
    ),
    Case(59, "year_9999", at('"9999-12-31T23:59:59.999999Z"'), "M", "clock_future"),
    Case(
        60,
        "leap_second",
        at('"2026-03-14T07:29:60Z"'),
        "M",
        "time_coerced",
        check=began(2026, 3, 14, 7, 29, 59, 999_999),
    ),
    Case(61, "hour_24", at('"2026-03-13T24:00:00Z"'), "M", "time_coerced"),
    Case(62, "offset_14", at('"2026-03-14T21:29:00+14:00"'), "OK", check=began(2026, 3, 14, 7, 29)),
    Case(62, "offset_minus_12", at('"2026-03-13T19:29:00-12:00"'), "OK", check=began(2026, 3, 14, 7, 29)),
    Case(62, "offset_0545", at('"2026-03-14T13:14:00+05:45"'), "OK", check=began(2026, 3, 14, 7, 29)),
    Case(
        62,
        "offset_1401",
        at('"2026-03-14T21:30:00+14:01"'),
        "M",
        "time_invalid",
        note="the flag of every time that cannot be read",
    ),
    Case(
        62,
        "offset_24",
        at('"2026-03-14T07:30:00+24:00"'),
        "M",
        "time_invalid",
        note="the flag of every time that cannot be read",
    ),
    Case(
        62,
        "offset_24_in_the_log",
        status("", stamp=b"2026-03-14T07:30:00+24:00 CP1 << "),
        "OK",
        check=holds("messages", log_time=None, charge_point_id="CP1"),
    ),
    Case(63, "no_offset", at('"2026-03-14T07:30:00"'), "M", "tz_missing"),
    *[
        Case(64, f"epoch_{name}", at(text), "M", "time_coerced", check=began(2026, 3, 14, 7, 30))
        for name, text in (
            ("s", "1773473400"),
            ("ms", "1773473400000"),
            ("us", '"1773473400000000"'),
            ("text", '"1773473400"'),
        )
    ],
    *[
        Case(65, name, at(text), "M", "time_invalid")
        for name, text in (
            ("30_february", '"2026-02-30T07:30:00Z"'),
            ("25_o_clock", '"2026-03-14T25:00:00Z"'),
            ("time_empty", '""'),
            ("time_object", "{}"),
        )
    ],
    Case(65, "time_null", at("null"), "OK", check=began(2026, 3, 14, 7, 30), note="like absent"),
    Case(
        65,
        "30_february_in_the_log",
        status("", stamp=b"2026-02-30T07:30:00Z CP1 << "),
        "OK",
        check=holds("messages", log_time=None, charge_point_id="CP1"),
    ),
    Case(
        65,
        "25_o_clock_in_the_log",
        status("", stamp=b"2026-03-14T25:00:00Z CP1 << "),
        "OK",
        check=holds("messages", log_time=None, charge_point_id="CP1"),
    ),
    Case(
        66,
        "15_digits",
        at('"2026-03-14T07:29:59.123456789012345Z"'),
        "OK",
        check=began(2026, 3, 14, 7, 29, 59, 123_456),
    ),
    *[
        Case(67, f"odd_form_{number}", at(f'"{text}"'), "M", "time_coerced", check=began(2026, 3, 14, 7, 29, 59))
        for number, text in enumerate(
            ("2026-03-14T08:29:59+0100", "2026-03-14 07:29:59Z", "2026-03-14T07:29:59,0Z", "2026-03-14t07:29:59z")
        )
    ],
    Case(
        68,
        "dst_gap",
        lambda _: [("local.log", status("", stamp=b"2026-03-29 02:30:00 CP1 << "))],
        "OK",
        check=holds("messages", log_time=datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        options={"timezone": "Europe/Berlin"},
        note="read with the offset behind the gap",
    ),
    Case(
        68,
        "dst_overlap",
        lambda _: [("local.log", status("", stamp=b"2026-10-25 02:30:00 CP1 << "))],
        "OK",
        check=holds("messages", log_time=datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        options={"timezone": "Europe/Berlin"},
        note="the first of the two",
    ),
    Case(
        69,
        "clock_back",
        start(',"meterStart":1')
        + b"\n"
        + frame('[3,"b1",{"transactionId":9,"idTagInfo":{"status":"Accepted"}}]', STAMP.replace(b"<<", b">>"))
        + b"\n"
        + stop("9")
        .replace(b'T07:30:00Z"', b'T07:10:00Z"')
        .replace(b"b1", b"b2")
        .replace(b"07:30:00.000", b"07:40:00.000"),
        "M",
        "negative_duration",
        messages=3,
        check=holds("transactions", duration=None),
    ),
    Case(
        70,
        "days_apart",
        at('"2026-03-11T05:13:00Z"'),
        "OK",
        check=holds(
            "status_intervals",
            start_time=datetime(2026, 3, 11, 5, 13, tzinfo=UTC),
            received_at=datetime(2026, 3, 14, 7, 30, tzinfo=UTC),
        ),
    ),
    *[
        Case(
            71,
            f"value_{number}",
            sample(text),
            "M",
            "value_not_finite",
            check=holds("meter_values", value=None, raw_value=text.strip('"')),
        )
        for number, text in enumerate(('"NaN"', '"Infinity"', "1e400"))
    ],
    Case(
        72,
        "decimal_comma",
        sample('"1,5"'),
        "M",
        "decimal_comma",
        check=holds("meter_values", value=None, raw_value="1,5"),
    ),
    Case(73, "negative_value", sample('"-5"'), "OK", check=holds("meter_values", value=-5.0)),
    Case(73, "huge_value", sample('"1000000000000000000"'), "OK", check=holds("meter_values", value=1e18)),
    Case(
        73,
        "negative_energy",
        start(',"meterStart":100')
        + b"\n"
        + frame('[3,"b1",{"transactionId":9,"idTagInfo":{"status":"Accepted"}}]', STAMP.replace(b"<<", b">>"))
        + b"\n"
        + stop("9").replace(b"b1", b"b2"),
        "M",
        "negative_energy",
        messages=3,
        check=holds("transactions", energy_wh_start_stop=None),
    ),
    *[
        Case(74, f"no_number_{number}", sample(f'"{text}"'), "M", "bad_value", check=holds("meter_values", value=None))
        for number, text in enumerate(("", "0x10", "١٢"))
    ],
    Case(74, "blanks_around", sample('" 12 "'), "OK", check=holds("meter_values", value=12.0)),
    *[
        Case(
            75,
            f"unit_{unit or 'none'}",
            sample('"2"', f',"unit":"{unit}"' if unit else ""),
            "OK",
            check=holds("meter_values", value=value, unit="Wh"),
        )
        for unit, value in (("kWh", 2000.0), ("Wh", 2.0), ("KWH", 2000.0), ("", 2.0))
    ],
    Case(
        75,
        "unit_unknown",
        sample('"2"', ',"unit":"furlong"'),
        "M",
        "unit_unknown",
        check=holds("meter_values", value=2.0, unit="furlong"),
    ),
    Case(
        76,
        "signed_data",
        sample('"AFF00B"', ',"format":"SignedData"'),
        "OK",
        check=holds("meter_values", value=None, is_signed=True, raw_value="AFF00B"),
    ),
    *[
        Case(77, f"transaction_id_{name}", stop(text), "OK", check=holds("transactions", transaction_id=wanted))
        for name, text, wanted in (("text", '"7"', "7"), ("float", "7.0", "7"), ("exponent", "1e3", "1000"))
    ],
    *[
        Case(
            77,
            f"transaction_id_{name}",
            stop(text),
            "OK",
            check=lambda log: log.transactions.is_empty() and log.unmatched.height == 1,
            note="decision 3: no positive id, no row",
        )
        for name, text in (("null", "null"), ("minus_1", "-1"), ("0", "0"))
    ],
    Case(77, "transaction_id_true", stop("true"), "M", "bad_payload", check=lambda log: log.transactions.is_empty()),
    Case(77, "transaction_id_object", stop("{}"), "M", "bad_payload", check=lambda log: log.transactions.is_empty()),
    *[
        Case(
            78,
            f"connector_{name}",
            status("").replace(b'"connectorId":1', f'"connectorId":{text}'.encode()),
            "OK",
            check=holds("status_intervals", connector_id=wanted),
        )
        for name, text, wanted in (("minus_1", "-1", -1), ("99999", "99999", 99999), ("text", '"1"', 1))
    ],
    Case(
        78,
        "connector_2_to_31",
        status("").replace(b'"connectorId":1', b'"connectorId":2147483648'),
        "M",
        "number_range",
    ),
    Case(
        79,
        "unknown_status",
        status("").replace(b"Available", b"Sleeping"),
        "OK",
        check=holds("status_intervals", status="Sleeping", status_class="unknown"),
    ),
    Case(
        79,
        "unknown_measurand",
        sample('"2"', ',"measurand":"Fuel.Level"'),
        "M",
        "measurand_unknown",
        check=holds("meter_values", measurand="Fuel.Level"),
    ),
    Case(
        80,
        "many_samples",
        sample('"1"},' + '{"value":"2"},' * (1_000_000 if FULL else 20_000) + '{"value":"3"'),
        "OK",
        check=lambda log: log.meter_values.height == (1_000_000 if FULL else 20_000) + 2,
    ),
]
