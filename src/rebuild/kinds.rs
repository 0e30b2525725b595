//! Which events say what: a list of places for every kind of fact, so that no rule walks past the events of the others.

use super::Track;
use super::exchange::Exchange;
use crate::event::{
    Authorize, BatterySwap, Boot, CostUpdate, Fact, FirmwareRequest, FirmwareStatus, LogRequest, LogStatus, Meter,
    Notify, ProfileClear, Profiles, ReservationUpdate, Security, Settings, Status, Transfer, TxEvent, TxStart, TxStop,
    View,
};
use crate::flag::{Flag, Flags};
use crate::term::Version;
use std::borrow::Cow;

macro_rules! kinds {
    ($($(#[doc = $about:literal])+ $list:ident: $variant:ident($fact:ident) -> $type:ty;)+) => {
        /// The kinds of facts that have a list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Is { $($(#[doc = $about])+ $variant,)+ }

        /// How many they are.
        const KINDS: usize = [$(Is::$variant,)+].len();

        /// The list that an event stands in; the number behind the last one where it stands in none.
        const fn list_of(fact: Fact) -> usize {
            match fact {
                $(Fact::$variant(_) => Is::$variant as usize,)+
                Fact::None | Fact::Bad | Fact::Closing(_) | Fact::Answer(_) | Fact::Refusal(_) => KINDS,
            }
        }

        impl<'a> Track<'a> {
            $(
                $(#[doc = $about])+
                ///
                /// In order of arrival: place, event, what it says.
                pub fn $list(&self) -> impl DoubleEndedIterator<Item = (usize, View<'a>, &'a $type)> {
                    let places = self.kinds.list(Is::$variant).iter();
                    places.filter_map(|&index| {
                        let view = self.events[index as usize];
                        Some((index as usize, view, view.$fact()?))
                    })
                }
            )+
        }
    };
}

kinds! {
    /// `BootNotification`.
    boots: Boot(boot) -> Boot;
    /// `Authorize`.
    authorizes: Authorize(authorize) -> Authorize;
    /// `StartTransaction`.
    tx_starts: TxStart(tx_start) -> TxStart;
    /// `StopTransaction`.
    tx_stops: TxStop(tx_stop) -> TxStop;
    /// `TransactionEvent`.
    tx_events: TxEvent(tx_event) -> TxEvent;
    /// `MeterValues`.
    meters: Meter(meter) -> Meter;
    /// `CostUpdated`.
    cost_updates: CostUpdate(cost_update) -> CostUpdate;
    /// `BatterySwap`.
    battery_swaps: BatterySwap(battery_swap) -> BatterySwap;
    /// `StatusNotification`.
    statuses: Status(status) -> Status;
    /// Requests to update the firmware.
    firmware_requests: FirmwareRequest(firmware_request) -> FirmwareRequest;
    /// Stages of firmware updates.
    firmware_statuses: FirmwareStatus(firmware_status) -> FirmwareStatus;
    /// What became of reservations.
    reservation_updates: ReservationUpdate(reservation_update) -> ReservationUpdate;
    /// Settings that are set or reported.
    settings: Settings(settings) -> Settings;
    /// Charging profiles that are set or reported.
    profiles: Profiles(profiles) -> Profiles;
    /// `ClearChargingProfile`.
    profile_clears: ProfileClear(profile_clear) -> ProfileClear;
    /// Security events.
    securities: Security(security) -> Security;
    /// `DataTransfer`.
    transfers: Transfer(transfer) -> Transfer;
    /// Requests to upload diagnostics or a log.
    log_requests: LogRequest(log_request) -> LogRequest;
    /// Stages of such uploads.
    log_statuses: LogStatus(log_status) -> LogStatus;
    /// `NotifyEvent`.
    notifies: Notify(notify) -> Notify;
}

/// The places of the events of a charge point, by what they say.
#[derive(Debug, Default)]
pub struct Kinds {
    /// The places of all lists, one list behind the other.
    places: Vec<u32>,
    /// Where each list ends; the last list holds nothing of interest.
    ends: [u32; KINDS + 1],
    /// Requests of the CSMS that are rows of `commands`.
    commands: Vec<u32>,
    /// Answers that tell settings, or whose call set some.
    told_settings: Vec<u32>,
    /// Payloads that cannot be used, and answers to nothing.
    odd: Vec<u32>,
    /// How many events are messages.
    pub(super) messages: i64,
    /// The versions that were spoken: a bit each.
    versions: u8,
}

/// What says that an answer fits nothing.
const ODD: [Flag; 2] = [Flag::OrphanResponse, Flag::DuplicateResponse];

impl Kinds {
    /// Sorts the events: one pass to count them, one to put them down.
    #[must_use]
    pub fn of(events: &[View<'_>], exchange: &Exchange) -> Self {
        let mut kinds = Self::default();
        let mut counts = [0_u32; KINDS + 1];
        let odd: Flags = ODD.into_iter().collect();
        for (index, (view, pair)) in events.iter().zip(&exchange.pairs).enumerate() {
            let event = view.event;
            counts[list_of(event.fact)] += 1;
            kinds.messages += i64::from(!event.kind.is_connection());
            kinds.versions |= event.version.map_or(0, |version| 1 << version as u8);
            let bad = event.fact == Fact::Bad && event.kind.has_action();
            if bad || !pair.flags.and(odd).is_empty() {
                kinds.odd.push(index as u32);
            }
            if event.command.is_some() {
                kinds.commands.push(index as u32);
            }
            let answers_set = || pair.call.is_some_and(|call| matches!(events[call as usize].fact, Fact::Settings(_)));
            if view.answer().is_some_and(|answer| answer.settings.length > 0 || answers_set()) {
                kinds.told_settings.push(index as u32);
            }
        }
        let mut end = 0;
        for (slot, count) in kinds.ends.iter_mut().zip(counts) {
            // Filled up below to where the list ends.
            *slot = end;
            end += count;
        }
        kinds.places.resize(kinds.ends[KINDS] as usize, 0);
        for (index, view) in events.iter().enumerate() {
            let list = list_of(view.event.fact);
            if list < KINDS {
                kinds.places[kinds.ends[list] as usize] = index as u32;
                kinds.ends[list] += 1;
            }
        }
        kinds
    }

    /// The places of one kind, in order of arrival.
    pub(super) fn list(&self, kind: Is) -> &[u32] {
        let list = kind as usize;
        let start = list.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.places[start as usize..self.ends[list] as usize]
    }

    /// Whether there is none of a kind.
    pub(super) fn lacks(&self, kind: Is) -> bool {
        self.list(kind).is_empty()
    }

    /// The versions that were spoken.
    pub(super) fn versions(&self) -> impl Iterator<Item = Version> {
        use Version::{V12, V15, V16, V20, V21, V201};
        [V12, V15, V16, V20, V201, V21].into_iter().filter(|&version| self.versions & (1 << version as u8) != 0)
    }
}

/// Some lists as one, in order of arrival.
fn merged<'k>(lists: &[&'k [u32]]) -> Cow<'k, [u32]> {
    let mut full = lists.iter().filter(|list| !list.is_empty());
    match (full.next(), full.next()) {
        (None, _) => Cow::Borrowed(&[]),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(_), Some(_)) => {
            let mut all = lists.concat();
            all.sort_unstable();
            Cow::Owned(all)
        }
    }
}

impl<'a> Track<'a> {
    /// The events of some kinds in order of arrival, and their places.
    pub(super) fn of<const N: usize>(&self, kinds: [Is; N]) -> impl Iterator<Item = (usize, View<'a>)> {
        self.at(merged(&kinds.map(|kind| self.kinds.list(kind))))
    }

    /// The requests of the CSMS that are rows of `commands`, and events of some other kinds.
    pub(super) fn commands_and<const N: usize>(&self, kinds: [Is; N]) -> impl Iterator<Item = (usize, View<'a>)> {
        let others = merged(&kinds.map(|kind| self.kinds.list(kind)));
        let mut all = merged(&[&self.kinds.commands, &others]).into_owned();
        // A request may be of one of those kinds, too.
        all.dedup();
        self.at(Cow::Owned(all))
    }

    /// Settings that are set or reported, answers about settings, and events of some other kinds.
    pub(super) fn settings_and<const N: usize>(&self, kinds: [Is; N]) -> impl Iterator<Item = (usize, View<'a>)> {
        let others = merged(&kinds.map(|kind| self.kinds.list(kind)));
        let all = merged(&[self.kinds.list(Is::Settings), &self.kinds.told_settings, &others]).into_owned();
        self.at(Cow::Owned(all))
    }

    /// Whether the log says nothing about settings.
    pub(super) fn lacks_settings(&self) -> bool {
        self.kinds.lacks(Is::Settings) && self.kinds.told_settings.is_empty()
    }

    /// The requests of the CSMS that are rows of `commands`.
    pub(super) fn commands(&self) -> &[u32] {
        &self.kinds.commands
    }

    /// Payloads that cannot be used, and answers to nothing.
    pub(super) fn odd(&self) -> impl Iterator<Item = (usize, View<'a>)> {
        self.at(Cow::Borrowed(&self.kinds.odd))
    }

    fn at<'t>(&'t self, places: Cow<'t, [u32]>) -> impl Iterator<Item = (usize, View<'a>)> + use<'t, 'a> {
        let count = places.len();
        (0..count).map(move |at| {
            let index = places[at] as usize;
            (index, self.events[index])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::testing::{Log, stamp};

    #[test]
    fn every_event_stands_in_the_list_of_its_kind_in_order_of_arrival() {
        let start = format!(r#"{{"connectorId":1,"idTag":"T","meterStart":0,"timestamp":"{}"}}"#, stamp(20));
        let log = Log::new()
            .csms_answers(0, "{}")
            .heartbeat(0)
            .cp(10, "Authorize", r#"{"idTag":"T"}"#)
            .cp(20, "StartTransaction", &start)
            .csms(30, "ChangeConfiguration", r#"{"key":"K","value":"1"}"#)
            .cp_answers(31, r#"{"status":"Accepted"}"#)
            .boot(40, "1.0")
            .cp(50, "StartTransaction", "{}");
        log.look(|track, _| {
            let walked = |test: &dyn Fn(&View<'_>) -> bool| -> Vec<usize> {
                track.events.iter().enumerate().filter(|(_, view)| test(view)).map(|(index, _)| index).collect()
            };
            let places = |list: &[u32]| -> Vec<usize> { list.iter().map(|&index| index as usize).collect() };
            assert_eq!(places(track.kinds.list(Is::Boot)), walked(&|view| view.boot().is_some()));
            assert_eq!(places(track.kinds.list(Is::TxStart)), walked(&|view| view.tx_start().is_some()));
            assert_eq!(places(track.commands()), walked(&|view| view.command().is_some()));
            assert!(track.kinds.lacks(Is::Notify) && !track.kinds.lacks(Is::Settings));
            let both = track.of([Is::TxStart, Is::Authorize]).map(|(index, _)| index);
            let either = walked(&|view| view.tx_start().is_some() || view.authorize().is_some());
            assert_eq!(both.collect::<Vec<_>>(), either);
            // The request and its answer.
            assert_eq!(track.settings_and([]).count(), 2);
            // The answer to nothing, and the start that lacks everything.
            assert_eq!(track.odd().map(|(index, _)| index).collect::<Vec<_>>(), [0, 9]);
            assert_eq!(track.kinds.messages, track.events.len() as i64);
        });
    }
}
