//! The columns of `tshark -T fields`.

use super::announce::last_segment;
use super::text::Meta;
use super::{Stamp, stamp};
use crate::term::Direction::{FromChargePoint, FromCsms};
use crate::term::Way;

/// Which column is what; and the ports on which a CSMS was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    time: usize,
    stream: usize,
    source: usize,
    target: usize,
    address: usize,
    payload: usize,
    servers: [u16; 4],
}

impl Default for Columns {
    /// The order that the user's guide of Wireshark suggests.
    fn default() -> Self {
        Self { time: 0, stream: 1, source: 3, target: 5, address: 6, payload: 7, servers: [0; 4] }
    }
}

/// What a line tells.
pub(super) enum Row<'a> {
    /// A frame: where its column starts, and what the other columns tell.
    Frame(usize, Meta<'a>),
    /// A request that opens a stream, and the charge point its address names.
    Opening(&'a str, Option<&'a str>),
    Other,
}

impl Columns {
    /// Reads the line of headings and the requests in a sample; none if there is neither.
    pub(super) fn detect(sample: &str) -> Option<Self> {
        let mut columns = Self::default();
        let mut sure = false;
        for line in sample.lines() {
            if line.starts_with("frame.time_epoch\t") || (line.contains("\twebsocket.payload") && !line.contains('[')) {
                columns.read_headings(line);
                sure = true;
                continue;
            }
            let field = |index: usize| line.split('\t').nth(index).unwrap_or("");
            let port = |index: usize| field(index).parse::<u16>().is_ok();
            if stamp::epoch(field(columns.time).as_bytes()).is_none() || !port(columns.source) || !port(columns.target)
            {
                continue;
            }
            let opening = is_address(field(columns.address));
            sure |= opening || field(columns.payload).starts_with('[');
            if opening {
                columns.add_server(field(columns.target));
            }
        }
        sure.then_some(columns)
    }

    fn read_headings(&mut self, line: &str) {
        for (index, name) in line.split('\t').enumerate() {
            match name.trim_ascii() {
                "frame.time_epoch" => self.time = index,
                "tcp.stream" => self.stream = index,
                "tcp.srcport" => self.source = index,
                "tcp.dstport" => self.target = index,
                "http.request.uri" | "http.request.full_uri" => self.address = index,
                "websocket.payload.text" | "websocket.payload" => self.payload = index,
                _ => {}
            }
        }
    }

    fn add_server(&mut self, port: &str) {
        let Ok(port) = port.parse::<u16>() else { return };
        if !self.servers.contains(&port)
            && let Some(free) = self.servers.iter_mut().find(|known| **known == 0)
        {
            *free = port;
        }
    }

    /// Reads one line.
    pub(super) fn row<'a>(&self, line: &'a str) -> Row<'a> {
        let mut fields = [""; 24];
        let mut at = 0;
        let mut payload = None;
        for (index, field) in line.split('\t').enumerate().take(fields.len()) {
            fields[index] = field;
            if index == self.payload {
                payload = Some(at);
            }
            at += field.len() + 1;
        }
        let field = |index: usize| fields.get(index).copied().unwrap_or("");
        let stream = field(self.stream);
        let address = field(self.address);
        if is_address(address) {
            return Row::Opening(stream, last_segment(address));
        }
        let Some(start) = payload.filter(|_| !field(self.payload).trim_ascii().is_empty()) else {
            return Row::Other;
        };
        let meta = Meta {
            stamp: stamp::epoch(field(self.time).as_bytes()).map_or(Stamp::None, Stamp::Utc),
            way: self.way(field(self.source), field(self.target)),
            link: Some(stream).filter(|stream| !stream.is_empty()),
            ..Meta::default()
        };
        Row::Frame(start, meta)
    }

    /// The CSMS listens on a port that a request was seen to go to, else on the one below the range from which
    /// operating systems give ports to clients.
    fn way(&self, source: &str, target: &str) -> Way {
        const FIRST_GIVEN: u16 = 32_768;
        let (Ok(source), Ok(target)) = (source.parse::<u16>(), target.parse::<u16>()) else {
            return Way::Unknown;
        };
        let (from, to) = (self.servers.contains(&source), self.servers.contains(&target));
        let to_server = match (from, to) {
            (false, true) => true,
            (true, false) => false,
            _ if source >= FIRST_GIVEN && target < FIRST_GIVEN => true,
            _ if target >= FIRST_GIVEN && source < FIRST_GIVEN => false,
            _ => return Way::Unknown,
        };
        Way::Known(if to_server { FromChargePoint } else { FromCsms })
    }
}

/// Whether a column holds the address of a request.
fn is_address(text: &str) -> bool {
    text.starts_with('/') || text.starts_with("http://") || text.starts_with("ws")
}
