//! A source without any log time that says the same as an earlier one, message by message, is its copy (decision 12). It
//! must tell some time of its own: two charge points may well send the same few heartbeats.

use super::parse::Parsed;
use super::stamps::own_time;
use xxhash_rust::xxh3::Xxh3;

/// What a source says, as far as it was read.
#[derive(Clone, Default)]
pub(super) struct Said {
    digest: Xxh3,
    messages: u64,
    own_time: bool,
}

impl std::fmt::Debug for Said {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Said").field("messages", &self.messages).finish_non_exhaustive()
    }
}

impl Said {
    /// Adds what the next chunk says.
    pub(super) fn add(&mut self, chunk: &Parsed) {
        for index in 0..chunk.store.events.len() {
            let view = chunk.store.view(index);
            self.messages += u64::from(!view.kind.is_connection());
            self.own_time = self.own_time || own_time(view).is_some();
            self.digest.update(view.kind.as_str().as_bytes());
            self.digest.update(view.id().text().as_bytes());
            self.digest.update(&view.content.to_le_bytes());
        }
    }

    /// What is equal for copies; none if it says too little to be told from another one.
    pub(super) fn key(&self) -> Option<u128> {
        (self.messages > 0 && self.own_time).then(|| self.digest.digest128())
    }
}
