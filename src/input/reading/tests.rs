use super::*;
use crate::input::{Input, Item, discover};
use proptest::prelude::*;
use std::io::{Read, Write as _};
use std::sync::Arc;

/// What a visit of one source gave: the name, the pieces and the end of each item.
pub(in crate::input) type Seen = Vec<(String, Vec<Piece>, Finished)>;

pub(in crate::input) fn visit(input: Input, opening: Opening) -> Seen {
    let mut seen = Vec::new();
    let mut take = |item: Item<'_>| {
        let Item { name, mut reading, .. } = item;
        let pieces = std::iter::from_fn(|| reading.next_piece(behind_lines)).collect();
        seen.push((name, pieces, reading.finish()));
        true
    };
    discover(vec![input]).unwrap().pop().unwrap().visit(opening, &mut take).unwrap();
    seen
}

fn sized(chunk_bytes: usize) -> Opening {
    Opening { chunk_bytes, ..Opening::default() }
}

pub(in crate::input) fn bytes(name: &str, data: &[u8]) -> Input {
    Input::Bytes { name: name.to_owned(), data: Arc::from(data) }
}

fn one(input: Input, chunk_bytes: usize) -> (Vec<Piece>, Finished) {
    let (_, pieces, finished) = visit(input, sized(chunk_bytes)).remove(0);
    (pieces, finished)
}

fn read(data: &[u8], chunk_bytes: usize) -> (Vec<Piece>, Finished) {
    one(bytes("x.log", data), chunk_bytes)
}

pub(in crate::input) fn text(pieces: &[Piece]) -> Vec<u8> {
    let mut all = Vec::new();
    for piece in pieces {
        if let Piece::Chunk(chunk) = piece {
            all.extend_from_slice(&chunk.bytes);
        }
    }
    all
}

pub(in crate::input) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub(in crate::input) fn zstd(data: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub(in crate::input) fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub(in crate::input) fn xz(data: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub(in crate::input) fn lz4(data: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new().content_checksum(true).block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A compression's name, and how it is done.
type Way = (&'static str, fn(&[u8]) -> Vec<u8>);
/// Every compression.
pub(in crate::input) const WAYS: [Way; 5] =
    [("gzip", gzip), ("zstd", zstd), ("bzip2", bzip2), ("xz", xz), ("lz4", lz4)];

/// Lines that do not compress well, so that a cut loses some of them.
pub(in crate::input) fn lines(count: u64) -> Vec<u8> {
    let mut seed = 1_u64;
    let mut out = Vec::new();
    for line in 0..count {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(line);
        writeln!(out, "[3,\"{seed:016x}\",{{}}]").unwrap();
    }
    out
}

pub(in crate::input) fn reasons(finished: &Finished) -> Vec<Reason> {
    finished.rejects.iter().map(|reject| reject.reason).collect()
}

#[test]
fn an_empty_file_is_whole_and_an_empty_compressed_one_is_not() {
    let (pieces, finished) = read(b"", 10);
    assert!(pieces.is_empty() && finished.status == Status::Whole && finished.rejects.is_empty());
    for suffix in ["gz", "zst", "bz2", "xz", "lz4", "zip"] {
        let (pieces, finished) = one(bytes(&format!("logs/a.log.{suffix}"), b""), 10);
        assert!(pieces.is_empty());
        assert_eq!((finished.status, reasons(&finished)), (Status::Failed, vec![Reason::EmptyCompressed]));
    }
    let skippable = [&[0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0][..], b"notes"].concat();
    for empty in [gzip(b""), zstd(b""), bzip2(b""), xz(b""), lz4(b""), skippable] {
        let (pieces, finished) = read(&empty, 10);
        assert!(pieces.is_empty() && finished.status == Status::Whole, "{:?}", finished.rejects);
        assert_eq!((finished.compressed, finished.size), (empty.len() as u64, Some(empty.len() as u64)));
    }
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
        ("zstd", [skippable.clone(), zstd(&expected)].concat()),
        ("bzip2", [bzip2(head), bzip2(b""), bzip2(tail)].concat()),
        ("xz", [xz(head), vec![0; 8], xz(tail), vec![0; 4]].concat()),
        ("lz4", [skippable.clone(), lz4(head), skippable, lz4(tail)].concat()),
    ] {
        let (pieces, finished) = read(&data, 100);
        assert_eq!(text(&pieces), expected, "{name}");
        assert_eq!((finished.compression, finished.status), (name, Status::Whole), "{:?}", finished.rejects);
        assert_eq!((finished.decompressed, finished.compressed), (expected.len() as u64, data.len() as u64));
    }
}

#[test]
fn a_cut_compressed_file_keeps_the_lines_before_the_cut() {
    let expected = lines(100_000);
    for (name, data) in WAYS.map(|(name, way)| (name, way(&expected))) {
        for cut in [data.len() / 2, data.len() - 1] {
            let (pieces, finished) = read(&data[..cut], 1000);
            let kept = text(&pieces);
            assert!(
                kept.len() > expected.len() / 4 && expected.starts_with(&kept),
                "{name}: {} of {}",
                kept.len(),
                expected.len()
            );
            assert!(kept.ends_with(b"\n"));
            let found = (finished.status, reasons(&finished));
            assert_eq!(found, (Status::Partial, vec![Reason::CompressedTruncated]), "{name}");
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
    for (name, way, from_end) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>, 6), ("zstd", zstd, 1), ("lz4", lz4, 1)] {
        let mut data = way(&expected);
        let at = data.len() - from_end;
        data[at] ^= 1;
        let (pieces, finished) = read(&data, 1000);
        assert_eq!(text(&pieces), expected, "{name}");
        assert_eq!((finished.status, reasons(&finished)), (Status::Partial, vec![Reason::Checksum]), "{name}");
    }
    // bzip2 and xz do not tell a wrong checksum from other damage. The lines are kept all the same.
    let mut data = bzip2(&expected);
    data[12] ^= 1;
    let (pieces, finished) = read(&data, 1000);
    assert_eq!((text(&pieces), reasons(&finished)), (expected.clone(), vec![Reason::CompressedDamaged]));
    let mut data = xz(&expected);
    let at = data.len() - 28;
    data[at] ^= 1;
    let (pieces, finished) = read(&data, 1000);
    assert_eq!((text(&pieces), reasons(&finished)), (expected, vec![Reason::CompressedDamaged]));
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
    for whole in WAYS.map(|(_, way)| way(&expected)) {
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
            Piece::Chunk(chunk) => (chunk.byte, &*chunk.bytes),
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
    let mut pieces = Vec::new();
    let mut take = |mut item: Item<'_>| {
        while let Some(piece) = item.reading.next_piece(behind_lines) {
            pieces.push(piece);
            let room = item.reading.buffer.held();
            assert!(room <= 3 * LINE_LIMIT, "{room}");
        }
        true
    };
    discover(vec![input]).unwrap().pop().unwrap().visit(sized(1000), &mut take).unwrap();
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

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk is gone"))
    }
}

#[test]
fn whole_lines_before_an_error_are_kept_wherever_it_comes() {
    let data = b"[3,\"1\",{}]\n".repeat(3);
    for at in 0..=data.len() {
        let reader = Box::new(std::io::Cursor::new(data[..at].to_vec()).chain(Failing));
        let (pieces, finished) = one(Input::Reader { name: "x".to_owned(), reader }, 1000);
        assert_eq!(text(&pieces).len(), at / 11 * 11, "{at}");
        let status = if at == 0 { Status::Failed } else { Status::Partial };
        assert_eq!((finished.status, reasons(&finished)), (status, vec![Reason::Io]), "{at}");
    }
}

#[test]
fn compressed_data_inside_compressed_data_is_named_not_read() {
    for (_, outer) in WAYS {
        for (inner, data) in WAYS.map(|(name, way)| (name, way(&lines(100)))) {
            let (pieces, finished) = read(&outer(&data), 1000);
            assert!(pieces.is_empty());
            assert_eq!((finished.status, reasons(&finished)), (Status::Skipped, vec![Reason::UnsupportedCompression]));
            assert!(finished.rejects[0].detail.starts_with(inner), "{}", finished.rejects[0].detail);
        }
    }
}

#[test]
fn a_bomb_is_not_read_to_its_end() {
    let floor = crate::input::decode::RATIO_FLOOR;
    let zeros = vec![0; 3 * floor as usize];
    for (_, way) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("zstd", zstd), ("bzip2", bzip2)] {
        let data = way(&zeros);
        let (_, finished) = read(&data, DEFAULT_CHUNK_BYTES);
        if zeros.len() / data.len() > 1000 {
            assert_eq!((finished.status, reasons(&finished)), (Status::Partial, vec![Reason::Ratio]));
            assert!(finished.decompressed <= floor + (1 << 20), "{}", finished.decompressed);
        } else {
            assert_eq!(finished.status, Status::Whole);
        }
    }
}

#[test]
fn a_zstd_window_that_is_too_large_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.write_all(&lines(1000)).unwrap();
    let (pieces, finished) = read(&encoder.finish().unwrap(), 1000);
    assert!(pieces.is_empty());
    assert_eq!((finished.status, reasons(&finished)), (Status::Failed, vec![Reason::ZstdWindow]));
}

#[test]
fn utf_16_with_its_mark_is_read_and_offsets_count_its_own_bytes() {
    let lines = "\u{feff}one\r\nz\u{f6}lf\n\ndrei";
    let little: Vec<u8> = lines.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = lines.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (data, name) in [(little, "utf-16le"), (big, "utf-16be")] {
        for size in [1, 5, 1000] {
            let (pieces, finished) = read(&data, size);
            assert_eq!((finished.encoding.as_str(), finished.status), (name, Status::Whole));
            let mut starts = Vec::new();
            let mut all = Vec::new();
            for piece in &pieces {
                let Piece::Chunk(chunk) = piece else { panic!("short lines only") };
                let (text, map) = chunk.text();
                let map = map.unwrap();
                let mut at = chunk.byte;
                for line in text.split_inclusive(|&byte| byte == b'\n') {
                    starts.push(map.source(at));
                    at += line.len() as u64;
                }
                all.extend_from_slice(&text);
            }
            assert_eq!(all, "one\r\nz\u{f6}lf\n\ndrei".as_bytes());
            assert_eq!(starts, [2, 12, 22, 24], "{name} {size}");
        }
    }
}

#[test]
fn a_line_of_utf_16_over_the_limit_is_passed_over() {
    let mut data = b"\xff\xfea\0\n\0".to_vec();
    data.extend(b"x\0".repeat(LINE_LIMIT));
    data.extend(b"\n\0b\0");
    let (pieces, _) = read(&data, 1000);
    let length = 2 * LINE_LIMIT as u64;
    assert!(matches!(pieces[1], Piece::Oversized { byte: 6, length: found, .. } if found == length));
    assert!(matches!(&pieces[2], Piece::Chunk(chunk) if *chunk.bytes == *b"b\0" && chunk.byte == length + 8));
}

#[test]
fn an_encoding_that_was_told_is_used_unless_a_mark_tells_another() {
    let told = |label: &str| Opening { encoding: Encoding::parse(label).unwrap(), ..Opening::default() };
    for (label, data, name) in [
        ("latin-1", &b"S\xe4ule\n"[..], "windows-1252"),
        ("utf-16-le", b"S\0\xe4\0u\0l\0e\0\n\0", "utf-16le"),
        ("latin-1", b"\xef\xbb\xbfS\xc3\xa4ule\n", "utf-8"),
    ] {
        let seen = visit(bytes("x", data), told(label));
        let [(_, pieces, finished)] = &seen[..] else { panic!("one log") };
        let [Piece::Chunk(chunk)] = &pieces[..] else { panic!("one chunk") };
        assert_eq!((&*chunk.text().0, finished.encoding.as_str()), ("S\u{e4}ule\n".as_bytes(), name));
    }
}

/// What happens to a file, what is told of it, and how many bytes are kept.
#[cfg(unix)]
type Change<'c> = (&'c str, &'c dyn Fn(), Reason, usize);

#[cfg(unix)]
#[test]
fn a_file_that_changes_while_it_is_read_is_read_as_it_was() {
    use std::fs;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let other = folder.path().join("b.log");
    let append = |text: &[u8]| fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(text).unwrap();
    let changes: [Change<'_>; 4] = [
        ("grows", &|| append(b"ne\nmore\n"), Reason::Grew, 1_000_000),
        (
            "shrinks",
            &|| fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(10).unwrap(),
            Reason::Shrank,
            0,
        ),
        ("goes", &|| fs::remove_file(&path).unwrap(), Reason::Changed, 1_000_000),
        ("is replaced", &|| fs::rename(&other, &path).unwrap(), Reason::Changed, 1_000_000),
    ];
    for (what, change, reason, kept) in changes {
        fs::write(&path, [b"line line\n".repeat(100_000), b"cut li".to_vec()].concat()).unwrap();
        fs::write(&other, b"other\n").unwrap();
        let mut ends = Vec::new();
        let mut take = |mut item: Item<'_>| {
            let first = item.reading.next_piece(behind_lines);
            change();
            let pieces: Vec<_> =
                first.into_iter().chain(std::iter::from_fn(|| item.reading.next_piece(behind_lines))).collect();
            ends.push((text(&pieces), item.reading.finish()));
            true
        };
        let source = discover(vec![Input::Path(path.clone())]).unwrap().pop().unwrap();
        source.visit(sized(1000), &mut take).unwrap();
        let (read, finished) = ends.remove(0);
        assert_eq!((finished.status, reasons(&finished)), (Status::Partial, vec![reason]), "{what}");
        assert!(read.ends_with(b"line\n"), "{what}");
        assert!(kept == 0 || read.len() == kept, "{what}: {}", read.len());
    }
}

proptest! {
    #[test]
    fn prop_any_chunk_size_gives_the_same_lines(data in "([a-z]{0,6}\r?\n?){0,20}", size in 1usize..40) {
        // So begins a packet capture, which is no text.
        prop_assume!(!data.starts_with("\n\r\r\n"));
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
