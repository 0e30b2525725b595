//! Sampled values: measurands, units and values in one form for all versions.
//!
//! Vocabularies: 1.6 §7.31 (measurand), §7.45 (unit), §7.37 (phase), §7.23 (location), §7.40 (context);
//! 2.0.1 part 2 §3.56 to §3.60 and appendix 2 (units); 2.1 part 2.

use crate::flag::{Flag, Flags};
use crate::number::plain;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A run of samples in a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Index of the first one.
    pub start: u32,
    /// How many.
    pub length: u32,
}

impl Span {
    /// The indices.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.length as usize
    }
}

/// A word of a vocabulary: the index of a known word, or of one kept in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name(u16);

impl Name {
    /// No word.
    pub const NONE: Self = Self(u16::MAX);
    /// Words up to this index are known ones.
    const KNOWN: u16 = 256;

    /// The known word of this spelling. For tests of equality with constants.
    #[must_use]
    pub fn known(word: &str) -> Self {
        WORDS.binary_search(&word).map_or(Self::NONE, |index| Self(index as u16))
    }

    /// How many words are known at most: their names have smaller numbers.
    pub const MOST_KNOWN: usize = Self::KNOWN as usize;

    /// Its number; that of an unknown word means something in its own store only.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// Whether there is a word.
    #[must_use]
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// Whether it is a word that OCPP knows.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.0 < Self::KNOWN
    }
}

/// Words that no version knows, as met in one store.
#[derive(Debug, Default)]
pub struct Names {
    words: Vec<String>,
    index: FxHashMap<String, u16>,
}

impl Names {
    /// The name of a word in its usual spelling; known words match in any case.
    pub fn of(&mut self, word: &str) -> Name {
        if let Some(&index) = BY_WORD.get(word) {
            return Name(index);
        }
        let same = |known: &&str| known.eq_ignore_ascii_case(word);
        match WORDS.iter().position(same) {
            Some(index) => Name(index as u16),
            None => self.kept(word),
        }
    }

    /// The name of a word exactly as it is spelled.
    pub fn spelled(&mut self, word: &str) -> Name {
        match BY_WORD.get(word) {
            Some(&index) => Name(index),
            None => self.kept(word),
        }
    }

    fn kept(&mut self, word: &str) -> Name {
        if let Some(&index) = self.index.get(word) {
            return Name(index);
        }
        // More than 65,000 made-up words in one chunk are an attack, not a vocabulary.
        let Ok(next) = u16::try_from(self.words.len() + usize::from(Name::KNOWN)) else {
            return Name::NONE;
        };
        if next == u16::MAX {
            return Name::NONE;
        }
        self.words.push(word.to_owned());
        self.index.insert(word.to_owned(), next);
        Name(next)
    }

    /// Whether every word so far was a known one.
    pub(super) const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The word of a name.
    #[must_use]
    pub fn word(&self, name: Name) -> Option<&str> {
        if name.0 < Name::KNOWN {
            WORDS.get(usize::from(name.0)).copied()
        } else {
            self.words.get(usize::from(name.0 - Name::KNOWN)).map(String::as_str)
        }
    }
}

/// Every known measurand, unit, phase, location and context, sorted.
const WORDS: &[&str] = &[
    "A",
    "Body",
    "Cable",
    "Celsius",
    "Current.Export",
    "Current.Export.Minimum",
    "Current.Export.Offered",
    "Current.Import",
    "Current.Import.Minimum",
    "Current.Import.Offered",
    "Current.Offered",
    "Display.BatteryEnergyCapacity",
    "Display.ChargingComplete",
    "Display.InletHot",
    "Display.MaximumSOC",
    "Display.MinimumSOC",
    "Display.PresentSOC",
    "Display.RemainingTimeToMaximumSOC",
    "Display.RemainingTimeToMinimumSOC",
    "Display.RemainingTimeToTargetSOC",
    "Display.TargetSOC",
    "EV",
    "Energy.Active.Export.Interval",
    "Energy.Active.Export.Register",
    "Energy.Active.Import.CableLoss",
    "Energy.Active.Import.Interval",
    "Energy.Active.Import.LocalGeneration.Register",
    "Energy.Active.Import.Register",
    "Energy.Active.Net",
    "Energy.Active.Setpoint.Interval",
    "Energy.Apparent.Export",
    "Energy.Apparent.Import",
    "Energy.Apparent.Net",
    "Energy.Reactive.Export.Interval",
    "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Interval",
    "Energy.Reactive.Import.Register",
    "Energy.Reactive.Net",
    "EnergyRequest.Bulk",
    "EnergyRequest.Maximum",
    "EnergyRequest.Maximum.V2X",
    "EnergyRequest.Minimum",
    "EnergyRequest.Minimum.V2X",
    "EnergyRequest.Target",
    "Fahrenheit",
    "Frequency",
    "Hz",
    "Inlet",
    "Interruption.Begin",
    "Interruption.End",
    "K",
    "L1",
    "L1-L2",
    "L1-N",
    "L2",
    "L2-L3",
    "L2-N",
    "L3",
    "L3-L1",
    "L3-N",
    "MWh",
    "N",
    "Other",
    "Outlet",
    "Percent",
    "Power.Active.Export",
    "Power.Active.Import",
    "Power.Active.Residual",
    "Power.Active.Setpoint",
    "Power.Export.Minimum",
    "Power.Export.Offered",
    "Power.Factor",
    "Power.Import.Minimum",
    "Power.Import.Offered",
    "Power.Offered",
    "Power.Reactive.Export",
    "Power.Reactive.Import",
    "RPM",
    "Sample.Clock",
    "Sample.Periodic",
    "SoC",
    "Temperature",
    "Transaction.Begin",
    "Transaction.End",
    "Trigger",
    "Upstream",
    "V",
    "VA",
    "VAh",
    "Voltage",
    "Voltage.Maximum",
    "Voltage.Minimum",
    "W",
    "Wh",
    "kVA",
    "kVAh",
    "kW",
    "kWh",
    "kvar",
    "kvarh",
    "var",
    "varh",
];

/// The same by the word.
static BY_WORD: LazyLock<FxHashMap<&'static str, u16>> =
    LazyLock::new(|| WORDS.iter().enumerate().map(|(index, &word)| (word, index as u16)).collect());

/// How a unit becomes its base unit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// By a power of ten.
    Ten(i32),
    /// By value × factor + shift.
    Line(f64, f64),
}

/// A unit's base unit, and the way there.
const UNITS: &[(&str, &str, Way)] = &[
    ("wh", "Wh", Way::Ten(0)),
    ("kwh", "Wh", Way::Ten(3)),
    ("mwh", "Wh", Way::Ten(6)),
    ("w", "W", Way::Ten(0)),
    ("kw", "W", Way::Ten(3)),
    ("a", "A", Way::Ten(0)),
    ("v", "V", Way::Ten(0)),
    ("percent", "Percent", Way::Ten(0)),
    ("%", "Percent", Way::Ten(0)),
    ("celsius", "Celsius", Way::Ten(0)),
    ("celcius", "Celsius", Way::Ten(0)),
    ("k", "Celsius", Way::Line(1.0, -273.15)),
    ("fahrenheit", "Celsius", Way::Line(5.0 / 9.0, -160.0 / 9.0)),
    ("varh", "varh", Way::Ten(0)),
    ("kvarh", "varh", Way::Ten(3)),
    ("var", "var", Way::Ten(0)),
    ("kvar", "var", Way::Ten(3)),
    ("va", "VA", Way::Ten(0)),
    ("kva", "VA", Way::Ten(3)),
    ("vah", "VAh", Way::Ten(0)),
    ("kvah", "VAh", Way::Ten(3)),
    ("hz", "Hz", Way::Ten(0)),
    ("hertz", "Hz", Way::Ten(0)),
    ("amp", "A", Way::Ten(0)),
    ("volt", "V", Way::Ten(0)),
];

/// What had to be said about a sample, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(u16);

const MARKS: &[Flag] = &[
    Flag::BadValue,
    Flag::DecimalComma,
    Flag::MeasurandUnknown,
    Flag::TimeCoerced,
    Flag::TimeInvalid,
    Flag::TimeRange,
    Flag::TzMissing,
    Flag::UnitUnknown,
    Flag::ValueNotFinite,
];

impl Marks {
    /// The set as bits.
    pub(super) const fn bits(self) -> u16 {
        self.0
    }

    /// Adds a flag that samples may carry; others are ignored.
    pub fn add(&mut self, flag: Flag) {
        if let Some(bit) = MARKS.iter().position(|&mark| mark == flag) {
            self.0 |= 1 << bit;
        }
    }

    /// Adds those of `flags` that samples may carry.
    pub fn extend(&mut self, flags: Flags) {
        if !flags.is_empty() {
            flags.iter().for_each(|flag| self.add(flag));
        }
    }

    /// The marks as flags.
    #[must_use]
    pub fn flags(self) -> Flags {
        if self.0 == 0 {
            return Flags::NONE;
        }
        MARKS.iter().enumerate().filter(|(bit, _)| self.0 & (1 << bit) != 0).map(|(_, &flag)| flag).collect()
    }
}

/// One sampled value.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// When it was taken, by the charge point's clock: UTC microseconds.
    pub time: Option<i64>,
    /// The value in its base unit; none if it is no finite number.
    pub value: Option<f64>,
    /// The value as written, where it is no plain number.
    pub raw: super::store::Text,
    /// What was measured.
    pub measurand: Name,
    /// On which phase; none for the whole.
    pub phase: Name,
    /// Where.
    pub location: Name,
    /// On what occasion.
    pub context: Name,
    /// The base unit.
    pub unit: Name,
    /// The unit as written.
    pub unit_raw: Name,
    /// Whether the value is signed data.
    pub is_signed: bool,
    /// What had to be said about it.
    pub marks: Marks,
}

impl Sample {
    /// Whether another one has the same words and is signed as this one is: of one store, it is of the same kind then.
    #[inline]
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.measurand == other.measurand
            && self.phase == other.phase
            && self.location == other.location
            && self.context == other.context
            && self.unit == other.unit
            && self.unit_raw == other.unit_raw
            && self.is_signed == other.is_signed
    }
}

/// The measurands that rebuild looks at.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// `Energy.Active.Import.Register`.
    pub import_register: Name,
    /// `Energy.Active.Export.Register`.
    pub export_register: Name,
    /// `Energy.Active.Import.Interval`.
    pub import_interval: Name,
    /// `Energy.Active.Export.Interval`.
    pub export_interval: Name,
    /// `Energy.Active.Net`.
    pub net: Name,
    /// `Power.Active.Import`.
    pub import_power: Name,
    /// `Power.Offered`, and its name in 2.1 `Power.Import.Offered`.
    pub offered: [Name; 2],
    /// `SoC`.
    pub soc: Name,
    /// Context `Transaction.Begin`.
    pub begin: Name,
    /// Context `Transaction.End`.
    pub end: Name,
    /// Context `Sample.Clock`.
    pub clock: Name,
    /// Location `Outlet`.
    pub outlet: Name,
    /// Location `Inlet`.
    pub inlet: Name,
    /// `L1`, `L2`, `L3`.
    pub phases: [Name; 3],
    /// `L1-N`, `L2-N`, `L3-N`.
    pub phases_to_neutral: [Name; 3],
}

impl Known {
    /// The names, looked up once.
    #[must_use]
    pub fn new() -> Self {
        static KNOWN: LazyLock<Known> = LazyLock::new(Known::look_up);
        *KNOWN
    }

    fn look_up() -> Self {
        Self {
            import_register: Name::known("Energy.Active.Import.Register"),
            export_register: Name::known("Energy.Active.Export.Register"),
            import_interval: Name::known("Energy.Active.Import.Interval"),
            export_interval: Name::known("Energy.Active.Export.Interval"),
            net: Name::known("Energy.Active.Net"),
            import_power: Name::known("Power.Active.Import"),
            offered: ["Power.Offered", "Power.Import.Offered"].map(Name::known),
            soc: Name::known("SoC"),
            begin: Name::known("Transaction.Begin"),
            end: Name::known("Transaction.End"),
            clock: Name::known("Sample.Clock"),
            outlet: Name::known("Outlet"),
            inlet: Name::known("Inlet"),
            phases: ["L1", "L2", "L3"].map(Name::known),
            phases_to_neutral: ["L1-N", "L2-N", "L3-N"].map(Name::known),
        }
    }
}

impl Default for Known {
    fn default() -> Self {
        Self::new()
    }
}

/// A base unit and the way to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    pub(super) unit: Option<&'static str>,
    pub(super) unknown: bool,
    way: Way,
}

impl Base {
    /// The base unit of `unit`. Without a unit, energy is Wh (1.6 §7.45: the default of the energy measurands only), and
    /// nothing else has one.
    pub(super) fn of(unit: Option<&str>, measurand: Option<&str>) -> Self {
        let Some(unit) = unit.map(str::trim).filter(|unit| !unit.is_empty()) else {
            let energy = measurand.is_none_or(|name| name.starts_with("Energy.Active"));
            return Self { unit: energy.then_some("Wh"), unknown: false, way: Way::Ten(0) };
        };
        match UNITS.iter().find(|known| known.0.eq_ignore_ascii_case(unit)) {
            Some(&(_, base, way)) => Self { unit: Some(base), unknown: false, way },
            None => Self { unit: None, unknown: true, way: Way::Ten(0) },
        }
    }

    /// A number times a power of ten, in the base unit.
    pub(super) fn value(self, text: &str, multiplier: i32) -> Option<f64> {
        match self.way {
            Way::Ten(exponent) => scaled(text, exponent + multiplier),
            Way::Line(factor, shift) => scaled(text, multiplier).map(|value| value * factor + shift),
        }
    }

    /// The power of ten that brings a value into the base unit, if that is the way.
    pub(super) fn exponent(self, multiplier: i32) -> Option<i32> {
        match self.way {
            Way::Ten(exponent) => Some(exponent + multiplier),
            Way::Line(..) => None,
        }
    }
}

/// A number times a power of ten, rounded once: 4151.681 kWh are 4151681 Wh, and not a trillionth less.
fn scaled(text: &str, exponent: i32) -> Option<f64> {
    if let Some(value) = plain(text).and_then(|number| number.scaled(exponent)) {
        return Some(value);
    }
    if exponent == 0 {
        return fast_float2::parse(text).ok();
    }
    match text.find(['e', 'E']) {
        None => fast_float2::parse(format!("{text}e{exponent}")).ok(),
        Some(at) => {
            let written: i32 = text[at + 1..].parse().ok()?;
            fast_float2::parse(format!("{}e{}", &text[..at], written.saturating_add(exponent))).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_and_leave_room_for_others() {
        assert!(
            WORDS.windows(2).all(|pair| pair[0] < pair[1]),
            "{:?}",
            WORDS.windows(2).find(|pair| pair[0] >= pair[1])
        );
        assert!(WORDS.len() < usize::from(Name::KNOWN));
    }

    #[test]
    fn words_match_in_any_case_and_unknown_ones_are_kept() {
        let mut names = Names::default();
        let name = names.of("current.import");
        assert_eq!(names.word(name), Some("Current.Import"));
        let name = names.of("Fuel.Level");
        assert_eq!(names.word(name), Some("Fuel.Level"));
        assert_eq!(names.of("Fuel.Level"), name);
        assert_eq!(names.word(Name::NONE), None);
    }

    #[test]
    fn units_come_out_as_base_units() {
        let base = |value, unit, measurand, multiplier| {
            let base = Base::of(unit, measurand);
            (base.value(value, multiplier), base.unit)
        };
        assert_eq!(base("4151.681", Some("kWh"), None, 0), (Some(4_151_681.0), Some("Wh")));
        assert_eq!(base("1.5e0", Some("KWH"), None, 0), (Some(1500.0), Some("Wh")));
        assert_eq!(base("12", None, None, 3), (Some(12_000.0), Some("Wh")));
        assert_eq!(base("12", None, Some("Voltage"), 0), (Some(12.0), None));
        assert_eq!(base("300", Some("K"), Some("Temperature"), 0).1, Some("Celsius"));
        let odd = Base::of(Some("furlong"), None);
        assert_eq!((odd.value("3", 0), odd.unit, odd.unknown), (Some(3.0), None, true));
    }

    #[test]
    fn marks_come_back_as_flags() {
        let mut marks = Marks::default();
        marks.add(Flag::BadValue);
        marks.add(Flag::TzMissing);
        let names: Vec<_> = marks.flags().iter().map(|flag| flag.info().name).collect();
        assert_eq!(names, ["bad_value", "tz_missing"]);
    }
}
