//! Any bytes may call themselves compressed. The first byte of an input tells what is done: read it as it stands, or
//! compress it and damage the result. However it is cut while it is read, the same lines come out.
#![no_main]

#[path = "../../tests/equations/mod.rs"]
mod equations;

use libfuzzer_sys::fuzz_target;
use ocpplog::input::{Finished, Input, Item, Opening, Piece, Status, behind_lines, discover};
use std::io::{Read, Write};

/// Gives one byte, then two, then three, as a slow pipe does.
struct Drops {
    bytes: Vec<u8>,
    at: usize,
    step: usize,
}

impl Read for Drops {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.step = self.step % 3 + 1;
        let count = self.step.min(out.len()).min(self.bytes.len() - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// What a visit of a source gave: the name, the bytes and the end of each item.
type Seen = Vec<(String, Vec<u8>, Finished)>;

fn visit(input: Input, chunk_bytes: usize) -> Seen {
    let source = discover(vec![input]).expect("bytes are there").pop().expect("one source");
    let mut seen = Seen::new();
    let mut take = |item: Item<'_>| {
        let Item { name, mut reading, .. } = item;
        let mut all = Vec::new();
        while let Some(piece) = reading.next_piece(behind_lines) {
            let Piece::Chunk(chunk) = piece else { continue };
            assert!(!chunk.bytes.is_empty(), "a piece of nothing");
            all.extend_from_slice(&chunk.bytes);
        }
        seen.push((name, all, reading.finish()));
        true
    };
    source.visit(Opening { chunk_bytes, ..Opening::default() }, &mut take).expect("bytes can be opened");
    seen
}

/// The bytes of all items, whatever their order.
fn texts(seen: &Seen) -> Vec<(&str, &[u8])> {
    let mut texts: Vec<_> = seen.iter().map(|(name, text, _)| (name.as_str(), text.as_slice())).collect();
    texts.sort_unstable();
    texts
}

fn pack(how: u8, text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match how % 8 {
        0 | 1 => {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            encoder.write_all(text).ok()?;
            encoder.finish().ok()
        }
        2 | 3 => zstd::encode_all(text, 1).ok(),
        4 => {
            bzip2::read::BzEncoder::new(text, bzip2::Compression::fast()).read_to_end(&mut out).ok()?;
            Some(out)
        }
        5 => {
            liblzma::read::XzEncoder::new(text, 0).read_to_end(&mut out).ok()?;
            Some(out)
        }
        6 => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(out);
            encoder.write_all(text).ok()?;
            encoder.finish().ok()
        }
        _ => {
            let mut archive = tar::Builder::new(out);
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            archive.append_data(&mut header, "a.log", text).ok()?;
            archive.into_inner().ok()
        }
    }
}

/// Flips, cuts, doubles or appends at a place that the input chose.
fn damage(packed: &mut Vec<u8>, how: u8, place: u8) {
    let at = usize::from(place) * packed.len().max(1) / 256;
    match how {
        0 => {}
        1 => packed[at] ^= 1 << (place % 8),
        2 => packed.truncate(at),
        3 => packed.extend_from_within(..),
        _ => packed.push(place),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let packed = match bytes {
        [how @ 0..40, place, text @ ..] => {
            let Some(mut packed) = pack(*how, text) else { return };
            damage(&mut packed, how / 8, *place);
            if how / 8 == 0 {
                let seen = visit(Input::Bytes { name: "x.log".to_owned(), data: packed.as_slice().into() }, 64);
                let refused = seen.iter().any(|(_, _, finished)| finished.status == Status::Skipped);
                let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
                let expected = marks.iter().find_map(|mark| text.strip_prefix(*mark)).unwrap_or(text);
                let found = seen.iter().any(|(_, out, _)| out == expected);
                // What was packed may be packed itself.
                assert!(refused || found || is_packed(text), "what was compressed is not what comes out");
            }
            packed
        }
        _ => bytes.to_vec(),
    };
    let whole = || Input::Bytes { name: "x.log".to_owned(), data: packed.as_slice().into() };
    let expected = visit(whole(), 1 << 20);
    for chunk in [1, 7, 64] {
        assert_eq!(texts(&visit(whole(), chunk)), texts(&expected), "pieces of {chunk} bytes differ");
    }
    let [(_, known, finished)] = expected.as_slice() else { return };
    let drops = Drops { bytes: packed.clone(), at: 0, step: 0 };
    let slow = visit(Input::Reader { name: "x.log".to_owned(), reader: Box::new(drops) }, 64);
    let [(_, slow, slowly)] = slow.as_slice() else { panic!("a slow pipe holds more") };
    // Where data is damaged, how much is known before depends on how it came: one of both knows more lines, never others.
    if finished.status == Status::Whole {
        assert_eq!(slowly.status, Status::Whole, "a slow pipe ends otherwise");
        assert!(slow == known, "a slow pipe gives other bytes");
    } else {
        assert_ne!(slowly.status, Status::Whole, "a slow pipe sees no damage");
        assert!(slow.starts_with(known) || known.starts_with(slow), "a slow pipe gives other bytes");
    }
    equations::hold("x.log", &packed);
});

/// Whether a text begins like something compressed or an archive.
fn is_packed(text: &[u8]) -> bool {
    let magic: [&[u8]; 6] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"\x04\x22\x4d\x18", b"PK"];
    let skippable = text.len() >= 4 && text[0] & 0xf0 == 0x50 && text[1..4] == *b"\x2a\x4d\x18";
    skippable || magic.iter().any(|magic| text.starts_with(magic)) || text.get(257..262) == Some(b"ustar")
}
