//! The SOAP envelope of OCPP 1.2, 1.5 and 1.6-S (OCPP-S 1.6; SOAP 1.1 and 1.2; WS-Addressing 1.0).
//!
//! The body becomes the JSON text that the same message has in 1.6-J. A document type is refused: OCPP needs none, and
//! entities are how a small text becomes a large one or asks for a file. Nothing here calls itself, so nesting costs
//! no stack.

mod shape;

use super::{Action, Defect, Kind, Message};
use crate::flag::Flags;
use crate::reject::Reason;
use crate::term::{Direction, Version};
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::{BytesRef, BytesStart, Event};
use shape::Element;
use std::borrow::Cow;

/// How many elements may be open; those of OCPP need less than a dozen.
const DEEPEST: usize = 128;
/// Ids longer than this are not believed to be ids.
const LONGEST_ID: usize = 256;

/// A SOAP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoapMessage {
    /// A request, an answer, or a refusal (Fault).
    pub kind: Kind,
    /// The action; none on a fault.
    pub action: Option<String>,
    /// The version, by the namespace.
    pub version: Option<Version>,
    /// Who sent it, by the namespace of the service: each side offers one.
    pub direction: Option<Direction>,
    /// `chargeBoxIdentity` of the header; answers often lack it.
    pub charge_point: Option<String>,
    /// `MessageID` of the header on a request, `RelatesTo` on an answer.
    pub id: Option<String>,
    /// The body as a JSON object, on a fault its detail.
    pub payload: String,
    /// The innermost code of a fault, without its prefix.
    pub error_code: Option<String>,
    /// The reason of a fault.
    pub error_description: Option<String>,
}

impl SoapMessage {
    /// The message in the words of OCPP-J; `exchange` is its id where the envelope has none.
    #[must_use]
    pub fn message<'a>(&'a self, exchange: Option<&'a str>) -> Message<'a> {
        Message {
            kind: self.kind,
            id: Cow::Borrowed(self.id.as_deref().or(exchange).unwrap_or("")),
            action: self.action.as_deref().map(Cow::Borrowed),
            payload: &self.payload,
            error_code: self.error_code.as_deref().map(Cow::Borrowed),
            error_description: self.error_description.as_deref().map(Cow::Borrowed),
            flags: Flags::NONE,
        }
    }
}

/// An envelope that was read, and how far it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoapReading {
    /// How many bytes belong to the envelope: up to its closing tag, or all where it is broken.
    pub consumed: usize,
    /// The message, or why it is none.
    pub message: Result<SoapMessage, Defect>,
}

/// Reads the envelope at the start of `xml`; what stands behind its closing tag is left alone.
#[must_use]
pub fn read_soap(xml: &str) -> SoapReading {
    let mut reader = Reader::from_str(xml);
    // `<a/>` comes as a start and an end.
    reader.config_mut().expand_empty_elements = true;
    let mut envelope = Envelope::default();
    loop {
        let step = match reader.read_event() {
            Ok(event) => envelope.take(&event),
            Err(error) => Err(fault_of(&error)),
        };
        match step {
            Ok(true) => {}
            Ok(false) => return SoapReading { consumed: place(&reader, xml), message: envelope.finish() },
            Err((reason, what)) => {
                let detail = format!("{what}, at byte {} of the envelope", place(&reader, xml));
                return SoapReading { consumed: xml.len(), message: Err(Defect { reason, detail }) };
            }
        }
    }
}

fn place(reader: &Reader<&[u8]>, xml: &str) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(xml.len())
}

type Fault = (Reason, &'static str);

fn fault_of(error: &Error) -> Fault {
    match error {
        Error::Syntax(SyntaxError::UnclosedDoctype) => (Reason::XmlDtd, "a document type"),
        Error::Syntax(SyntaxError::InvalidBangMarkup) => (Reason::XmlSyntax, "an unknown kind of markup"),
        Error::Syntax(_) => (Reason::XmlTruncated, "the text ends inside a tag"),
        Error::IllFormed(_) => (Reason::XmlSyntax, "tags do not fit"),
        _ => (Reason::XmlSyntax, "the text is not XML"),
    }
}

/// Which service a namespace names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Service {
    version: Version,
    /// Who sends the requests of this service: the central system's are sent by the charge point.
    requests: Direction,
}

impl Service {
    /// `urn://Ocpp/Cs/2012/06/` and its five sisters; the last slash is often left out.
    fn of(uri: &str) -> Option<Self> {
        let uri = uri.trim().to_ascii_lowercase();
        let (side, date) = uri.strip_prefix("urn://ocpp/")?.split_once('/')?;
        let version = match date.trim_end_matches('/') {
            "2010/08" => Version::V12,
            "2012/06" => Version::V15,
            "2015/10" => Version::V16,
            _ => return None,
        };
        let requests = match side {
            "cs" => Direction::FromChargePoint,
            "cp" => Direction::FromCsms,
            _ => return None,
        };
        Some(Self { version, requests })
    }
}

/// An envelope while it is read.
#[derive(Debug, Default)]
struct Envelope {
    open: Vec<Element>,
    /// Prefixes bound to a service, each with the number of elements around the one that binds it.
    services: Vec<(usize, String, Service)>,
    charge_point: Option<String>,
    action: Option<String>,
    id: Option<String>,
    relates_to: Option<String>,
    /// The service of the header's identity.
    header: Option<Service>,
    /// The service of the body.
    service: Option<Service>,
    body: Option<(String, String)>,
    refusal: Refusal,
}

#[derive(Debug, Default)]
struct Refusal {
    code: Option<String>,
    subcode: Option<String>,
    reason: Option<String>,
    detail: Option<String>,
}

impl Envelope {
    /// Takes the next event; false behind the envelope's end.
    fn take(&mut self, event: &Event<'_>) -> Result<bool, Fault> {
        match event {
            Event::Start(start) => self.start(start)?,
            Event::End(_) => {
                self.end();
                return Ok(!self.open.is_empty());
            }
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(reference)?,
            Event::DocType(_) => return Err((Reason::XmlDtd, "a document type")),
            Event::Eof => return Err((Reason::XmlTruncated, "the text ends before the envelope does")),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        Ok(true)
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Fault> {
        let known = match reference.resolve_char_ref() {
            Ok(Some(letter)) => Some(letter),
            Ok(None) => predefined(&reference.xml10_content()),
            Err(_) => return Err((Reason::XmlSyntax, "a reference to no character")),
        };
        let letter = known.ok_or((Reason::XmlDtd, "an entity that a document type would have to declare"))?;
        self.text(letter.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        let name = start.local_name().into_inner();
        let depth = self.open.len();
        if depth == 0 && name != "Envelope" {
            return Err((Reason::XmlSyntax, "the first element is no envelope"));
        }
        if depth >= DEEPEST {
            return Err((Reason::XmlDepth, "more than 128 elements are open"));
        }
        let mut element = Element { name: name.to_owned(), ..Element::default() };
        for attribute in start.attributes().with_checks(false) {
            let Ok(attribute) = attribute else {
                return Err((Reason::XmlSyntax, "an attribute is broken"));
            };
            let key = attribute.key.into_inner();
            let value = plain(&attribute.value)?;
            if let Some(prefix) = key.strip_prefix("xmlns") {
                // Only envelope, header or body, and their children can name the service.
                if depth < 3
                    && let Some(service) = Service::of(&value)
                {
                    self.services.push((depth, prefix.trim_start_matches(':').to_owned(), service));
                }
            } else if key.ends_with(":nil") {
                element.nil = value == "true" || value == "1";
            } else if name == "value" && !key.contains(':') {
                element.attributes.push((key.to_owned(), value));
            }
        }
        if depth == 2 {
            let prefix = start.name().prefix().map_or("", quick_xml::name::Prefix::into_inner);
            let service =
                self.services.iter().rev().find(|(_, bound, _)| bound == prefix).map(|&(_, _, service)| service);
            match self.open[1].name.as_str() {
                "Body" => self.service = self.service.or(service),
                _ if name.eq_ignore_ascii_case("chargeBoxIdentity") => self.header = service,
                _ => {}
            }
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        let depth = self.open.len();
        self.services.retain(|&(bound, _, _)| bound < depth);
        let Some(around) = self.open.last() else { return };
        let version = self.service.or(self.header).map(|service| service.version);
        match (depth, self.open.get(1).map(|region| region.name.as_str())) {
            (2, Some("Header")) => self.header_field(&element),
            (2, Some("Body")) if self.body.is_none() => {
                let payload = element.object(version);
                self.body = Some((element.name, payload));
            }
            (3.., Some("Body")) => {
                let json = element.json(&around.name, version);
                if self.open[2].name == "Fault" {
                    self.refusal.field(&around.name, &element, &json);
                }
                if let Some(around) = self.open.last_mut() {
                    around.children.push((element.name, json));
                }
            }
            _ => {}
        }
    }

    fn header_field(&mut self, element: &Element) {
        let text = element.text.trim();
        if text.is_empty() {
            return;
        }
        let slot = match element.name.as_str() {
            "MessageID" => &mut self.id,
            "RelatesTo" => &mut self.relates_to,
            "Action" => &mut self.action,
            name if name.eq_ignore_ascii_case("chargeBoxIdentity") => &mut self.charge_point,
            _ => return,
        };
        slot.get_or_insert_with(|| text.to_owned());
    }

    fn finish(self) -> Result<SoapMessage, Defect> {
        let refuse = |reason, detail: String| Err(Defect { reason, detail });
        let Some((name, body)) = self.body else {
            return refuse(Reason::ActionInvalid, "the body is empty".to_owned());
        };
        let (kind, action) = match name.as_str() {
            "Fault" => (Kind::Error, None),
            _ => match operation(&name).or_else(|| self.action.as_deref().and_then(addressed)) {
                Some((kind, action)) => (kind, Some(action)),
                None => return refuse(Reason::ActionInvalid, "the body is neither request nor answer".to_owned()),
            },
        };
        let service = self.service.or(self.header);
        if service.is_none() && action.as_deref().is_some_and(|action| Action::from_name(action) == Action::UNKNOWN) {
            return refuse(Reason::ActionInvalid, "neither namespace nor operation is OCPP's".to_owned());
        }
        let id = if kind == Kind::Call { self.id } else { self.relates_to };
        if let Some(id) = id.as_deref().filter(|id| id.len() > LONGEST_ID) {
            return refuse(Reason::IdTooLong, format!("{} bytes", id.len()));
        }
        let direction = service.map(|service| match kind {
            Kind::Call => service.requests,
            _ => service.requests.opposite(),
        });
        let fault = kind == Kind::Error;
        Ok(SoapMessage {
            kind,
            action,
            version: service.map(|service| service.version),
            direction,
            charge_point: self.charge_point,
            id,
            payload: if fault { self.refusal.detail.unwrap_or_default() } else { body },
            error_code: self.refusal.subcode.or(self.refusal.code),
            error_description: self.refusal.reason,
        })
    }
}

impl Refusal {
    /// Takes an element of a fault: SOAP 1.2 part 1 §5.4, SOAP 1.1 §4.4.
    fn field(&mut self, around: &str, element: &Element, json: &str) {
        let text = element.text.trim();
        let (slot, text) = match (around, element.name.as_str()) {
            ("Code", "Value") | ("Fault", "faultcode") => (&mut self.code, without_prefix(text)),
            ("Subcode", "Value") => (&mut self.subcode, without_prefix(text)),
            ("Reason", "Text") | ("Fault", "faultstring") => (&mut self.reason, text),
            ("Fault", "Detail" | "detail") if !element.children.is_empty() => (&mut self.detail, json),
            _ => return,
        };
        if !text.is_empty() {
            slot.get_or_insert_with(|| text.to_owned());
        }
    }
}

fn without_prefix(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// `bootNotificationResponse` is the answer to `BootNotification`.
fn operation(name: &str) -> Option<(Kind, String)> {
    let (kind, stem) = match (name.strip_suffix("Request"), name.strip_suffix("Response")) {
        (Some(stem), _) => (Kind::Call, stem),
        (_, Some(stem)) => (Kind::Result, stem),
        _ => return None,
    };
    pascal(stem).map(|action| (kind, action))
}

/// The same from WS-Addressing: `/BootNotification`, and `/BootNotificationResponse` for its answer.
fn addressed(action: &str) -> Option<(Kind, String)> {
    let last = action.rsplit('/').next()?;
    let (kind, stem) = match last.strip_suffix("Response") {
        Some(stem) => (Kind::Result, stem),
        None => (Kind::Call, last),
    };
    pascal(stem).map(|action| (kind, action))
}

fn pascal(stem: &str) -> Option<String> {
    let first = stem.chars().next().filter(char::is_ascii_alphabetic)?;
    (stem.len() <= 64).then(|| format!("{}{}", first.to_ascii_uppercase(), &stem[1..]))
}

/// The five entities that need no declaration.
fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "apos" => '\'',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        _ => return None,
    })
}

/// An attribute's value with its references resolved.
fn plain(value: &str) -> Result<String, Fault> {
    use quick_xml::escape::{EscapeError, unescape};
    match unescape(value) {
        Ok(value) => Ok(value.into_owned()),
        Err(EscapeError::UnrecognizedEntity(..)) => {
            Err((Reason::XmlDtd, "an entity that a document type would have to declare"))
        }
        Err(_) => Err((Reason::XmlSyntax, "a broken reference in an attribute")),
    }
}

#[cfg(test)]
mod tests;
