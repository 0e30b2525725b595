use super::*;
use crate::input::reading::tests::{Seen, WAYS, bytes, gzip, lines, reasons, text, visit};
use crate::input::{Input, Status};
use std::io::Write as _;

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, data) in members {
        append(&mut builder, name, data, tar::EntryType::Regular);
    }
    builder.into_inner().unwrap()
}

fn append(builder: &mut tar::Builder<Vec<u8>>, name: &str, data: &[u8], kind: tar::EntryType) {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(data.len() as u64);
    header.set_entry_type(kind);
    header.set_cksum();
    builder.append(&header, data).unwrap();
}

fn le(value: u64, bytes: usize) -> Vec<u8> {
    value.to_le_bytes()[..bytes].to_vec()
}

/// A member of a zip archive, as it shall be written down.
struct Packed<'p> {
    name: &'p str,
    data: &'p [u8],
    method: u16,
    flags: u16,
    mode: u32,
}

fn plain<'p>(name: &'p str, data: &'p [u8]) -> Packed<'p> {
    Packed { name, data, method: 0, flags: 0, mode: 0o100_644 }
}

fn zip(members: &[Packed<'_>]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for Packed { name, data, method, flags, mode } in members {
        let packed = match method {
            8 => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(data).unwrap();
                encoder.finish().unwrap()
            }
            12 => WAYS[2].1(data),
            93 => WAYS[1].1(data),
            95 => WAYS[3].1(data),
            _ => data.to_vec(),
        };
        let mut sum = flate2::Crc::new();
        sum.update(data);
        let shared = [
            le(20, 2),
            le((*flags).into(), 2),
            le((*method).into(), 2),
            le(0, 4),
            le(sum.sum().into(), 4),
            le(packed.len() as u64, 4),
            le(data.len() as u64, 4),
            le(name.len() as u64, 2),
            le(0, 2),
        ]
        .concat();
        let place = out.len() as u64;
        list.extend([b"PK\x01\x02".to_vec(), le(0x0314, 2), shared.clone(), le(0, 6)].concat());
        list.extend([le(u64::from(*mode) << 16, 4), le(place, 4), name.as_bytes().to_vec()].concat());
        out.extend([b"PK\x03\x04".to_vec(), shared, name.as_bytes().to_vec(), packed].concat());
    }
    let (place, count) = (out.len() as u64, members.len() as u64);
    let length = list.len() as u64;
    out.extend(list);
    out.extend(
        [b"PK\x05\x06".to_vec(), le(0, 4), le(count, 2), le(count, 2), le(length, 4), le(place, 4), le(0, 2)].concat(),
    );
    out
}

fn seen(name: &str, data: &[u8]) -> Seen {
    visit(bytes(name, data), Opening { chunk_bytes: 1000, ..Opening::default() })
}

fn short(seen: &Seen) -> Vec<(&str, Status, Vec<Reason>)> {
    seen.iter().map(|(name, _, finished)| (name.as_str(), finished.status, reasons(finished))).collect()
}

#[test]
fn members_of_a_tar_are_logs_of_their_own_however_it_is_compressed() {
    let (one, two) = (lines(500), lines(300));
    let packed = gzip(&two);
    let plain = tar(&[("a.log", &one), ("./b/c.log.gz", &packed), ("empty", b"")]);
    let mut all = vec![("tar", plain.clone())];
    all.extend(WAYS.iter().map(|(name, way)| (*name, way(&plain))));
    for (how, data) in all {
        let found = seen("x.tar", &data);
        let names: Vec<_> = found.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["x.tar/a.log", "x.tar/b/c.log.gz", "x.tar/empty", "x.tar"], "{how}");
        assert_eq!((text(&found[0].1), text(&found[1].1)), (one.clone(), two.clone()), "{how}");
        for (name, _, finished) in &found {
            assert!(finished.status == Status::Whole && finished.rejects.is_empty(), "{name}: {finished:?}");
            assert_eq!(finished.size, Some(finished.compressed), "{how}: {name}");
        }
        assert_eq!(found[3].2.compressed, data.len() as u64);
    }
}

#[test]
fn members_of_a_zip_are_logs_of_their_own_by_bytes_and_by_a_reader() {
    let (one, two) = (lines(500), lines(300));
    let packed = gzip(&two);
    let data = zip(&[
        Packed { method: 8, ..plain("a.log", &one) },
        plain("b\\c.log.gz", &packed),
        Packed { method: 12, ..plain("d", &one) },
        Packed { method: 93, ..plain("e", &one) },
        Packed { method: 95, ..plain("f", &one) },
        plain("folder/", b""),
    ]);
    let reader = || Input::Reader { name: "x.zip".to_owned(), reader: Box::new(Cursor::new(data.clone())) };
    for found in [seen("x.zip", &data), visit(reader(), Opening::default())] {
        let names: Vec<_> = found.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["x.zip/a.log", "x.zip/b/c.log.gz", "x.zip/d", "x.zip/e", "x.zip/f", "x.zip"]);
        for (at, (name, pieces, finished)) in found.iter().enumerate() {
            assert!(finished.status == Status::Whole && finished.rejects.is_empty(), "{name}: {finished:?}");
            let expected = [&one[..], &two, &one, &one, &one, b""][at];
            assert_eq!(text(pieces), expected, "{name}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    std::fs::write(&path, &data).unwrap();
    assert_eq!(visit(Input::Path(path), Opening::default()).len(), 6);
    assert_eq!(short(&seen("empty.zip", &zip(&[]))), [("empty.zip", Status::Whole, vec![])]);
}

#[test]
fn what_is_no_file_in_an_archive_is_told_and_never_followed() {
    let mut builder = tar::Builder::new(Vec::new());
    append(&mut builder, "../../etc/x", b"[3,\"1\",{}]\n", tar::EntryType::Regular);
    append(&mut builder, "/etc/passwd", b"[3,\"2\",{}]\n", tar::EntryType::Regular);
    append(&mut builder, "link", b"", tar::EntryType::Symlink);
    append(&mut builder, "disk", b"", tar::EntryType::Block);
    append(&mut builder, "a\x1b[2J\nb", b"[3,\"3\",{}]\n", tar::EntryType::Regular);
    append(&mut builder, "twice", b"[3,\"4\",{}]\n", tar::EntryType::Regular);
    append(&mut builder, "twice", b"[3,\"5\",{}]\n", tar::EntryType::Regular);
    let found = seen("x.tar", &builder.into_inner().unwrap());
    let link = || vec![Reason::NotRegular];
    assert_eq!(
        short(&found),
        [
            ("x.tar/../../etc/x", Status::Whole, vec![]),
            ("x.tar//etc/passwd", Status::Whole, vec![]),
            ("x.tar/link", Status::Skipped, link()),
            ("x.tar/disk", Status::Skipped, link()),
            ("x.tar/a\\u{1b}[2J\\nb", Status::Whole, vec![]),
            ("x.tar/twice", Status::Whole, vec![]),
            ("x.tar/twice#2", Status::Whole, vec![]),
            ("x.tar", Status::Whole, vec![]),
        ]
    );
    let text = b"[3,\"1\",{}]\n";
    let found = seen(
        "x.zip",
        &zip(&[
            Packed { mode: 0o120_777, ..plain("link", b"/etc/passwd") },
            Packed { flags: 1, ..plain("secret", text) },
            Packed { method: 98, ..plain("ppmd", text) },
            plain("../../up", text),
        ]),
    );
    assert_eq!(
        short(&found),
        [
            ("x.zip/link", Status::Skipped, vec![Reason::NotRegular]),
            ("x.zip/secret", Status::Skipped, vec![Reason::Encrypted]),
            ("x.zip/ppmd", Status::Skipped, vec![Reason::UnsupportedCompression]),
            ("x.zip/../../up", Status::Whole, vec![]),
            ("x.zip", Status::Whole, vec![]),
        ]
    );
}

#[test]
fn archives_inside_archives_are_not_opened() {
    let line = b"[3,\"1\",{}]\n";
    let (inner_zip, inner_tar) = (zip(&[plain("a", line)]), tar(&[("a", line)]));
    let packed = gzip(&inner_tar);
    let members: [(&str, &[u8]); 4] = [("1.zip", &inner_zip), ("2.tar", &inner_tar), ("3.tgz", &packed), ("4", line)];
    let packed: Vec<_> = members.iter().map(|(name, data)| plain(name, data)).collect();
    for found in [seen("x", &tar(&members)), seen("x", &zip(&packed))] {
        let nested = |name| (name, Status::Skipped, vec![Reason::NestedArchive]);
        let whole = |name| (name, Status::Whole, vec![]);
        assert_eq!(short(&found), [nested("x/1.zip"), nested("x/2.tar"), nested("x/3.tgz"), whole("x/4"), whole("x")]);
    }
    let found = seen("x.zip.gz", &gzip(&zip(&[plain("a", line)])));
    assert_eq!(short(&found), [("x.zip.gz", Status::Skipped, vec![Reason::NestedArchive])]);
}

#[test]
fn a_cut_archive_keeps_the_lines_before_the_cut() {
    let (one, two) = (lines(3000), lines(5000));
    let plain_tar = tar(&[("a", &one), ("b", &two)]);
    for (how, data) in [("tar", plain_tar.clone()), ("gzip", gzip(&plain_tar)), ("xz", WAYS[3].1(&plain_tar))] {
        let found = seen("x", &data[..data.len() * 2 / 3]);
        assert_eq!(text(&found[0].1), one, "{how}");
        assert!(two.starts_with(&text(&found[1].1)) && text(&found[1].1).len() > 1000, "{how}");
        let cut = || vec![Reason::CompressedTruncated];
        assert_eq!(short(&found)[1..], [("x/b", Status::Partial, cut()), ("x", Status::Partial, cut())], "{how}");
    }
    let data = zip(&[plain("a", &one), plain("b", &two)]);
    let found = seen("x", &data[..data.len() - 30]);
    assert!(found.len() == 1 && found[0].2.status == Status::Failed, "{:?}", short(&found));
    let mut data = zip(&[Packed { method: 8, ..plain("a", &one) }, plain("b", &two)]);
    let at = data.len() / 2;
    data[at] ^= 1;
    data[40] ^= 0xff;
    let found = seen("x", &data);
    assert!(found[0].2.status != Status::Whole, "{:?}", short(&found));
    assert_eq!(short(&found)[1..], [("x/b", Status::Partial, vec![Reason::Checksum]), ("x", Status::Whole, vec![])]);
    assert_eq!(text(&found[1].1).len(), two.len());
}

#[test]
fn bytes_behind_a_tar_and_a_second_one_are_found() {
    let line = b"[3,\"1\",{}]\n";
    let both = [tar(&[("a", line)]), tar(&[("b", line)])].concat();
    let names: Vec<_> = seen("x", &both).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["x/a", "x/b", "x"]);
    let found = seen("x", &[tar(&[("a", line)]), b"<html>".repeat(100)].concat());
    assert_eq!(short(&found)[1], ("x", Status::Partial, vec![Reason::TrailingGarbage]));
}

#[test]
fn long_names_of_a_tar_are_read_and_endless_ones_refused() {
    let long = format!("{}/x.log", "folder".repeat(50));
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(2);
    builder.append_data(&mut header, &long, &b"a\n"[..]).unwrap();
    builder.append_pax_extensions([("path", "pax/y.log".as_bytes())]).unwrap();
    append(&mut builder, "short", b"b\n", tar::EntryType::Regular);
    append(&mut builder, "endless", &vec![b'a'; 2 << 20], tar::EntryType::GNULongName);
    // A block of an old header without its magic is found by the GNU header before it.
    let found = seen("x", &builder.into_inner().unwrap());
    let damaged = vec![Reason::CompressedDamaged];
    let name = format!("x/{long}");
    assert_eq!(
        short(&found),
        [(&*name, Status::Whole, vec![]), ("x/pax/y.log", Status::Whole, vec![]), ("x", Status::Partial, damaged)]
    );
}
