//! Any text inside an XML envelope, on one line and over several, beside a JSON message that it must not hide.
#![no_main]

#[path = "../../tests/equations/mod.rs"]
mod equations;

const OPENING: &str =
    "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:cs=\"urn://Ocpp/Cs/2012/06/\">";

libfuzzer_sys::fuzz_target!(|inner: &str| {
    let stamp = "2026-05-01 10:00:00.250 ";
    let frame = r#"CP7 << [2,"7","Heartbeat",{}]"#;
    let log = format!("{stamp}{OPENING}{inner}</soap:Envelope>\n{stamp}{frame}\n");
    equations::hold("soap.log", log.as_bytes());
});
