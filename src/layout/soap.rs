//! Where an envelope stands in a text, and what the lines around it tell (CXF's message log, as `SteVe` writes it).
//!
//! Only tags are looked at here; whether the text between them is XML at all is for the reader of messages to say.

use super::Stamp;
use super::stamp;
use crate::term::{Direction, Way};
use memchr::{memchr, memmem, memrchr};

/// Where the first envelope at or behind `from` begins: `<Envelope`, `<soap:Envelope`, with any prefix. A document
/// type before it belongs to it, so that it is refused and not overlooked.
pub(super) fn find(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let name = at + memmem::find(bytes.get(at..)?, b"Envelope")?;
        at = name + b"Envelope".len();
        let limit = bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'/'));
        if let Some(start) = tag_start(bytes, name).filter(|&start| limit && start >= from) {
            let doctype = memmem::find(&bytes[from..start], b"<!DOCTYPE").map(|before| from + before);
            return Some(doctype.unwrap_or(start));
        }
    }
}

/// The `<` of the tag whose local name begins at `name`.
fn tag_start(bytes: &[u8], name: usize) -> Option<usize> {
    let before = &bytes[..name];
    match before.last()? {
        b'<' => Some(name - 1),
        b':' => {
            // A prefix is short; a line of a megabyte need not be searched for its beginning.
            let nearest = before.len().saturating_sub(66);
            let start = nearest + memrchr(b'<', &before[nearest..])?;
            let prefix = &before[start + 1..before.len() - 1];
            let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') || *byte >= 0x80;
            (!prefix.is_empty() && prefix.iter().all(word)).then_some(start)
        }
        _ => None,
    }
}

/// Where the envelope that begins `text` ends: behind its closing tag, wherever that stands in comments or CDATA left
/// aside. None while the text has no such tag.
pub(super) fn end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += memchr(b'<', bytes.get(at..)?)?;
        let rest = &bytes[at..];
        let skipped = if rest.starts_with(b"<!--") {
            memmem::find(rest, b"-->")? + 3
        } else if rest.starts_with(b"<![CDATA[") {
            memmem::find(rest, b"]]>")? + 3
        } else if rest.starts_with(b"</") {
            let close = memchr(b'>', rest)?;
            let name = rest[2..close].trim_ascii_end();
            let local = memrchr(b':', name).map_or(name, |colon| &name[colon + 1..]);
            if local == b"Envelope" {
                return Some(at + close + 1);
            }
            close + 1
        } else {
            1
        };
        at += skipped;
    }
}

/// What the first line of a record of CXF tells about the envelope that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SoapHead {
    /// The way of the message.
    pub(super) way: Way,
    /// When it was logged.
    pub(super) stamp: Stamp,
}

/// Reads the first line of a record of CXF: the category ends in the service and what happened, such as
/// `org.apache.cxf.services.CentralSystemService.REQ_IN`.
pub(super) fn head(line: &str) -> Option<SoapHead> {
    const CATEGORY: &str = "cxf.services.";
    let at = memmem::find(line.as_bytes(), CATEGORY.as_bytes())?;
    let category = line[at + CATEGORY.len()..].split([' ', '\t', ']', '(']).next()?;
    let (service, kind) = category.rsplit_once('.')?;
    let (request, received) = match kind {
        "REQ_IN" => (true, true),
        "REQ_OUT" => (true, false),
        "RESP_IN" | "FAULT_IN" => (false, true),
        "RESP_OUT" | "FAULT_OUT" => (false, false),
        _ => return None,
    };
    // Each side offers one service, so its name tells who asks whom, whichever side wrote the log.
    let requests = if service.contains("CentralSystem") {
        Some(Direction::FromChargePoint)
    } else if service.contains("ChargePoint") {
        Some(Direction::FromCsms)
    } else {
        None
    };
    let way = match requests {
        Some(direction) if request => Way::Known(direction),
        Some(direction) => Way::Known(direction.opposite()),
        None if received => Way::Received,
        None => Way::Sent,
    };
    let stamp = stamp::find(&line[..at]).map_or(Stamp::None, |found| found.stamp);
    Some(SoapHead { way, stamp })
}

/// The number that CXF gives to a request and its answer, from a line of its own.
pub(super) fn exchange_id(line: &str) -> Option<&str> {
    let id = line.trim_ascii().strip_prefix("ExchangeId:")?.trim_ascii();
    (!id.is_empty() && id.len() <= 256).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_found_with_any_prefix_and_nothing_else_is() {
        assert_eq!(find("Payload: <soap:Envelope x='1'>", 0), Some(9));
        assert_eq!(find("<Envelope>", 0), Some(0));
        assert_eq!(find("<SOAP-ENV:Envelope\n", 0), Some(0));
        assert_eq!(find("<a:Envelope/><b:Envelope/>", 1), Some(13));
        for text in
            ["</soap:Envelope>", "<soap:Envelopes>", "&lt;soap:Envelope>", "an Envelope", "<a b:Envelope>", ":Envelope"]
        {
            assert_eq!(find(text, 0), None, "{text}");
        }
        assert_eq!(find("<!DOCTYPE a [<!ENTITY b 'c'>]><s:Envelope>", 0), Some(0));
        assert_eq!(find("", 5), None);
    }

    #[test]
    fn the_end_is_the_closing_tag_and_not_a_mention_of_it() {
        let text = "<s:Envelope><s:Body><!-- </s:Envelope> --><d><![CDATA[</s:Envelope>]]></d></s:Body></s:Envelope >x";
        assert_eq!(end(text), Some(text.len() - 1));
        assert_eq!(end("<Envelope></Envelope>"), Some(21));
        assert_eq!(end("<s:Envelope><s:Body>"), None);
        assert_eq!(end("<s:Envelope></s:Envelope"), None);
    }

    #[test]
    fn the_category_tells_the_way_and_the_line_its_time() {
        let line = |category: &str| {
            head(&format!("[INFO ] 2026-03-14 07:58:02,117 org.apache.cxf.services.{category} (qtp1-41) - "))
        };
        let way = |category: &str| line(category).map(|head| head.way);
        assert_eq!(way("CentralSystemService.REQ_IN"), Some(Way::Known(Direction::FromChargePoint)));
        assert_eq!(way("CentralSystemService.RESP_OUT"), Some(Way::Known(Direction::FromCsms)));
        assert_eq!(way("ChargePointService.REQ_OUT"), Some(Way::Known(Direction::FromCsms)));
        assert_eq!(way("ChargePointService.RESP_IN"), Some(Way::Known(Direction::FromChargePoint)));
        assert_eq!(way("CentralSystemService.FAULT_OUT"), Some(Way::Known(Direction::FromCsms)));
        assert_eq!(way("Other.REQ_IN"), Some(Way::Received));
        assert_eq!(way("Other.Starting"), None);
        assert!(matches!(line("Other.REQ_OUT").unwrap().stamp, Stamp::Local(_)));
        assert_eq!(head("[INFO ] no such category"), None);
    }

    #[test]
    fn the_number_of_an_exchange_stands_on_its_own_line() {
        assert_eq!(exchange_id("    ExchangeId: 0000-8d1e "), Some("0000-8d1e"));
        assert_eq!(exchange_id("    ExchangeId: "), None);
        assert_eq!(exchange_id("    Payload: <a/>"), None);
    }
}
