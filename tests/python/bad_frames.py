"""The catalogue of bad input, cases 37 to 56: the envelope of OCPP."""

from __future__ import annotations

from bad_input import FULL, STAMP, Case, call, frame, holds, status, stop

FRAMES = [
    *[Case(37, f"type_{kind}", frame(f'[{kind},"b1","Heartbeat",{{}}]'), "R", "message_type") for kind in (0, 1, 7)],
    Case(37, "type_negative", frame('[-2,"b1","Heartbeat",{}]'), "R", "message_type"),
    Case(37, "type_as_text", frame('["2","b1","Heartbeat",{}]'), "M", "type_coerced"),
    Case(37, "type_as_fraction", frame('[2.0,"b1","Heartbeat",{}]'), "M", "type_coerced"),
    Case(38, "call_of_three", frame('[2,"b1","Heartbeat"]'), "M", "payload_missing", note="decision 9"),
    Case(38, "call_of_five", frame('[2,"b1","Heartbeat",{},{}]'), "R", "arity"),
    Case(38, "result_of_two", frame('[3,"b1"]'), "R", "arity"),
    Case(39, "unknown_action", call("Fly", "{}"), "M", "action_unknown"),
    Case(40, "action_null", frame('[2,"b1",null,{}]'), "R", "action_invalid"),
    Case(40, "action_number", frame('[2,"b1",7,{}]'), "R", "action_invalid"),
    Case(40, "action_of_10_kb", call("x" * 10_000, "{}"), "R", "action_invalid"),
    Case(41, "payload_array", call("Heartbeat", "[]"), "R", "payload_type"),
    Case(41, "payload_text", call("Heartbeat", '"x"'), "R", "payload_type"),
    Case(41, "payload_null", call("Heartbeat", "null"), "M", "payload_null", note="decision 9"),
    Case(42, "id_of_37", call("Heartbeat", "{}", "x" * 37), "M", "id_length"),
    Case(43, "id_of_257", call("Heartbeat", "{}", "x" * 257), "R", "id_too_long"),
    Case(43, "id_of_10_mb", call("Heartbeat", "{}", "x" * 10_000_000), "R", "id_too_long"),
    Case(44, "id_number", frame('[2,17,"Heartbeat",{}]'), "M", "id_coerced"),
    Case(45, "id_empty", frame('[2,"","Heartbeat",{}]'), "R", "id_invalid"),
    Case(45, "id_null", frame('[2,null,"Heartbeat",{}]'), "R", "id_invalid"),
    Case(
        46,
        "answer_to_nothing",
        frame('[3,"never",{}]'),
        "M",
        "orphan_response",
        check=lambda log: log.unmatched.height == 1,
    ),
    Case(
        47,
        "two_answers",
        call("Heartbeat", "{}") + b"\n" + frame('[3,"b1",{}]') + b"\n" + frame('[3,"b1",{}]'),
        "M",
        "duplicate_response",
        messages=3,
        check=lambda log: "result" in log.messages["outcome"].to_list(),
    ),
    Case(
        48,
        "id_reused",
        call("Heartbeat", "{}") + b"\n" + frame('[3,"b1",{}]') + b"\n" + status(""),
        "M",
        "id_reused",
        messages=3,
    ),
    Case(
        49,
        "answer_first",
        frame('[3,"b1",{"currentTime":"2026-03-14T07:30:00Z"}]', b"2026-03-14T07:29:59.900Z CP1 >> ")
        + b"\n"
        + call("Heartbeat", "{}"),
        "M",
        "answer_before_call",
        messages=2,
    ),
    Case(
        50,
        "refusal_cut_short",
        call("Heartbeat", "{}") + b"\n" + frame('[4,"b1","InternalError"]'),
        "M",
        "error_fields_missing",
        messages=2,
    ),
    Case(
        51,
        "one_id_two_charge_points",
        call("Heartbeat", "{}")
        + b"\n"
        + call("Heartbeat", "{}", stamp=STAMP.replace(b"CP1", b"CP2"))
        + b"\n"
        + frame('[3,"b1",{}]', STAMP.replace(b"CP1 <<", b"CP2 >>")),
        "OK",
        messages=3,
        check=lambda log: log.messages["outcome"].drop_nulls().to_list().count("result") == 501,
    ),
    Case(
        51,
        "one_id_both_ways",
        call("Heartbeat", "{}")
        + b"\n"
        + call("Reset", '{"type":"Soft"}', stamp=STAMP.replace(b"<<", b">>"))
        + b"\n"
        + frame('[3,"b1",{"currentTime":"2026-03-14T07:30:00Z"}]', STAMP.replace(b"<<", b">>"))
        + b"\n"
        + frame('[3,"b1",{"status":"Accepted"}]'),
        "OK",
        messages=4,
        check=lambda log: log.messages["outcome"].drop_nulls().to_list().count("result") == 502,
    ),
    Case(
        52,
        "nobody_known",
        lambda _: [("who.log", frame('[2,"b1","Heartbeat",{}]', b""))],
        "OK",
        check=holds("charge_points", charge_point_id="unknown:who"),
        note="decision 10: a name of its own, not null",
    ),
    Case(
        53,
        "many_charge_points",
        b"\n".join(
            b"2026-03-14T07:30:00Z S%d << " % n + b'[2,"b1","Heartbeat",{}]'
            for n in range(1_000_000 if FULL else 10_000)
        ),
        "OK",
        messages=1_000_000 if FULL else 10_000,
    ),
    Case(
        54,
        "old_message_on_a_new_charge_point",
        call(
            "TransactionEvent",
            '{"eventType":"Started","timestamp":"2026-03-14T07:30:00Z","triggerReason":"CablePluggedIn","seqNo":0,"transactionInfo":{"transactionId":"t"}}',
        )
        + b"\n"
        + stop("7").replace(b"b1", b"b2"),
        "OK",
        messages=2,
        check=lambda log: (
            set(log.messages.filter(log.messages["charge_point_id"] == "CP1")["ocpp_version"]) == {"1.6", "2.0.1"}
        ),
        note="told by the version of each message; no flag",
    ),
    Case(
        55,
        "doctype",
        lambda _: [
            (
                "soap.log",
                (
                    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "&x;&x;">]>\n'
                    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&y;</s:Body></s:Envelope>\n'
                ),
            )
        ],
        "R",
        "xml_dtd",
        messages=0,
    ),
    Case(
        56,
        "nested_elements",
        lambda _: [
            (
                "soap.log",
                b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
                + b"<a>" * 100_000
                + b"</a>" * 100_000
                + b"</s:Body></s:Envelope>\n",
            )
        ],
        "R",
        "xml_depth",
        messages=0,
    ),
]
