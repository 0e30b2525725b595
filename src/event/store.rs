//! Where events live: a store per chunk, with one arena for all of its texts.

use super::battery_swap::BatterySwap;
use super::closing::Closing;
use super::command::{Command, ReservationUpdate};
use super::cost::{Cost, CostUpdate};
use super::fact::{
    Answer, Authorize, Boot, Fact, FirmwareRequest, FirmwareStatus, Meter, Refusal, Status, TxEvent, TxStart, TxStop,
};
use super::id::{self, Id, MessageId};
use super::index::Index;
use super::known::Known;
use super::meter::{Names, Sample, Span};
use super::notice::{LogRequest, LogStatus, Security, Transfer};
use super::notify::{Notice, Notify};
use super::profile::{Profile, ProfileClear, Profiles};
use super::setting::{Setting, Settings};
use super::shape::Shapes;
use crate::flag::Flags;
use crate::message::{Action, Kind};
use crate::position::Position;
use crate::term::{Direction, DirectionSource, IdSource, Version, Way};
use std::num::NonZeroU32;

/// A text in the store's arena; the default is no text at all, which is not the same as an empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub(super) start: u32,
    pub(super) length: u32,
}

impl Default for Text {
    fn default() -> Self {
        Self::NONE
    }
}

impl Text {
    /// No text.
    pub const NONE: Self = Self { start: 0, length: u32::MAX };

    /// The text of so many bytes at a place of the arena.
    pub(super) const fn at(start: usize, length: usize) -> Self {
        Self { start: start as u32, length: length as u32 }
    }

    /// Whether there is a text.
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.length != u32::MAX
    }
}

/// One message of one charge point, reduced to what the tables need.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// The charge point: index into [`Store::charge_points`].
    pub charge_point: u32,
    /// Where its id was found.
    pub charge_point_source: IdSource,
    /// The recorder's time: UTC microseconds.
    pub log_time: Option<i64>,
    /// Where it stands.
    pub position: Position,
    /// What kind of message.
    pub kind: Kind,
    /// The way, in the words of the log.
    pub way: Way,
    /// Who sent it, if known.
    pub direction: Option<Direction>,
    /// How the direction is known.
    pub direction_source: DirectionSource,
    /// The OCPP version, if the log or the message tells.
    pub version: Option<Version>,
    /// Whether it came over SOAP.
    pub soap: bool,
    /// Which connection of the log, if it tells connections apart.
    pub connection: Option<i32>,
    /// The action of a request.
    pub action: Action,
    /// The action's name where it is not a known one.
    pub action_text: Text,
    /// The message id.
    pub id: Id,
    /// The payload, if payloads are kept.
    pub payload: Text,
    /// A digest of action and payload: equal content, equal digest.
    pub content: u64,
    /// What had to be forgiven.
    pub flags: Flags,
    /// What it says.
    pub fact: Fact,
    /// On a request of the CSMS: its place among the commands, from 1.
    pub command: Option<NonZeroU32>,
    /// Where its texts lie in the arena of its home, its id among them if the arena is the same.
    pub(super) texts: Span,
    /// How far they moved since the fact was written.
    pub(super) moved: u32,
}

/// Events and everything they point to.
#[derive(Debug, Default)]
pub struct Store {
    /// The events in the order of the source.
    pub events: Vec<Event>,
    /// Sampled values.
    pub samples: Vec<Sample>,
    /// Names of measurands, units and so on that no version knows.
    pub names: Names,
    /// Samples whose text is known but for the number.
    pub(super) shapes: Shapes,
    /// Frames whose text is known but for their values.
    pub(super) known: Option<Box<Known>>,
    pub(super) text: String,
    pub(super) charge_points: Vec<String>,
    by_id: Index,
    pub(super) boots: Vec<Boot>,
    pub(super) authorizes: Vec<Authorize>,
    pub(super) starts: Vec<TxStart>,
    pub(super) stops: Vec<TxStop>,
    pub(super) tx_events: Vec<TxEvent>,
    pub(super) meters: Vec<Meter>,
    pub(super) costs: Vec<Cost>,
    pub(super) cost_updates: Vec<CostUpdate>,
    pub(super) swaps: Vec<BatterySwap>,
    pub(super) slots: Vec<i32>,
    pub(super) statuses: Vec<Status>,
    pub(super) firmware_requests: Vec<FirmwareRequest>,
    pub(super) firmware_statuses: Vec<FirmwareStatus>,
    pub(super) commands: Vec<Command>,
    pub(super) reservation_updates: Vec<ReservationUpdate>,
    pub(super) settings: Vec<Setting>,
    pub(super) setting_lists: Vec<Settings>,
    pub(super) profiles: Vec<Profile>,
    pub(super) profile_lists: Vec<Profiles>,
    pub(super) profile_clears: Vec<ProfileClear>,
    pub(super) securities: Vec<Security>,
    pub(super) transfers: Vec<Transfer>,
    pub(super) log_requests: Vec<LogRequest>,
    pub(super) log_statuses: Vec<LogStatus>,
    pub(super) notifies: Vec<Notify>,
    pub(super) notices: Vec<Notice>,
    pub(super) closings: Vec<Closing>,
    pub(super) answers: Vec<Answer>,
    pub(super) refusals: Vec<Refusal>,
}

/// Appends to a list and returns the place.
pub(super) fn put<T>(list: &mut Vec<T>, item: T) -> u32 {
    list.push(item);
    (list.len() - 1) as u32
}

/// A list at its length, and an empty one in its place.
fn whole<T>(list: &mut Vec<T>) -> Vec<T> {
    let mut taken = std::mem::take(list);
    taken.shrink_to_fit();
    taken
}

impl Store {
    /// A store with room for what so many bytes of a log usually hold, so that its lists need not grow.
    #[must_use]
    pub fn for_bytes(bytes: usize) -> Self {
        let mut store = Self::default();
        store.expect(bytes);
        store
    }

    /// Makes room for what so many bytes of a log usually hold.
    pub fn expect(&mut self, bytes: usize) {
        self.events.reserve(bytes / 192);
        self.samples.reserve(bytes / 160);
        self.text.reserve(bytes / 8);
    }

    /// Keeps a text.
    pub fn keep(&mut self, text: &str) -> Text {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        Text { start, length: text.len() as u32 }
    }

    /// Keeps the id of a message.
    pub fn keep_id(&mut self, id: &str) -> Id {
        match id::uuid(id.as_bytes()) {
            _ if id.is_empty() => Id::None,
            Some(uuid) => Id::Uuid(uuid),
            None => Id::Text(self.keep(id)),
        }
    }

    /// Where the lists end that a message can make long. What a message that turns out to be none left in the others is
    /// little, and nothing points to it.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.text.len(), self.samples.len())
    }

    /// Forgets what was kept since the mark was made.
    pub(super) fn reset(&mut self, (text, samples): (usize, usize)) {
        self.text.truncate(text);
        self.samples.truncate(samples);
    }

    /// Keeps what `write` appends.
    pub(super) fn keep_with(&mut self, write: impl FnOnce(&mut String)) -> Text {
        let start = self.text.len();
        write(&mut self.text);
        Text { start: start as u32, length: (self.text.len() - start) as u32 }
    }

    /// A kept text.
    #[must_use]
    pub fn text(&self, text: Text) -> Option<&str> {
        let start = text.start as usize;
        text.is_some().then(|| &self.text[start..start + text.length as usize])
    }

    /// Takes out what is not packed with the events: what few messages say. What is left is empty, but for what was learned.
    pub(super) fn take_home(&mut self) -> Self {
        let names = std::mem::take(&mut self.names);
        if !names.is_empty() {
            // They know words by the numbers of these names.
            self.shapes = Shapes::default();
            self.known = None;
        }
        let home = Self {
            names,
            costs: whole(&mut self.costs),
            cost_updates: whole(&mut self.cost_updates),
            swaps: whole(&mut self.swaps),
            slots: whole(&mut self.slots),
            commands: whole(&mut self.commands),
            settings: whole(&mut self.settings),
            setting_lists: whole(&mut self.setting_lists),
            profiles: whole(&mut self.profiles),
            profile_lists: whole(&mut self.profile_lists),
            profile_clears: whole(&mut self.profile_clears),
            securities: whole(&mut self.securities),
            notifies: whole(&mut self.notifies),
            notices: whole(&mut self.notices),
            ..Self::default()
        };
        self.clear();
        home
    }

    /// Forgets the events and what was packed with them.
    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.samples.clear();
        self.text.clear();
        if let Some(known) = &mut self.known {
            known.leave_arena();
        }
        self.boots.clear();
        self.authorizes.clear();
        self.starts.clear();
        self.stops.clear();
        self.tx_events.clear();
        self.meters.clear();
        self.statuses.clear();
        self.firmware_requests.clear();
        self.firmware_statuses.clear();
        self.reservation_updates.clear();
        self.transfers.clear();
        self.log_requests.clear();
        self.log_statuses.clear();
        self.closings.clear();
        self.answers.clear();
        self.refusals.clear();
    }

    /// How many bytes of text the store holds; offsets are 32 bits wide.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// The index of a charge point, new or known.
    pub fn charge_point(&mut self, id: &str) -> u32 {
        // A call and its answer stand side by side.
        if let Some(last) = self.events.last()
            && self.charge_points.get(last.charge_point as usize).is_some_and(|last| last == id)
        {
            return last.charge_point;
        }
        if let Some(index) = self.by_id.find(id, &self.charge_points) {
            return index;
        }
        let index = put(&mut self.charge_points, id.to_owned());
        self.by_id.add(&self.charge_points);
        index
    }

    /// The ids of the charge points, by index.
    #[must_use]
    pub fn charge_points(&self) -> &[String] {
        &self.charge_points
    }

    /// The samples of a span.
    #[must_use]
    pub fn samples(&self, span: Span) -> &[Sample] {
        &self.samples[span.range()]
    }

    /// A view of the event at `index`.
    #[must_use]
    pub fn view(&self, index: usize) -> View<'_> {
        View { store: self, home: self, event: &self.events[index] }
    }
}

/// An event together with its store.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The store that holds the event, its id and samples, and what most messages say.
    pub(super) store: &'a Store,
    /// The store that holds its texts, and what few messages say. Of an event that was never packed it is the same.
    pub(super) home: &'a Store,
    /// The event.
    pub event: &'a Event,
}

impl std::ops::Deref for View<'_> {
    type Target = Event;

    fn deref(&self) -> &Event {
        self.event
    }
}

macro_rules! facts {
    ($($method:ident: $variant:ident($store:ident.$list:ident) -> $type:ty;)+) => {
        impl<'a> View<'a> {
            $(
                #[doc = concat!("The fact, if it is of the kind `", stringify!($variant), "`.")]
                #[must_use]
                pub fn $method(&self) -> Option<&'a $type> {
                    match self.event.fact {
                        Fact::$variant(index) => self.$store.$list.get(index as usize),
                        _ => None,
                    }
                }
            )+
        }
    };
}

facts! {
    boot: Boot(store.boots) -> Boot;
    authorize: Authorize(store.authorizes) -> Authorize;
    tx_start: TxStart(store.starts) -> TxStart;
    tx_stop: TxStop(store.stops) -> TxStop;
    tx_event: TxEvent(store.tx_events) -> TxEvent;
    meter: Meter(store.meters) -> Meter;
    cost_update: CostUpdate(home.cost_updates) -> CostUpdate;
    battery_swap: BatterySwap(home.swaps) -> BatterySwap;
    status: Status(store.statuses) -> Status;
    firmware_request: FirmwareRequest(store.firmware_requests) -> FirmwareRequest;
    firmware_status: FirmwareStatus(store.firmware_statuses) -> FirmwareStatus;
    reservation_update: ReservationUpdate(store.reservation_updates) -> ReservationUpdate;
    settings: Settings(home.setting_lists) -> Settings;
    profiles: Profiles(home.profile_lists) -> Profiles;
    profile_clear: ProfileClear(home.profile_clears) -> ProfileClear;
    security: Security(home.securities) -> Security;
    transfer: Transfer(store.transfers) -> Transfer;
    log_request: LogRequest(store.log_requests) -> LogRequest;
    log_status: LogStatus(store.log_statuses) -> LogStatus;
    notify: Notify(home.notifies) -> Notify;
    closing: Closing(store.closings) -> Closing;
    answer: Answer(store.answers) -> Answer;
    refusal: Refusal(store.refusals) -> Refusal;
}

impl<'a> View<'a> {
    /// The command, if the message is a request of the CSMS that is a row of `commands`.
    #[must_use]
    pub fn command(&self) -> Option<&'a Command> {
        let number = self.event.command?.get() as usize;
        self.home.commands.get(number - 1)
    }

    /// A text of the event or of its fact.
    #[must_use]
    pub fn text(&self, text: Text) -> Option<&'a str> {
        self.home.text(Text { start: text.start.wrapping_add(self.event.moved), ..text })
    }

    /// The message id; empty if it has none.
    #[must_use]
    pub fn id(&self) -> MessageId<'a> {
        match self.event.id {
            Id::None => MessageId::Text(""),
            Id::Uuid(uuid) => MessageId::Uuid(uuid),
            Id::Text(text) => MessageId::Text(self.store.text(text).unwrap_or("")),
        }
    }

    /// The action's name, if the message has one.
    #[must_use]
    pub fn action_name(&self) -> Option<&'a str> {
        self.event.action.name().or_else(|| self.text(self.event.action_text))
    }

    /// The words that no version knows, as its log wrote them.
    #[must_use]
    pub fn names(&self) -> &'a Names {
        &self.home.names
    }

    /// The samples of a fact.
    #[must_use]
    pub fn samples(&self, span: Span) -> &'a [Sample] {
        self.store.samples(span)
    }

    /// What a transaction costs, as an event of it tells.
    #[must_use]
    pub fn cost(&self, event: &TxEvent) -> Option<&'a Cost> {
        self.home.costs.get(event.cost? as usize)
    }

    /// The EVSEs that a battery swap names.
    #[must_use]
    pub fn slots(&self, swap: BatterySwap) -> &'a [i32] {
        &self.home.slots[swap.range()]
    }

    /// The settings of a list.
    #[must_use]
    pub fn setting_items(&self, span: Span) -> &'a [Setting] {
        self.home.settings.get(span.range()).unwrap_or_default()
    }

    /// The charging profiles of a list.
    #[must_use]
    pub fn profile_items(&self, span: Span) -> &'a [Profile] {
        self.home.profiles.get(span.range()).unwrap_or_default()
    }

    /// The charge point's id.
    #[must_use]
    pub fn charge_point_id(&self) -> &'a str {
        self.store.charge_points.get(self.event.charge_point as usize).map_or("", String::as_str)
    }
}
