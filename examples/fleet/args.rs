//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::disturbance::{Disturbance, Weather};

/// Writes the OCPP log of a made-up fleet, and the truth about it beside the log.
#[derive(Debug, Parser)]
#[command(name = "fleet")]
pub(crate) struct Args {
    /// Seed: the same arguments give the same bytes.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Number of charge points.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) charge_points: u32,
    /// Days to simulate (ignored where --megabytes is given).
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) days: i64,
    /// Stop after about this many megabytes (10^6 bytes), however many days that takes.
    #[arg(long)]
    pub(crate) megabytes: Option<u64>,
    /// Share of OCPP 2.0.1 charge points; the others speak 1.6-J.
    #[arg(long, default_value_t = 0.5, value_parser = share)]
    pub(crate) v201_share: f64,
    /// Probability that a session, status change or firmware update is disturbed.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub(crate) disturb: f64,
    /// Apply this kind of disturbance only.
    #[arg(long, value_enum)]
    pub(crate) only: Option<Disturbance>,
    /// Also what the CSMS asks for beside charging, cards that are refused or not used, and resets.
    #[arg(long)]
    pub(crate) commands: bool,
    /// How the log is written.
    #[arg(long, value_enum, default_value_t = LayoutName::Json)]
    pub(crate) layout: LayoutName,
    /// Folder for the log and the truth files; made if it is missing.
    #[arg(long)]
    pub(crate) out: PathBuf,
}

impl Args {
    /// The disturbance settings.
    pub(crate) fn weather(&self) -> Weather {
        Weather { per_mille: per_mille(self.disturb), only: self.only }
    }

    /// How many of the charge points speak 2.0.1.
    pub(crate) fn v201_count(&self) -> u32 {
        ((i64::from(self.charge_points) * per_mille(self.v201_share) + 500) / 1000) as u32
    }

    /// What cannot be told by the types of the arguments.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.layout == LayoutName::Bare && self.charge_points != 1 {
            return Err("--layout bare names no charge point: use --charge-points 1".into());
        }
        if self.only.is_some() && self.disturb == 0.0 {
            return Err("--only has no effect without --disturb".into());
        }
        Ok(())
    }
}

/// A probability as thousandths.
fn per_mille(share: f64) -> i64 {
    (share * 1000.0).round() as i64
}

/// Parses a number between 0 and 1.
fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("expected a number between 0 and 1".into()),
    }
}

/// The layouts that the simulator writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayoutName {
    /// JSON lines with the frame as a nested array.
    Json,
    /// JSON lines with the frame as a string.
    JsonEscaped,
    /// The Python library's `receive message` / `send` lines.
    Mobilityhouse,
    /// The websocket log of `SteVe`, with openings and closings.
    Steve,
    /// The trace log of evcc, in whole seconds.
    Evcc,
    /// Time, charge point and frame.
    BareTime,
    /// Frames only.
    Bare,
}

impl LayoutName {
    /// Whether a line is a JSON document.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, LayoutName::Json | LayoutName::JsonEscaped)
    }

    /// The name of the log file.
    pub(crate) fn file_name(self) -> &'static str {
        if self.is_json() { "fleet.jsonl" } else { "fleet.log" }
    }
}
