//! Where transactions are set to stop (2.0.1 part 2, E §1.1 and the variable `TxStopPoint` of `TxCtrlr`).

use super::Fact;
use super::field::{self, Target};
use super::store::{Text, put};
use crate::json::{Scan, Scanner};

/// A value of `TxStopPoint` in a `SetVariables` or a `NotifyReport`.
#[derive(Clone, Copy, Debug)]
pub struct StopPoint {
    /// The points, separated by commas.
    pub value: Text,
    /// Whether the charge point reports it; else the CSMS asks for it, and the answer decides.
    pub reported: bool,
}

/// A request that may name the variable: many do not, and cost nothing more than this look.
pub(super) fn request(target: &mut Target<'_>, scanner: &mut Scanner<'_>, reported: bool) -> Scan<Fact> {
    let mut value = Text::NONE;
    field::object(scanner, |scanner, key| match key.raw {
        "setVariableData" | "reportData" => list(target, scanner, &mut value),
        _ => scanner.skip(),
    })?;
    let point = StopPoint { value, reported };
    Ok(if value.is_some() { Fact::StopPoint(put(&mut target.store.stop_points, point)) } else { Fact::None })
}

/// A list of variables: the value of `TxStopPoint`, or in answers to `SetVariables` how setting it went.
pub(super) fn list(target: &mut Target<'_>, scanner: &mut Scanner<'_>, slot: &mut Text) -> Scan<()> {
    field::array(scanner, |scanner| {
        let (mut component, mut variable) = (false, false);
        let (mut value, mut status) = (Text::NONE, Text::NONE);
        field::object(scanner, |scanner, key| match key.raw {
            "component" => named(scanner, "TxCtrlr", &mut component),
            "variable" => named(scanner, "TxStopPoint", &mut variable),
            "attributeValue" => target.text(scanner, &mut value),
            "attributeStatus" => target.text(scanner, &mut status),
            "variableAttribute" => field::array(scanner, |scanner| {
                field::object(scanner, |scanner, key| match key.raw {
                    "value" => target.text(scanner, &mut value),
                    _ => scanner.skip(),
                })
                .map(|_| ())
            }),
            _ => scanner.skip(),
        })?;
        if component && variable && !slot.is_some() {
            *slot = if value.is_some() { value } else { status };
        }
        Ok(())
    })
}

fn named(scanner: &mut Scanner<'_>, name: &str, slot: &mut bool) -> Scan<()> {
    field::object(scanner, |scanner, key| match key.raw {
        "name" => {
            let text = scanner.raw()?;
            *slot = text.trim_matches('"').eq_ignore_ascii_case(name);
            Ok(())
        }
        _ => scanner.skip(),
    })
    .map(|_| ())
}
