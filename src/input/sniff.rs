//! Is it text? Decided from the first bytes, before any line is cut.

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

const COMPRESSED: [(&[u8], &str); 7] = [
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x9d", "compress"),
];

/// Why `head` is not text that can be read, and what it looks like.
pub(super) fn refuse(head: &[u8]) -> Option<(Reason, String)> {
    for (magic, what) in BINARY {
        if head.starts_with(magic) {
            return Some((Reason::Binary, format!("this is {what}")));
        }
    }
    for (magic, what) in COMPRESSED {
        // `BZh` alone may begin a line of text: a digit and the first block's mark follow in a bzip2 file.
        let sure = magic != b"BZh" || head.get(4..7) == Some(b"1AY");
        if sure && head.starts_with(magic) {
            return Some((Reason::UnsupportedCompression, format!("{what}: unpack it, or use gzip or zstd")));
        }
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || alternating(head) {
        return Some((Reason::EncodingSuspected, "UTF-16: convert it to UTF-8".to_owned()));
    }
    let (stray, control) = suspicious(head);
    if stray * 100 > head.len() || control * 10 > head.len() {
        return Some((Reason::Binary, "this is not text".to_owned()));
    }
    None
}

/// Whether nearly every second byte is NUL, as in UTF-16 without a mark.
fn alternating(head: &[u8]) -> bool {
    let nuls = |parity: usize| head.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let half = head.len() / 2;
    half >= 4 && even.max(odd) * 10 >= half * 6 && even.min(odd) * 10 <= half
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
        refuse(head).map(|(reason, _)| reason)
    }

    #[test]
    fn files_of_other_kinds_are_named() {
        assert_eq!(reason(b"\x7fELF\x02\x01"), Some(Reason::Binary));
        assert_eq!(reason(b"PK\x03\x04rest"), Some(Reason::UnsupportedCompression));
        assert_eq!(reason(b"BZh91AY&SY"), Some(Reason::UnsupportedCompression));
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
    fn utf_16_is_suspected_with_and_without_its_mark() {
        let wide: Vec<u8> = "[2,\"1\",\"Heartbeat\",{}]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(reason(&wide), Some(Reason::EncodingSuspected));
        let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(wide).collect();
        assert_eq!(reason(&marked), Some(Reason::EncodingSuspected));
    }
}
