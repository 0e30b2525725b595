//! By which names secrets are known.

/// Parts of the names of settings and fields that hold secrets, in lower case. A blank stands where a separator may.
pub(super) const SECRET_WORDS: [&str; 16] = [
    "authorization key",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "psk",
    "api key",
    "credential",
    "private key",
    "access key",
    "apn user",
    "vpn user",
    "vpn key",
    "cookie",
    "sim pin",
];

/// Fields that name drivers, not keys: they have `token` in their names.
const IDENTITIES: [&str; 8] = [
    "idtoken",
    "additionalidtoken",
    "groupidtoken",
    "idtokeninfo",
    "tokentype",
    "idtokentype",
    "parentidtoken",
    "idtokens",
];

/// Whether a setting of this name holds a secret: `AuthorizationKey`, `BasicAuthPassword`, `SimPIN` and their like.
#[must_use]
pub fn names_secret(name: &str) -> bool {
    let plain = plain_name(name);
    SECRET_WORDS.iter().any(|word| contains(&plain, word)) || names_pin(name)
}

/// Whether a field of this name holds a secret: as a setting would, but for the tokens that name drivers.
pub(super) fn field_is_secret(name: &str) -> bool {
    names_secret(name) && !IDENTITIES.contains(&plain_name(name).as_str())
}

/// A pattern of the words but for some of them.
pub(super) fn any_word(but: &[&str]) -> String {
    let words = SECRET_WORDS.iter().filter(|word| !but.contains(word));
    words.map(|word| word.replace(' ', "[_-]?")).collect::<Vec<_>>().join("|")
}

/// Whether a plain name contains a word of the list.
fn contains(plain: &str, word: &str) -> bool {
    match word.split_once(' ') {
        Some((first, second)) => {
            plain.match_indices(first).any(|(at, _)| plain[at + first.len()..].starts_with(second))
        }
        None => plain.contains(word),
    }
}

/// A name without case and separators: `API-Key`, `api_key` and `apiKey` are one.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a name has the word PIN in it, in any spelling, and not only its letters: `WebSocketPingInterval` has not.
fn names_pin(name: &str) -> bool {
    let bytes = name.as_bytes();
    let lower = name.to_ascii_lowercase();
    lower.match_indices("pin").any(|(at, _)| {
        let capital = bytes[at].is_ascii_uppercase();
        let begins = at == 0 || capital || !bytes[at - 1].is_ascii_alphabetic() || lower[..at].ends_with("sim");
        let ends =
            bytes.get(at + 3).is_none_or(|next| !next.is_ascii_lowercase()) || lower[at..].starts_with("pincode");
        begins && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_hold_secrets_are_known_by_their_names_and_others_are_not() {
        for name in [
            "AuthorizationKey",
            "BasicAuthPassword",
            "WIFI_PSK",
            "ClientSecret",
            "Api-Key",
            "AccessToken",
            "SimPIN",
            "simpin",
            "PinCode",
            "pin",
            "ApnUserName",
            "VpnKey",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in
            ["HeartbeatInterval", "WebSocketPingInterval", "PhaseMapping", "SupportedKeys", "Shipping", "SpinUp"]
        {
            assert!(!names_secret(name), "{name}");
        }
    }
}
