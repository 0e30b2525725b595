//! Where a frame begins in a text.

use memchr::memchr;

/// What the first thing that looks like a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `[2,"…`: a frame as it went over the wire.
    Raw,
    /// `[2,\"…` or `[2,""…`: a frame inside a string of JSON, logfmt or CSV.
    Escaped,
}

/// The first raw frame in `text` from `from` on.
pub(super) fn raw(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    while let Some((found, shape)) = any(text, at) {
        if shape == Shape::Raw {
            return Some(found);
        }
        at = found + 1;
    }
    None
}

/// The first frame in `text` from `from` on, whatever its shape.
pub(super) fn any(text: &str, from: usize) -> Option<(usize, Shape)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr(b'[', rest)) {
        let bracket = at + found;
        if let Some(shape) = shape(&bytes[bracket + 1..]) {
            return Some((bracket, shape));
        }
        at = bracket + 1;
    }
    None
}

/// Where a value begins that the end of the line leaves open before anything of it tells a frame: `{`, `[`, `[2`, `[2,`.
pub(super) fn open_value(line: &str) -> Option<usize> {
    let trimmed = line.trim_ascii_end();
    let last = trimmed.len().checked_sub(1)?;
    match trimmed.as_bytes()[last] {
        b'{' | b'[' => Some(last),
        b'2'..=b'6' | b',' => {
            let at = memchr::memrchr(b'[', &trimmed.as_bytes()[last.saturating_sub(8)..])? + last.saturating_sub(8);
            let inside = trimmed[at + 1..].trim_ascii();
            let inside = inside.strip_suffix(',').map_or(inside, str::trim_ascii);
            matches!(inside.as_bytes(), [b'2'..=b'6']).then_some(at)
        }
        _ => None,
    }
}

/// Whether an array of this text as a whole value is a frame, also one whose type is written as `"2"` or `2.0`.
pub(super) fn is_frame_array(text: &str) -> bool {
    let Some(rest) = text.as_bytes().strip_prefix(b"[") else { return false };
    if is_odd(rest) {
        return true;
    }
    let ([b'"', b'0'..=b'9', b'"', odd @ ..] | [b'0'..=b'9', b'.', b'0', odd @ ..]) = skip_blanks(rest) else {
        return shape(rest) == Some(Shape::Raw);
    };
    skip_blanks(odd).strip_prefix(b",").is_some_and(|rest| skip_blanks(rest).first() == Some(&b'"'))
}

/// Whether a frame with an odd type may stand somewhere in a record.
pub(super) fn odd_anywhere(text: &str) -> bool {
    memchr::memchr_iter(b'[', text.as_bytes()).any(|at| is_frame_array(&text[at..]))
}

/// The first array in `text` that can only be meant as a frame, though its type is written as `"2"`, `2.0` or `-2`,
/// or its id is no text: what is behind these must be an action and an object, or an object.
pub(super) fn odd(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'[', text.as_bytes()).find(|at| is_odd(&text.as_bytes()[at + 1..]))
}

/// Whether what follows a bracket is the beginning of a frame with an odd type or id.
fn is_odd(rest: &[u8]) -> bool {
    odd_parts(rest).is_some()
}

fn odd_parts(rest: &[u8]) -> Option<()> {
    const LONGEST_KIND: usize = 8;
    const LONGEST_ID: usize = 260;
    let rest = skip_blanks(rest);
    let comma = memchr(b',', rest.get(..LONGEST_KIND).unwrap_or(rest))?;
    let (kind, rest) = (rest[..comma].trim_ascii_end(), skip_blanks(&rest[comma + 1..]));
    let plain = match kind {
        [b'2'..=b'6'] => true,
        [b'"', b'0'..=b'9', b'"'] | [b'-', b'0'..=b'9'] | [b'0'..=b'9', b'.', b'0'] => false,
        _ => return None,
    };
    let rest = if let Some(text) = rest.strip_prefix(b"\"").filter(|_| !plain) {
        let end = memchr(b'"', text.get(..LONGEST_ID).unwrap_or(text))?;
        &text[end + 1..]
    } else {
        [&b"null"[..], b"true", b"false"].iter().find_map(|word| rest.strip_prefix(*word))?
    };
    match skip_blanks(skip_blanks(rest).strip_prefix(b",")?) {
        [b'{', ..] => Some(()),
        [b'"', first, action @ ..] if first.is_ascii_alphabetic() => {
            let end = action.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let rest = skip_blanks(action[end..].strip_prefix(b"\"")?).strip_prefix(b",")?;
            skip_blanks(rest).starts_with(b"{").then_some(())
        }
        _ => None,
    }
}

/// The shape of what follows a bracket.
fn shape(rest: &[u8]) -> Option<Shape> {
    let rest = skip_blanks(rest);
    let (&kind, rest) = rest.split_first()?;
    if !kind.is_ascii_digit() {
        return None;
    }
    let rest = skip_blanks(rest).strip_prefix(b",")?;
    let rest = skip_blanks(rest);
    match rest {
        // An empty message id is followed by a comma; a quote of CSV by the id.
        [b'"', b'"', next, ..] if !matches!(next, b',' | b' ' | b'\t' | b']') => Some(Shape::Escaped),
        [b'"', ..] => Some(Shape::Raw),
        [b'\\', ..] => {
            let slashes = rest.iter().take_while(|&&byte| byte == b'\\').count();
            (rest.get(slashes) == Some(&b'"')).then_some(Shape::Escaped)
        }
        [b'0'..=b'9', ..] if (b'2'..=b'6').contains(&kind) => numeric_id(rest),
        _ => None,
    }
}

/// `[3,17,{…}]` or `[2,17,"Heartbeat",{}]`: without quotes round the id what follows must look like a frame too.
fn numeric_id(rest: &[u8]) -> Option<Shape> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = skip_blanks(&rest[digits..]).strip_prefix(b",")?;
    match skip_blanks(rest) {
        [b'"' | b'{', ..] => Some(Shape::Raw),
        [b'\\', b'"', ..] => Some(Shape::Escaped),
        _ => None,
    }
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_found_behind_brackets_that_are_none() {
        for text in [
            r#"[INFO ] [chargeBoxId=a] CALL [uuid, X] [2,"1","Heartbeat",{}]"#,
            r#"[[2, "1","#,
            r#"[0] [1,2,3] [ 3 , "1",{}]"#,
            r#"[3,"",{}]"#,
            "x [3,17,{}]",
            r#"x [2, 17 , "Heartbeat",{}]"#,
        ] {
            let at = raw(text, 0).unwrap();
            assert!(text[at + 1..].trim_start().starts_with(['2', '3']), "{text}");
        }
        for text in ["", "[", "[2", "[2,", "[2,3,4]", "[12,\"a\"]", "[2,1,[3", "[7,1,\"a\"]", "['2',\"\"]"] {
            assert_eq!(any(text, 0), None, "{text}");
        }
    }

    #[test]
    fn a_whole_array_may_have_an_odd_type_but_not_be_a_list_of_numbers() {
        for text in ["[\"2\",\"1\",", "[2.0 , \"1\"", "[ 3,\"1\"", "[3,1,{}]"] {
            assert!(is_frame_array(text), "{text}");
        }
        for text in ["", "[1,2,3]", "[\"2\",1]", "[2,1,3]", "[\"a\",\"b\"]", "{}", "[2,\\\"1"] {
            assert!(!is_frame_array(text), "{text}");
        }
    }

    #[test]
    fn an_odd_frame_is_one_only_if_all_behind_its_id_is() {
        for text in [
            r#"x ["2", "1", "Heartbeat", {}]"#,
            r#"x [2.0,"1","Heartbeat",{}]"#,
            r#"x [-2,"1","Heartbeat",{}]"#,
            r#"x [2,null,"Heartbeat",{}]"#,
            "x [3,false,{}]",
            r#"[1] ["3","1",{}]"#,
        ] {
            assert!(odd(text).is_some_and(|at| text[at..].len() > 8), "{text}");
        }
        for text in [
            "",
            "[",
            r#"["2","1""#,
            r#"["2","1","a"]"#,
            r#"[2,null,"x"]"#,
            "[12,null,{}]",
            r#"["é","1",{}]"#,
            "[1,null,{}",
        ] {
            assert_eq!(odd(text), None, "{text}");
        }
    }

    #[test]
    fn an_escaped_frame_is_told_from_a_raw_one() {
        for text in [r#""[2,\"1\",\"Heartbeat\""#, r#""[2, ""1"", ""Heart"#, r#""[2,\\\"1\\\""#, r#"[3,1,\"x"#] {
            assert_eq!(any(text, 0).map(|(_, shape)| shape), Some(Shape::Escaped), "{text}");
            assert_eq!(raw(text, 0), None, "{text}");
        }
    }
}
