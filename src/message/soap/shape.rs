//! What the schemas say about elements: which are numbers, which may repeat (WSDLs of OCPP 1.2, 1.5 and 1.6).
//!
//! XML writes `<connectorId>1</connectorId>` for text and number alike, and one list entry like a single field. With
//! these lists a body becomes the JSON that the same message has in 1.6-J, so one reader is enough for both.

use crate::json::write_string;
use crate::term::Version;
use std::collections::BTreeMap;

/// Whole numbers, wherever they stand.
const INTEGERS: &[&str] = &[
    "chargingProfileId",
    "connectorId",
    "duration",
    "heartbeatInterval",
    "interval",
    "listVersion",
    "meterStart",
    "meterStop",
    "numberPhases",
    "reservationId",
    "retries",
    "retryInterval",
    "stackLevel",
    "startPeriod",
    "transactionId",
];

/// Decimal numbers.
const DECIMALS: &[&str] = &["limit", "minChargingRate"];

/// Elements that may repeat: the element around them (any, if empty) and their name.
const LISTS: &[(&str, &str)] = &[
    ("", "chargingSchedulePeriod"),
    ("", "configurationKey"),
    ("getConfigurationRequest", "key"),
    ("", "localAuthorisationList"),
    ("", "localAuthorizationList"),
    ("", "meterValue"),
    ("", "sampledValue"),
    ("", "transactionData"),
    ("", "unknownKey"),
    ("", "values"),
];

/// An element whose end has been read.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// The name without its prefix.
    pub(super) name: String,
    /// The characters in it.
    pub(super) text: String,
    /// The elements in it, each as JSON.
    pub(super) children: Vec<(String, String)>,
    /// Attributes without a prefix, on a sampled value of 1.5.
    pub(super) attributes: Vec<(String, String)>,
    /// Whether it says that it has no value (`xsi:nil`).
    pub(super) nil: bool,
}

impl Element {
    /// The element as JSON, where `parent` is the name of the element around it.
    pub(super) fn json(&self, parent: &str, version: Option<Version>) -> String {
        if self.nil {
            return "null".to_owned();
        }
        if !self.children.is_empty() {
            return self.object(version);
        }
        let text = self.text.trim();
        if self.name == "value" && parent == "values" {
            return sampled(text, &self.attributes, version);
        }
        let name = self.name.as_str();
        let number = INTEGERS.contains(&name) && is_integer(text)
            || DECIMALS.contains(&name) && is_decimal(text)
            || name == "id" && parent == "clearChargingProfileRequest" && is_integer(text);
        if number || name == "readonly" && matches!(text, "true" | "false") {
            return text.to_owned();
        }
        quoted(text)
    }

    /// The element as a JSON object, an empty one if nothing is in it.
    pub(super) fn object(&self, version: Option<Version>) -> String {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut fields: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, value) in &self.children {
            let place = *places.entry(name).or_insert_with(|| {
                fields.push((name, Vec::new()));
                fields.len() - 1
            });
            fields[place].1.push(value);
        }
        let mut json = String::from("{");
        for (name, values) in fields {
            if json.len() > 1 {
                json.push(',');
            }
            json.push_str(&quoted(name));
            json.push(':');
            if values.len() > 1 || self.may_repeat(name, version) {
                json.push('[');
                json.push_str(&values.join(","));
                json.push(']');
            } else {
                json.push_str(values[0]);
            }
        }
        json.push('}');
        json
    }

    fn may_repeat(&self, child: &str, version: Option<Version>) -> bool {
        // In 1.2 a meter value is a time and one number; from 1.5 on it has a list of samples.
        let samples = child == "value" && self.name == "values" && version != Some(Version::V12);
        samples || LISTS.iter().any(|&(parent, name)| name == child && (parent.is_empty() || parent == self.name))
    }
}

/// A sampled value: a number in 1.2, text with attributes in 1.5.
fn sampled(text: &str, attributes: &[(String, String)], version: Option<Version>) -> String {
    if version == Some(Version::V12) && attributes.is_empty() && is_decimal(text) {
        return text.to_owned();
    }
    let mut json = format!("{{\"value\":{}", quoted(text));
    for (name, value) in attributes {
        json.push(',');
        json.push_str(&quoted(name));
        json.push(':');
        json.push_str(&quoted(value));
    }
    json.push('}');
    json
}

/// Whether a text is a whole number as JSON writes it; what is not stays text.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    !digits.is_empty() && !leading_zero && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a decimal number as JSON writes it.
fn is_decimal(text: &str) -> bool {
    match text.split_once('.') {
        Some((whole, fraction)) => {
            is_integer(whole) && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => is_integer(text),
    }
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    write_string(&mut json, text);
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_json_calls_a_number_becomes_one() {
        for text in ["0", "-7", "120500"] {
            assert!(is_integer(text), "{text}");
        }
        for text in ["", "-", "?", "007", "+5", "1.5", "1e3", "٣"] {
            assert!(!is_integer(text), "{text}");
        }
        assert!(is_decimal("-0.5") && is_decimal("32") && !is_decimal("1.") && !is_decimal(".5"));
    }
}
