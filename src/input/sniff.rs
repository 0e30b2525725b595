//! Is it text? Decided from the first bytes, before any line is cut.

use super::codec::Kind;
use super::meter::Defect;
use crate::reject::Reason;

/// How many bytes are looked at.
pub(super) const SNIFF_BYTES: usize = 64 << 10;

const BINARY: [(&[u8], &str); 9] = [
    (b"\x7fELF", "an ELF program"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF-", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture: export it with tshark"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture: export it with tshark"),
];

const UNKNOWN: [(&[u8], &str); 4] = [
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x9d", "compress"),
    (b"\x02\x21\x4c\x18", "the old lz4 format"),
];

/// Whether a zip archive begins with `head`: a member, or the end where it has none.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// How many bytes tell a tar archive.
pub(super) const TAR_BYTES: usize = 512;

/// Whether a tar archive begins with `head`.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.len() >= TAR_BYTES && head[257..].starts_with(b"ustar")
}

/// Whether `head` is text that can be read; `outer` is the compression that it came out of.
pub(super) fn refuse(head: &[u8], outer: &str) -> Result<(), Defect> {
    let no = |reason, detail: String| Err(Defect { reason, detail });
    for (magic, what) in BINARY {
        if head.starts_with(magic) {
            return no(Reason::Binary, format!("this is {what}"));
        }
    }
    for (magic, what) in UNKNOWN {
        if head.starts_with(magic) {
            return no(Reason::UnsupportedCompression, format!("{what}: unpack it, or use gzip or zstd"));
        }
    }
    if is_zip(head) {
        return no(Reason::NestedArchive, format!("zip inside {outer}: unpack it once"));
    }
    if let Some(inner) = Kind::of(head) {
        let detail = format!("{} inside {outer}: unpack it once", inner.as_str());
        return no(Reason::UnsupportedCompression, detail);
    }
    if let Some(label) = alternating(head) {
        let detail = format!("it looks like UTF-16 without a mark: read it with encoding={label:?}");
        return no(Reason::EncodingSuspected, detail);
    }
    let (stray, control) = suspicious(head);
    if stray * 100 > head.len() || control * 10 > head.len() {
        return no(Reason::Binary, "this is not text".to_owned());
    }
    Ok(())
}

/// The encoding that nearly every second byte speaks for by being NUL: UTF-16 without a mark.
fn alternating(head: &[u8]) -> Option<&'static str> {
    let nuls = |parity: usize| head.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let half = head.len() / 2;
    let sure = half >= 4 && even.max(odd) * 10 >= half * 6 && even.min(odd) * 10 <= half;
    sure.then_some(if odd > even { "utf-16-le" } else { "utf-16-be" })
}

/// How many NUL bytes stand alone or in short runs, and how many other control bytes there are.
///
/// A long run of NULs is what a power loss leaves in a text file; short ones are numbers in a binary file.
fn suspicious(head: &[u8]) -> (usize, usize) {
    let (mut stray, mut control, mut run) = (0, 0, 0);
    for &byte in head {
        if byte == 0 {
            run += 1;
            continue;
        }
        if run < 16 {
            stray += run;
        }
        run = 0;
        control += usize::from(byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x08 | 0x0c | 0x1b));
    }
    (stray, control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(head: &[u8]) -> Option<Reason> {
        refuse(head, "none").err().map(|defect| defect.reason)
    }

    #[test]
    fn files_of_other_kinds_are_named() {
        assert_eq!(reason(b"\x7fELF\x02\x01"), Some(Reason::Binary));
        assert_eq!(reason(b"PK\x03\x04rest"), Some(Reason::NestedArchive));
        assert_eq!(reason(b"BZh91AY&SY"), Some(Reason::UnsupportedCompression));
        assert_eq!(reason(b"7z\xbc\xaf\x27\x1c\0"), Some(Reason::UnsupportedCompression));
        let words: Vec<u8> = (0..4000u32).flat_map(|word| (word * 7).to_le_bytes()).collect();
        assert_eq!(reason(&words), Some(Reason::Binary));
    }

    #[test]
    fn text_is_text_even_with_a_block_of_nuls() {
        assert_eq!(reason(b""), None);
        assert_eq!(reason(b"BZh is a line\n"), None);
        assert_eq!(reason("Ladepunkt \u{1b}[32mgrün\u{1b}[0m\r\n".as_bytes()), None);
        let mut text = b"[3,\"1\",{}]\n".repeat(100);
        text.extend([0; 4096]);
        text.extend(b"[3,\"2\",{}]\n".repeat(10));
        assert_eq!(reason(&text), None);
        assert_eq!(reason(&[0; 4096]), None);
    }

    #[test]
    fn utf_16_without_a_mark_is_suspected_and_the_way_to_read_it_told() {
        let units: Vec<u16> = "[2,\"1\",\"Heartbeat\",{}]\n".encode_utf16().collect();
        let little: Vec<u8> = units.iter().copied().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units.iter().copied().flat_map(u16::to_be_bytes).collect();
        for (wide, label) in [(little, "utf-16-le"), (big, "utf-16-be")] {
            let defect = refuse(&wide, "none").unwrap_err();
            assert_eq!(defect.reason, Reason::EncodingSuspected);
            assert!(defect.detail.contains(label), "{}", defect.detail);
        }
    }
}
