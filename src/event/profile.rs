//! Charging profiles: `SetChargingProfile`, `ClearChargingProfile`, profiles inside of requests to start, and
//! `ReportChargingProfiles` (1.6 §5.16, §5.3, §7.8 to §7.14; 2.0.1 part 2 K01 to K10; 2.1 part 2 K).

use super::Fact;
use super::field::{self, Target};
use super::meter::Span;
use super::secret::masked;
use super::store::{Text, put};
use crate::json::{Scan, Scanner};
use crate::time::Instant;

/// A charging profile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Profile {
    /// Its number.
    pub id: Option<i64>,
    /// Its rank among those of its purpose.
    pub stack_level: Option<i32>,
    /// Its purpose.
    pub purpose: Text,
    /// Absolute, Recurring, Relative or Dynamic.
    pub kind: Text,
    /// Daily or Weekly.
    pub recurrency: Text,
    /// From when it is valid.
    pub valid_from: Instant,
    /// Until when it is valid.
    pub valid_to: Instant,
    /// The transaction that it is for.
    pub transaction_id: Text,
    /// The unit of its first schedule.
    pub rate_unit: Text,
    /// The lowest limit of its schedules in that unit.
    pub lowest: Option<f64>,
    /// The highest limit of its schedules in that unit.
    pub highest: Option<f64>,
    /// Its schedule or schedules as they were written.
    pub schedule: Text,
}

/// Charging profiles that a request carries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Profiles {
    /// The EVSE; in 1.x the connector.
    pub evse: Option<i32>,
    /// 2.x: the number of the request to start that carries it.
    pub remote_start_id: Option<i64>,
    /// Whether they are only reported, not set.
    pub reported: bool,
    /// The profiles.
    pub profiles: Span,
}

/// `ClearChargingProfile`: which ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProfileClear {
    /// The number of one profile.
    pub id: Option<i64>,
    /// The EVSE; in 1.x the connector.
    pub evse: Option<i32>,
    /// The purpose.
    pub purpose: Text,
    /// The rank.
    pub stack_level: Option<i32>,
}

/// Any request that may carry profiles. One that carries none gives no fact.
pub(super) fn profiles(target: &mut Target<'_>, scanner: &mut Scanner<'_>, reported: bool) -> Scan<Fact> {
    let first = target.store.profiles.len();
    let mut request = Profiles { reported, ..Profiles::default() };
    let object = field::object(scanner, |scanner, key| match key.raw {
        "evseId" | "connectorId" => field::int(scanner, &mut request.evse),
        "remoteStartId" => field::long(scanner, &mut request.remote_start_id),
        "csChargingProfiles" | "chargingProfile" => field::array(scanner, |scanner| profile(target, scanner)),
        _ => scanner.skip(),
    })?;
    if !object {
        return Ok(Fact::Bad);
    }
    let store = &mut *target.store;
    request.profiles = Span { start: first as u32, length: (store.profiles.len() - first) as u32 };
    Ok(if request.profiles.length == 0 { Fact::None } else { Fact::Profiles(put(&mut store.profile_lists, request)) })
}

/// `ClearChargingProfile`.
pub(super) fn clear(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut clear = ProfileClear::default();
    field::object(scanner, |scanner, key| match key.raw {
        "chargingProfileCriteria" => {
            field::object(scanner, |scanner, key| criterion(target, scanner, key.raw, &mut clear)).map(|_| ())
        }
        other => criterion(target, scanner, other, &mut clear),
    })?;
    Ok(Fact::ProfileClear(put(&mut target.store.profile_clears, clear)))
}

fn criterion(target: &mut Target<'_>, scanner: &mut Scanner<'_>, key: &str, clear: &mut ProfileClear) -> Scan<()> {
    match key {
        "id" | "chargingProfileId" => field::long(scanner, &mut clear.id),
        "evseId" | "connectorId" => field::int(scanner, &mut clear.evse),
        "chargingProfilePurpose" => target.text(scanner, &mut clear.purpose),
        "stackLevel" => field::int(scanner, &mut clear.stack_level),
        _ => scanner.skip(),
    }
}

fn profile(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<()> {
    let mut profile = Profile::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "chargingProfileId" | "id" => field::long(scanner, &mut profile.id),
        "stackLevel" => field::int(scanner, &mut profile.stack_level),
        "chargingProfilePurpose" => target.text(scanner, &mut profile.purpose),
        "chargingProfileKind" => target.text(scanner, &mut profile.kind),
        "recurrencyKind" => target.text(scanner, &mut profile.recurrency),
        "validFrom" => field::time(scanner, &mut profile.valid_from),
        "validTo" => field::time(scanner, &mut profile.valid_to),
        "transactionId" => target.id(scanner, &mut profile.transaction_id),
        "chargingSchedule" => {
            let raw = scanner.clone().raw()?;
            profile.schedule = target.store.keep(&masked(raw));
            field::array(scanner, |scanner| schedule(target, scanner, &mut profile))
        }
        _ => scanner.skip(),
    })?;
    if object {
        target.store.profiles.push(profile);
    }
    Ok(())
}

/// One schedule: its unit and its limits. A second one in another unit cannot be compared and is left out of them.
fn schedule(target: &mut Target<'_>, scanner: &mut Scanner<'_>, profile: &mut Profile) -> Scan<()> {
    let mut unit = Text::NONE;
    let (mut lowest, mut highest): (Option<f64>, Option<f64>) = (None, None);
    field::object(scanner, |scanner, key| match key.raw {
        "chargingRateUnit" => target.text(scanner, &mut unit),
        "chargingSchedulePeriod" => field::array(scanner, |scanner| {
            field::object(scanner, |scanner, key| {
                if !matches!(key.raw, "limit" | "limit_L2" | "limit_L3") {
                    return scanner.skip();
                }
                let mut limit = None;
                field::float(scanner, &mut limit)?;
                if let Some(limit) = limit {
                    lowest = Some(lowest.map_or(limit, |lowest| lowest.min(limit)));
                    highest = Some(highest.map_or(limit, |highest| highest.max(limit)));
                }
                Ok(())
            })
            .map(|_| ())
        }),
        _ => scanner.skip(),
    })?;
    let store = &target.store;
    if !profile.rate_unit.is_some() {
        profile.rate_unit = unit;
    } else if store.text(profile.rate_unit) != store.text(unit) {
        return Ok(());
    }
    profile.lowest = profile.lowest.into_iter().chain(lowest).reduce(f64::min);
    profile.highest = profile.highest.into_iter().chain(highest).reduce(f64::max);
    Ok(())
}
