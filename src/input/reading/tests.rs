use super::*;
use crate::input::{Input, discover};
use proptest::prelude::*;
use std::io::Write as _;
use std::sync::Arc;

fn open(name: &str, data: &[u8], chunk_bytes: usize) -> Reading {
    let input = Input::Bytes { name: name.to_owned(), data: Arc::from(data) };
    let mut sources = discover(vec![input]).unwrap();
    sources.pop().unwrap().open(0, chunk_bytes).unwrap()
}

fn read(data: &[u8], chunk_bytes: usize) -> (Vec<Piece>, Finished) {
    let mut reading = open("x.log", data, chunk_bytes);
    let pieces = std::iter::from_fn(|| reading.next_piece()).collect();
    (pieces, reading.finish())
}

fn text(pieces: &[Piece]) -> Vec<u8> {
    let mut all = Vec::new();
    for piece in pieces {
        if let Piece::Chunk(chunk) = piece {
            all.extend_from_slice(&chunk.bytes);
        }
    }
    all
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zstd(data: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Lines that do not compress well, so that a cut loses some of them.
fn lines(count: u64) -> Vec<u8> {
    let mut seed = 1_u64;
    let mut out = Vec::new();
    for line in 0..count {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(line);
        writeln!(out, "[3,\"{seed:016x}\",{{}}]").unwrap();
    }
    out
}

fn reasons(finished: &Finished) -> Vec<Reason> {
    finished.rejects.iter().map(|reject| reject.reason).collect()
}

#[test]
fn an_empty_file_is_whole_and_an_empty_compressed_one_is_not() {
    let (pieces, finished) = read(b"", 10);
    assert!(pieces.is_empty() && finished.status == Status::Whole && finished.rejects.is_empty());
    let mut reading = open("logs/a.log.gz", b"", 10);
    assert!(reading.next_piece().is_none());
    let finished = reading.finish();
    assert_eq!((finished.status, reasons(&finished)), (Status::Failed, vec![Reason::EmptyCompressed]));
    let (pieces, finished) = read(&gzip(b""), 10);
    assert!(pieces.is_empty() && finished.status == Status::Whole);
}

#[test]
fn binary_files_are_skipped_with_one_reject() {
    let mut data = b"PAR1".to_vec();
    data.extend(lines(10_000));
    let (pieces, finished) = read(&data, 10);
    assert!(pieces.is_empty());
    assert_eq!((finished.status, reasons(&finished)), (Status::Skipped, vec![Reason::Binary]));
}

#[test]
fn members_and_frames_are_read_one_after_the_other() {
    let expected = lines(300);
    let (head, tail) = expected.split_at(777);
    let skippable = [&[0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0][..], b"notes"].concat();
    for (name, data) in [
        ("gzip", [gzip(head), gzip(b""), gzip(tail)].concat()),
        ("gzip", [gzip(&expected), vec![0; 10_000]].concat()),
        ("zstd", [zstd(head), skippable.clone(), zstd(tail), zstd(b"")].concat()),
        ("zstd", [skippable, zstd(&expected)].concat()),
    ] {
        let (pieces, finished) = read(&data, 100);
        assert_eq!(text(&pieces), expected, "{name}");
        assert_eq!((finished.compression, finished.status), (name, Status::Whole), "{:?}", finished.rejects);
        assert_eq!((finished.decompressed, finished.compressed), (expected.len() as u64, data.len() as u64));
    }
}

#[test]
fn a_cut_compressed_file_keeps_the_lines_before_the_cut() {
    let expected = lines(20_000);
    for data in [gzip(&expected), zstd(&expected)] {
        for cut in [data.len() / 2, data.len() - 1] {
            let (pieces, finished) = read(&data[..cut], 1000);
            let kept = text(&pieces);
            assert!(
                kept.len() > expected.len() / 4 && expected.starts_with(&kept),
                "{} of {}",
                kept.len(),
                expected.len()
            );
            assert!(kept.ends_with(b"\n"));
            assert_eq!((finished.status, reasons(&finished)), (Status::Partial, vec![Reason::CompressedTruncated]));
        }
    }
}

#[test]
fn a_cut_inside_the_header_is_a_failure_not_silence() {
    for data in [gzip(b"[3,\"1\",{}]\n"), zstd(b"[3,\"1\",{}]\n")] {
        let (pieces, finished) = read(&data[..5], 1000);
        assert!(pieces.is_empty());
        assert_eq!((finished.status, reasons(&finished)), (Status::Failed, vec![Reason::CompressedTruncated]));
    }
}

#[test]
fn a_wrong_checksum_keeps_the_lines_and_says_so() {
    let expected = lines(50);
    let mut gz = gzip(&expected);
    let at = gz.len() - 6;
    gz[at] ^= 1;
    let mut zst = zstd(&expected);
    let at = zst.len() - 1;
    zst[at] ^= 1;
    let (pieces, finished) = read(&gz, 1000);
    assert_eq!(text(&pieces), expected);
    assert_eq!((finished.status, reasons(&finished)), (Status::Partial, vec![Reason::Checksum]));
    let (_, finished) = read(&zst, 1000);
    assert_eq!(reasons(&finished), [Reason::Checksum]);
}

#[test]
fn damage_is_told_from_a_cut_and_trailing_bytes_from_damage() {
    let expected = lines(20_000);
    let mut data = gzip(&expected);
    let middle = data.len() / 2;
    data[middle..middle + 400].fill(0xff);
    let (pieces, finished) = read(&data, 1000);
    assert!(expected.starts_with(&text(&pieces)[..1000]));
    assert_eq!(finished.status, Status::Partial);
    assert!(matches!(reasons(&finished)[..], [Reason::CompressedDamaged | Reason::Checksum]), "{:?}", finished.rejects);
    for whole in [gzip(&expected), zstd(&expected)] {
        let (pieces, finished) = read(&[&whole, &b"<html>"[..]].concat(), 1000);
        assert_eq!(text(&pieces), expected);
        assert_eq!((finished.status, reasons(&finished)), (Status::Partial, vec![Reason::TrailingGarbage]));
    }
}

#[test]
fn the_mark_of_utf_8_is_skipped_and_counted() {
    let (pieces, _) = read(b"\xef\xbb\xbfa\r\nb", 1);
    let expected = [(3, &b"a\r\n"[..]), (6, b"b")];
    let found: Vec<_> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Chunk(chunk) => (chunk.byte, chunk.bytes.as_slice()),
            Piece::Oversized { .. } => panic!("a short line"),
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_hundred_megabytes_without_a_newline_are_passed_over_in_flat_memory() {
    let length = 100 << 20;
    let endless = std::io::repeat(b'x').take(length);
    let reader = b"first\n".chain(endless).chain(&b"\nlast"[..]);
    let input = Input::Reader { name: "pipe".to_owned(), reader: Box::new(reader) };
    let mut reading = discover(vec![input]).unwrap().pop().unwrap().open(0, 1000).unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = reading.next_piece() {
        pieces.push(piece);
        assert!(reading.buffer.capacity() <= 3 * LINE_LIMIT, "{}", reading.buffer.capacity());
    }
    assert_eq!(text(&pieces), b"first\nlast");
    let sample = vec![b'x'; SAMPLE_BYTES];
    assert_eq!(pieces[1], Piece::Oversized { byte: 6, length, sample });
}

#[test]
fn a_line_of_exactly_the_limit_is_read_whatever_the_chunk_size() {
    let mut data = vec![b'x'; LINE_LIMIT];
    data.extend_from_slice(b"\ny\n");
    data.extend(vec![b'z'; LINE_LIMIT + 1]);
    data.extend_from_slice(b"\nend\n");
    for chunk_bytes in [1, DEFAULT_CHUNK_BYTES, usize::MAX] {
        let (pieces, finished) = read(&data, chunk_bytes);
        let oversized: Vec<_> = pieces.iter().filter(|piece| matches!(piece, Piece::Oversized { .. })).collect();
        assert_eq!(oversized.len(), 1, "{chunk_bytes}");
        assert_eq!(text(&pieces).len(), LINE_LIMIT + 7);
        assert_eq!(finished.decompressed, data.len() as u64);
    }
}

struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let line = b"[3,\"1\",{}]\n";
        if self.0 == 0 {
            return Err(std::io::Error::other("the disk is gone"));
        }
        self.0 -= 1;
        into[..line.len()].copy_from_slice(line);
        Ok(line.len())
    }
}

#[test]
fn what_was_read_before_an_error_is_kept() {
    for (count, status) in [(0, Status::Failed), (3, Status::Partial)] {
        let input = Input::Reader { name: "x".to_owned(), reader: Box::new(Failing(count)) };
        let mut reading = discover(vec![input]).unwrap().pop().unwrap().open(0, 1000).unwrap();
        let pieces: Vec<_> = std::iter::from_fn(|| reading.next_piece()).collect();
        let finished = reading.finish();
        assert_eq!(text(&pieces).len(), count * 11);
        assert_eq!((finished.status, reasons(&finished)), (status, vec![Reason::Io]));
    }
}

proptest! {
    #[test]
    fn prop_any_chunk_size_gives_the_same_lines(data in "([a-z]{0,6}\r?\n?){0,20}", size in 1usize..40) {
        let (pieces, finished) = read(data.as_bytes(), size);
        prop_assert_eq!(text(&pieces), data.as_bytes());
        prop_assert_eq!(finished.decompressed, data.len() as u64);
        let mut byte = 0;
        for piece in &pieces {
            let Piece::Chunk(chunk) = piece else { panic!("short lines only") };
            prop_assert_eq!(chunk.byte, byte);
            byte += chunk.bytes.len() as u64;
            prop_assert!(!chunk.bytes.is_empty() && (chunk.bytes.ends_with(b"\n") || byte == data.len() as u64));
        }
    }
}
