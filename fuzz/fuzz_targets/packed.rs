//! Any bytes may call themselves compressed. The first byte of an input tells what is done: read it as it stands, or
//! compress it and damage the result. However it is cut while it is read, the same lines come out.
#![no_main]

#[path = "../../tests/equations/mod.rs"]
mod equations;

use libfuzzer_sys::fuzz_target;
use ocpplog::input::{Finished, Input, Piece, Status, behind_lines, discover};
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

fn pieces(input: Input, chunk_bytes: usize) -> (Vec<u8>, Finished) {
    let source = discover(vec![input]).expect("bytes are there").pop().expect("one source");
    let mut reading = source.open(0, chunk_bytes).expect("bytes can be opened");
    let mut all = Vec::new();
    while let Some(piece) = reading.next_piece(behind_lines) {
        let Piece::Chunk(chunk) = piece else { continue };
        assert!(!chunk.bytes.is_empty(), "a piece of nothing");
        all.extend_from_slice(&chunk.bytes);
    }
    (all, reading.finish())
}

fn pack(how: u8, text: &[u8]) -> Option<Vec<u8>> {
    if how % 2 == 0 {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).ok()?;
        encoder.finish().ok()
    } else {
        zstd::encode_all(text, 1).ok()
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
        [how @ 0..32, place, text @ ..] => {
            let Some(mut packed) = pack(*how, text) else { return };
            damage(&mut packed, how / 2 % 5, *place);
            if how / 2 % 5 == 0 {
                let input = Input::Bytes { name: "x.log.gz".to_owned(), data: packed.as_slice().into() };
                let refused = pieces(input, 64).1.status.as_str() == "skipped";
                let (out, _) = pieces(Input::Bytes { name: "x.log".to_owned(), data: packed.as_slice().into() }, 64);
                let expected = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
                assert!(refused || out == expected, "what was compressed is not what comes out");
            }
            packed
        }
        _ => bytes.to_vec(),
    };
    let whole = |name: &str| Input::Bytes { name: name.to_owned(), data: packed.as_slice().into() };
    let (expected, finished) = pieces(whole("x.log"), 1 << 20);
    for chunk in [1, 7, 64] {
        assert!(pieces(whole("x.log"), chunk).0 == expected, "pieces of {chunk} bytes differ");
    }
    let drops = Drops { bytes: packed.clone(), at: 0, step: 0 };
    let (slow, slowly) = pieces(Input::Reader { name: "x.log".to_owned(), reader: Box::new(drops) }, 64);
    // Where data is damaged, how much is known before depends on how it came: one of both knows more lines, never others.
    if finished.status == Status::Whole {
        assert_eq!(slowly.status, Status::Whole, "a slow pipe ends otherwise");
        assert!(slow == expected, "a slow pipe gives other bytes");
    } else {
        assert_ne!(slowly.status, Status::Whole, "a slow pipe sees no damage");
        assert!(slow.starts_with(&expected) || expected.starts_with(&slow), "a slow pipe gives other bytes");
    }
    equations::hold("x.log", &packed);
});
