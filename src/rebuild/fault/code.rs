//! Error codes of vendors and MREC, the minimum required error codes of the `ChargeX` consortium (CX001 to CX026).

/// The codes by their number.
const CODES: [&str; 26] = [
    "CX001", "CX002", "CX003", "CX004", "CX005", "CX006", "CX007", "CX008", "CX009", "CX010", "CX011", "CX012",
    "CX013", "CX014", "CX015", "CX016", "CX017", "CX018", "CX019", "CX020", "CX021", "CX022", "CX023", "CX024",
    "CX025", "CX026",
];

/// The codes of OCPP 1.6 (§7.6) that are MREC codes by another name.
const NATIVE: [(&str, usize); 7] = [
    ("ConnectorLockFailure", 1),
    ("GroundFailure", 2),
    ("HighTemperature", 3),
    ("OverCurrentFailure", 4),
    ("OverVoltage", 5),
    ("UnderVoltage", 6),
    ("WeakSignal", 7),
];

/// The vendor whose codes come as lists with one text for each.
const EVGO: &str = "com.evgo.mrec";

/// The MREC code that an error stands for: the vendor's code says it, or the free text, or OCPP's own code means it.
pub(super) fn mrec(vendor_code: Option<&str>, info: Option<&str>, error_code: Option<&str>) -> Option<&'static str> {
    let native = || {
        let code = error_code?;
        NATIVE.iter().find(|(name, _)| name.eq_ignore_ascii_case(code)).map(|&(_, number)| CODES[number - 1])
    };
    vendor_code.and_then(written).or_else(|| info.and_then(written)).or_else(native)
}

/// The first MREC code that a text has as a word of its own.
fn written(text: &str) -> Option<&'static str> {
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.find_map(|word| CODES.iter().copied().find(|code| code.eq_ignore_ascii_case(word)))
}

/// The vendor's codes of one report, each with its text. Only where a vendor is known to send lists is a comma more
/// than a letter.
pub(super) fn codes<'a>(
    vendor: Option<&str>,
    code: Option<&'a str>,
    info: Option<&'a str>,
) -> Vec<(Option<&'a str>, Option<&'a str>)> {
    let listed = code.filter(|code| code.contains(',') && vendor.is_some_and(|id| id.eq_ignore_ascii_case(EVGO)));
    let Some(list) = listed else { return vec![(code, info)] };
    let texts: Vec<&str> = info.unwrap_or_default().split(',').map(str::trim).collect();
    let codes: Vec<&str> = list.split(',').map(str::trim).filter(|code| !code.is_empty()).collect();
    // A text that is no list of the same length belongs to all of them.
    let text = |at: usize| if texts.len() == codes.len() { Some(texts[at]) } else { info };
    codes.iter().enumerate().map(|(at, &code)| (Some(code), text(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_where_it_is_written_and_else_by_its_meaning() {
        assert_eq!(mrec(Some("CX014"), None, Some("OtherError")), Some("CX014"));
        assert_eq!(mrec(Some("0x1F"), Some("pilot fault (cx014)"), Some("OtherError")), Some("CX014"));
        assert_eq!(mrec(None, None, Some("GroundFailure")), Some("CX002"));
        assert_eq!(mrec(Some("CX027"), Some("CX0141"), Some("OtherError")), None);
    }

    #[test]
    fn lists_are_taken_apart_only_for_the_vendor_that_sends_them() {
        let list = (Some("F001,F003"), Some("1.11,5.00"));
        assert_eq!(
            codes(Some("com.evgo.mrec"), list.0, list.1),
            [(Some("F001"), Some("1.11")), (Some("F003"), Some("5.00"))]
        );
        assert_eq!(codes(Some("other"), list.0, list.1), [list]);
        assert_eq!(
            codes(Some("com.evgo.mrec"), list.0, Some("hot")),
            [(Some("F001"), Some("hot")), (Some("F003"), Some("hot"))]
        );
    }
}
