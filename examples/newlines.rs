//! Counts the newlines of a file: the least that any reader of lines must do. The benchmark measures against it.

use std::fs::File;
use std::io::Read;

#[expect(clippy::print_stdout, reason = "the count is what the program is for")]
fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    let mut file = File::open(path)?;
    let mut block = vec![0; 1 << 20];
    let mut count = 0;
    loop {
        let length = file.read(&mut block)?;
        if length == 0 {
            break;
        }
        count += memchr::memchr_iter(b'\n', &block[..length]).count();
    }
    println!("{count}");
    Ok(())
}
