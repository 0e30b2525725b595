//! `NotifyEvent` (2.0.1 part 2, G01, G05, N07): changes of components, and monitors that raise and clear alerts.

use super::field::{self, Target};
use super::store::{Text, put};
use super::{Fact, View};
use crate::json::{Scan, Scanner, Value};
use crate::time::Instant;

/// One message; a long one comes in parts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notify {
    /// When it was made; the same in all parts.
    pub generated: Instant,
    /// Which part it is, from 0.
    pub seq_no: Option<i64>,
    first: u32,
    count: u32,
}

/// One entry of `eventData`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notice {
    /// When it happened, by the charge point's clock.
    pub time: Instant,
    /// Whether a monitor raised it (`trigger` Alerting), not a change of the value or a timer.
    pub alerting: bool,
    /// Whether the alert is over.
    pub cleared: bool,
    /// The variable's value.
    pub value: Text,
    /// The component.
    pub component: Text,
    /// Which one of several.
    pub component_instance: Text,
    /// The EVSE that the component belongs to.
    pub evse: Option<i32>,
    /// The connector of the EVSE.
    pub connector: Option<i32>,
    /// The variable.
    pub variable: Text,
    /// Which one of several.
    pub variable_instance: Text,
    /// The monitor that raised it.
    pub monitor: Option<i64>,
    /// A code of the vendor or of MREC.
    pub tech_code: Text,
    /// Free text.
    pub tech_info: Text,
    /// The transaction that it speaks of.
    pub transaction_id: Text,
    /// How severe, from 0 (danger) to 9 (debug); since 2.1.
    pub severity: Option<i32>,
}

impl<'a> View<'a> {
    /// The entries of a `NotifyEvent`.
    #[must_use]
    pub fn notices(&self, notify: &Notify) -> &'a [Notice] {
        let first = notify.first as usize;
        self.home.notices.get(first..first + notify.count as usize).unwrap_or_default()
    }
}

pub(super) fn notify(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let first = target.store.notices.len();
    let mut notify = Notify { first: first as u32, ..Notify::default() };
    field::object(scanner, |scanner, key| match key.raw {
        "generatedAt" => field::time(scanner, &mut notify.generated),
        "seqNo" => field::long(scanner, &mut notify.seq_no),
        "eventData" => field::array(scanner, |scanner| notice(target, scanner)),
        _ => scanner.skip(),
    })?;
    notify.count = (target.store.notices.len() - first) as u32;
    Ok(if notify.count > 0 { Fact::Notify(put(&mut target.store.notifies, notify)) } else { Fact::None })
}

fn notice(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<()> {
    let mut notice = Notice::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "timestamp" => field::time(scanner, &mut notice.time),
        "trigger" => alerting(scanner, &mut notice.alerting),
        "actualValue" => target.text(scanner, &mut notice.value),
        "cleared" => field::truth(scanner).map(|value| notice.cleared |= value),
        "component" => component(target, scanner, &mut notice),
        "variable" => named(target, scanner, &mut notice.variable, &mut notice.variable_instance),
        "variableMonitoringId" => field::long(scanner, &mut notice.monitor),
        "techCode" => target.text(scanner, &mut notice.tech_code),
        "techInfo" => target.text(scanner, &mut notice.tech_info),
        "transactionId" => target.id(scanner, &mut notice.transaction_id),
        "severity" => field::int(scanner, &mut notice.severity),
        _ => scanner.skip(),
    })?;
    if object {
        target.store.notices.push(notice);
    }
    Ok(())
}

fn alerting(scanner: &mut Scanner<'_>, slot: &mut bool) -> Scan<()> {
    if let Value::Text(text) = scanner.value()? {
        *slot |= text.raw.eq_ignore_ascii_case("Alerting");
    }
    Ok(())
}

fn named(target: &mut Target<'_>, scanner: &mut Scanner<'_>, name: &mut Text, instance: &mut Text) -> Scan<()> {
    field::object(scanner, |scanner, key| match key.raw {
        "name" => target.text(scanner, name),
        "instance" => target.text(scanner, instance),
        _ => scanner.skip(),
    })
    .map(|_| ())
}

fn component(target: &mut Target<'_>, scanner: &mut Scanner<'_>, notice: &mut Notice) -> Scan<()> {
    field::object(scanner, |scanner, key| match key.raw {
        "name" => target.text(scanner, &mut notice.component),
        "instance" => target.text(scanner, &mut notice.component_instance),
        "evse" => field::object(scanner, |scanner, key| match key.raw {
            "id" => field::int(scanner, &mut notice.evse),
            "connectorId" => field::int(scanner, &mut notice.connector),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        _ => scanner.skip(),
    })
    .map(|_| ())
}
