//! A simulator of a fleet of charge points: writes an OCPP log, and the truth about it.
//!
//! It knows nothing of the library that it tests: what it writes is drawn from a story of what happened,
//! so that the tables rebuilt from the log can be held against that story.

mod args;
mod charge_point;
mod charge_point_v16;
mod charge_point_v201;
mod charging;
mod clock;
mod command;
mod deliver_v16;
mod deliver_v201;
mod dice;
mod disturbance;
mod firmware;
mod firmware_run;
mod layout;
mod meter;
mod model;
mod power;
mod session;
mod sink;
mod status;
mod traits;
mod transaction;
mod truth;
mod wire;
mod world;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use serde_json::json;

use crate::args::Args;
use crate::charge_point::ChargePoint;
use crate::clock::{DAY, LOG_START, Ms};
use crate::dice::Dice;
use crate::sink::{Counts, Sink};
use crate::traits::Version;
use crate::truth::Truth;
use crate::world::World;

fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(problem) = args.check() {
        Args::command().error(clap::error::ErrorKind::ArgumentConflict, problem).exit();
    }
    let written = simulate(&args).and_then(|counts| {
        let Counts { bytes, frames, .. } = counts;
        writeln!(io::stdout(), "{}: {bytes} bytes, {frames} frames", args.out.display())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; there is nobody left to tell then.
            let _ = writeln!(io::stderr(), "fleet: {}: {error}", args.out.display());
            ExitCode::FAILURE
        }
    }
}

/// Makes the world that the arguments ask for.
fn create_world(args: &Args) -> io::Result<World> {
    std::fs::create_dir_all(&args.out)?;
    let names = (0..args.charge_points).map(charge_point::name).collect();
    let log = args.out.join(args.layout.file_name());
    Ok(World {
        sink: Sink::create(&log, args.layout, names, Dice::new(args.seed, 0))?,
        truth: Truth::create(&args.out)?,
        weather: args.weather(),
        commands: args.commands,
        last_transaction_id: 10_000,
        end: args.megabytes.is_none().then_some(LOG_START + args.days * DAY),
    })
}

/// Runs the simulation and gives what was written.
fn simulate(args: &Args) -> io::Result<Counts> {
    let mut world = create_world(args)?;
    let new_ones = args.v201_count();
    let count = args.charge_points;
    let mut fleet: Vec<ChargePoint> = (0..count)
        .map(|number| {
            // Spreads the 2.0.1 charge points evenly over the numbers.
            let spread = |number: u32| u64::from(number) * u64::from(new_ones) / u64::from(count);
            let new = spread(number + 1) > spread(number);
            let version = if new { Version::V201 } else { Version::V16 };
            ChargePoint::new(&world, args.seed, number, version)
        })
        .collect();
    let end = run(&mut world, &mut fleet, args.megabytes)?;
    for charge_point in &mut fleet {
        charge_point.finish(&mut world, end);
    }
    world.sink.finish()?;
    let settings = json!({
        "seed": args.seed,
        "charge_points": count,
        "charge_points_v201": new_ones,
        "log_start": clock::iso(LOG_START),
        "disturb": args.disturb,
        "commands": args.commands,
        "only": args.only.map(disturbance::Disturbance::name),
        "layout": format!("{:?}", args.layout),
    });
    let counts = world.sink.counts();
    world.truth.finish(&args.out, &settings, counts, end)?;
    Ok(counts)
}

/// Lets the charge points act in the order of time until the end; gives the time of the end.
fn run(world: &mut World, fleet: &mut [ChargePoint], megabytes: Option<u64>) -> io::Result<Ms> {
    let end = world.end.unwrap_or(Ms::MAX);
    let enough = megabytes.map_or(u64::MAX, |megabytes| megabytes * 1_000_000);
    let mut turns: BinaryHeap<Reverse<(Ms, usize)>> = fleet
        .iter()
        .enumerate()
        .filter_map(|(number, charge_point)| Some(Reverse((charge_point.next_at()?, number))))
        .collect();
    let mut now = LOG_START;
    while let Some(Reverse((at, number))) = turns.pop() {
        if at >= end || world.sink.counts().bytes >= enough {
            break;
        }
        now = at;
        // An answer may be logged a few milliseconds before its call, never before its step.
        world.sink.flush_until(at - 1)?;
        fleet[number].step(world);
        if let Some(next) = fleet[number].next_at() {
            turns.push(Reverse((next, number)));
        }
    }
    Ok(world.end.unwrap_or(now))
}
