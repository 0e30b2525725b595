//! Secrets in text that was not understood: masked before it is kept.
//!
//! What the tables show is masked by [`crate::event::masked`]; here come the patterns of signed queries and of headers,
//! which stand in the words around frames, not in them.

use regex::Regex;
use std::sync::OnceLock;

/// Patterns whose last group is a secret: user names and passwords in URLs, signed queries, authorization headers,
/// and values of keys that are passwords by their name.
#[expect(clippy::expect_used, reason = "a pattern of ours that cannot be read must not let secrets pass")]
fn patterns() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        [
            r"(?P<keep>://)[^/@\s]+@",
            r#"(?i)(?P<keep>(?:x-amz-signature|sig|token|key|password)=)[^&\s"\\]+"#,
            r"(?i)(?P<keep>authorization\W{1,5}(?:basic|bearer)\s+)[a-z0-9._~+/=-]+",
            r#"(?i)(?P<keep>"(?:authorizationkey|[a-z]*password|[a-z]*secret|simpin)\\?"\s*:\s*\\?")[^"\\]*"#,
            r#"(?i)(?P<keep>"(?:authorizationkey|[a-z]*password|[a-z]*secret)\\?"\s*,\s*\\?"value\\?"\s*:\s*\\?")[^"\\]*"#,
        ]
        .iter()
        .map(|pattern| Regex::new(pattern).expect("the pattern is one"))
        .collect()
    })
}

/// The text with its secrets replaced by `***`.
pub(super) fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    for pattern in patterns() {
        if pattern.is_match(&masked) {
            masked = pattern.replace_all(&masked, "${keep}***").into_owned();
        }
    }
    crate::event::masked(&masked).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(patterns().len(), 5);
    }

    #[test]
    fn secrets_do_not_survive() {
        for text in [
            r#"[2,"1","UpdateFirmware",{"location":"ftp://user:CANARY@host/fw"#,
            r#"[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"CANARY"#,
            r#"{"basicAuthPassword":"CANARY","x":1"#,
            r#"{\"basicAuthPassword\":\"CANARY\""#,
            r#"[2,"1","ChangeConfiguration",{"key":"SimPIN","value":"CANARY"#,
            r#"{"getVariableResult":[{"variable":{"name":"ApiToken"},"attributeValue":"CANARY"#,
            "https://h/fw?X-Amz-Signature=CANARY&a=b",
            "Authorization: Basic CANARY==",
        ] {
            assert!(!mask(text).contains("CANARY"), "{}", mask(text));
        }
        assert_eq!(mask("plain [2,\"1\"]"), "plain [2,\"1\"]");
    }
}
