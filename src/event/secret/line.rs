//! Secrets in text that was not understood: masked before it is kept.
//!
//! Before the rest comes what stands in the words around frames, not in them: signed queries and headers.

use super::masked;
use regex::Regex;
use std::sync::OnceLock;

/// Patterns that end with a secret: user names and passwords in URLs, signed queries, authorization headers.
#[expect(clippy::expect_used, reason = "a pattern of ours that cannot be read must not let secrets pass")]
fn patterns() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        [
            r"(?P<keep>://)[^/@\s]+@",
            r#"(?i)(?P<keep>(?:x-amz-signature|sig|token|key|password)=)[^&\s"\\]+"#,
            r"(?i)(?P<keep>authorization\W{1,5}(?:basic|bearer)\s+)[a-z0-9._~+/=-]+",
        ]
        .iter()
        .map(|pattern| Regex::new(pattern).expect("the pattern is one"))
        .collect()
    })
}

/// The text with its secrets replaced by `***`.
#[must_use]
pub fn masked_line(text: &str) -> String {
    let mut clean = text.to_owned();
    for pattern in patterns() {
        if pattern.is_match(&clean) {
            clean = pattern.replace_all(&clean, "${keep}***").into_owned();
        }
    }
    masked(&clean).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(patterns().len(), 3);
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
            assert!(!masked_line(text).contains("CANARY"), "{}", masked_line(text));
        }
        assert_eq!(masked_line("plain [2,\"1\"]"), "plain [2,\"1\"]");
    }
}
