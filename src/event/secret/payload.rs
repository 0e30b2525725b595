//! Secrets in arguments of the CSMS: masked before anything is kept (reliability §8, decision 17).
//!
//! A payload is copied value by value without blanks; what is a secret becomes `***`. Identities of drivers are no
//! secrets: `transactions` shows the same tokens.

use super::names::{field_is_secret, names_secret, plain_name};
use super::{MASK, masked};
use crate::event::field::without_credentials;
use crate::json::{Scan, Scanner, Value, write_string};

/// The payload as compact JSON without its secrets; none if it is no JSON.
pub(in crate::event) fn masked_payload(payload: &str) -> Option<String> {
    let mut out = String::with_capacity(payload.len());
    let mut scanner = Scanner::new(payload);
    value(&mut scanner, &mut out, Place::default()).ok()?;
    scanner.end().ok()?;
    Some(out)
}

/// What is known about a value before it is read.
#[derive(Clone, Copy, Default)]
struct Place {
    /// It is a secret whatever it is.
    secret: bool,
    /// It is inside the settings of a virtual private network, where even plain words are secrets (2.0.1 `VPNType`).
    vpn: bool,
}

fn value(scanner: &mut Scanner<'_>, out: &mut String, place: Place) -> Scan<()> {
    match scanner.peek() {
        Some(b'{') if !place.secret => object(scanner, out, place),
        Some(b'[') if !place.secret => {
            out.push('[');
            let mut first = true;
            scanner.array(|scanner| {
                separate(out, &mut first);
                value(scanner, out, place)
            })?;
            out.push(']');
            Ok(())
        }
        _ => {
            match scanner.value()? {
                Value::Null => out.push_str("null"),
                _ if place.secret => write_string(out, MASK),
                Value::Bool(truth) => out.push_str(if truth { "true" } else { "false" }),
                Value::Text(text) => write_string(out, &text_without_secrets(&text.decode())),
                Value::Number(text) | Value::Object(text) | Value::Array(text) => out.push_str(text),
            }
            Ok(())
        }
    }
}

fn object(scanner: &mut Scanner<'_>, out: &mut String, place: Place) -> Scan<()> {
    // The name of a setting may stand behind its value.
    let names_a_secret = setting(scanner.clone())?;
    out.push('{');
    let mut first = true;
    scanner.object(|scanner, key| {
        separate(out, &mut first);
        let name = key.decode();
        write_string(out, &name);
        out.push(':');
        let holds = name.eq_ignore_ascii_case("value") || name.eq_ignore_ascii_case("attributeValue");
        let vpn = place.vpn || name.eq_ignore_ascii_case("vpn");
        let in_vpn = place.vpn && ["key", "user", "password"].iter().any(|word| name.eq_ignore_ascii_case(word));
        let secret = (names_a_secret && holds) || in_vpn || is_secret_field(&name);
        value(scanner, out, Place { secret, vpn })
    })?;
    out.push('}');
    Ok(())
}

fn separate(out: &mut String, first: &mut bool) {
    if !std::mem::take(first) {
        out.push(',');
    }
}

/// Whether an object is a setting whose name says that its value is a secret: `key` in 1.x, `variable.name` in 2.x.
fn setting(mut scanner: Scanner<'_>) -> Scan<bool> {
    let mut secret = false;
    scanner.object(|scanner, key| {
        match key.decode().as_ref() {
            "key" => {
                if let Value::Text(text) = scanner.value()? {
                    secret |= names_secret(&text.decode());
                }
            }
            "variable" if scanner.peek() == Some(b'{') => scanner.object(|scanner, key| {
                let value = scanner.value()?;
                if let (Value::Text(text), "name" | "instance") = (value, key.decode().as_ref()) {
                    secret |= names_secret(&text.decode());
                }
                Ok(())
            })?,
            _ => scanner.skip()?,
        }
        Ok(())
    })?;
    Ok(secret)
}

/// Whether a field of this name holds a secret or a certificate in any message.
fn is_secret_field(name: &str) -> bool {
    const CERTIFICATES: [&str; 6] =
        ["certificate", "certificatechain", "cert", "csr", "exirequest", "signingcertificate"];
    field_is_secret(name) || CERTIFICATES.contains(&plain_name(name).as_str())
}

/// A text without credentials in its URLs, keys, headers and, where it is JSON itself, in its fields.
fn text_without_secrets(text: &str) -> String {
    if text.trim_start().starts_with(['{', '[']) {
        if let Some(inner) = masked_payload(text) {
            return inner;
        }
        // Cut or damaged JSON cannot be told apart field by field.
        let lower = plain_name(text);
        if names_secret(&lower) || lower.contains("certificate") {
            return MASK.to_owned();
        }
    }
    let lower = text.to_ascii_lowercase();
    let header = lower.contains("authorization:") || lower.contains("basic ") || lower.contains("bearer ");
    if text.contains("-----BEGIN") || header {
        return MASK.to_owned();
    }
    if !text.contains("://") {
        return masked(text).into_owned();
    }
    let mut clean = String::with_capacity(text.len());
    for piece in text.split_inclusive(|letter: char| letter.is_whitespace()) {
        let word = piece.trim_end();
        if word.contains("://") {
            clean.push_str(&without_credentials(word));
            clean.push_str(&piece[word.len()..]);
        } else {
            clean.push_str(piece);
        }
    }
    masked(&clean).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_survives() {
        for payload in [
            r#"{"key":"AuthorizationKey","value":"CANARY"}"#,
            r#"{"value":"CANARY","key":"authorizationKEY"}"#,
            r#"{"key":"Api-Key","value":{"deep":["CANARY"]}}"#,
            r#"{"setVariableData":[{"attributeValue":"CANARY","component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]}"#,
            r#"{"connectionData":{"ocppCsmsUrl":"wss://u:CANARY@h/x","basicAuthPassword":"CANARY","apn":{"apnPassword":"CANARY","apnUserName":"CANARY","simPin":123456},"vpn":{"server":"s","user":"CANARY","password":"CANARY","key":"CANARY"}}}"#.replace("123456", "\"CANARY\"").as_str(),
            r#"{"certificateType":"V2GRootCertificate","certificate":"-----BEGIN CERTIFICATE-----\nCANARY"}"#,
            r#"{"certificateChain":"CANARY"}"#,
            r#"{"location":"sftp://u:CANARY@h/x?X-Amz-Signature=CANARY#CANARY"}"#,
            r#"{"message":{"content":"see ftp://u:CANARY@h and https://h/?sig=CANARY now"}}"#,
            r#"{"key":"Proxy","value":"Authorization: Bearer CANARY"}"#,
            r#"{"key":"Cfg","value":"{\"password\":\"CANARY\"}"}"#,
            r#"{"key":"Cfg","value":"{\"password\":\"CANARY"}"#,
            "{\"pass\\u0077ord\":\"CANARY\"}",
        ] {
            let clean = masked_payload(payload).unwrap();
            assert!(!clean.contains("CANARY"), "{clean}");
            assert!(clean.contains(MASK), "{clean}");
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_was_written() {
        for payload in [
            r#"{"idTag":"TAG-A","connectorId":1,"x":[1.50,true,null,{}]}"#,
            r#"{"key":"HeartbeatInterval","value":"300"}"#,
            r#"{"certificateHashData":{"hashAlgorithm":"SHA256","serialNumber":"1"}}"#,
            r#"{"key":"Url","value":"wss://host/ocpp"}"#,
        ] {
            assert_eq!(masked_payload(payload).as_deref(), Some(payload));
        }
        assert_eq!(masked_payload(r#"{ "type" : "Soft" }"#).as_deref(), Some(r#"{"type":"Soft"}"#));
        assert_eq!(masked_payload("{"), None);
    }
}
