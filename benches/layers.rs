//! How fast each stage is by itself, and each layout the whole way: `cargo bench`. Logs of real size are measured by
//! `make bench`.
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on has failed")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ocpplog::event::{Header, Store};
use ocpplog::input::Input;
use ocpplog::json::Scanner;
use ocpplog::layout::{Connection, Context, Frame, Layout, PROFILES, Sink, Taken};
use ocpplog::message;
use ocpplog::options::ReadOptions;
use ocpplog::pipeline::{Progress, read};
use ocpplog::position::Position;
use ocpplog::reject::Reject;
use ocpplog::time::payload_time;
use std::hint::black_box;
use std::sync::Arc;

/// A `MeterValues` call as charge points send it all day.
const FRAME: &str = r#"[2,"8d1f0e52-7f3a-4c1e","MeterValues",{"connectorId":1,"transactionId":5001,"meterValue":[{"timestamp":"2026-03-14T07:04:08.117Z","sampledValue":[{"value":"121100","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","location":"Outlet","unit":"Wh"},{"value":"7210.5","context":"Sample.Periodic","measurand":"Power.Active.Import","unit":"W"},{"value":"10.4","measurand":"Current.Import","phase":"L1","unit":"A"},{"value":"229.9","measurand":"Voltage","phase":"L1-N","unit":"V"}]}]}]"#;

/// Takes frames without looking at them.
struct Nothing;

impl Sink for Nothing {
    fn frame(&mut self, frame: &Frame<'_>) -> Taken {
        let end = frame.text.rfind(']').map_or(1, |at| at + 1);
        Taken { consumed: black_box(end), message: true, cut: false }
    }
    fn context(&mut self, _: &Context<'_>) {}
    fn connection(&mut self, _: &Connection<'_>) {}
    fn reject(&mut self, _: Reject) {}
}

fn layers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("layers");
    group.throughput(Throughput::Bytes(FRAME.len() as u64));
    group.bench_function("json: check a frame", |bencher| {
        bencher.iter(|| Scanner::new(black_box(FRAME)).skip());
    });
    group.bench_function("json: check a frame with serde_json", |bencher| {
        bencher.iter(|| serde_json::from_str::<serde::de::IgnoredAny>(black_box(FRAME)).is_ok());
    });
    group.bench_function("message: read the envelope", |bencher| {
        bencher.iter(|| message::read(black_box(FRAME)).consumed);
    });
    group.bench_function("event: read the payload", |bencher| {
        let message = message::read(FRAME).message.expect("the frame is one");
        let mut store = Store::default();
        bencher.iter(|| {
            if store.events.len() > 10_000 {
                store = Store::default();
            }
            store.push(&Header { charge_point: "CP001", ..Header::default() }, black_box(&message));
        });
    });
    let line = format!(
        "{{\"timestamp\":\"2026-03-14T07:04:08.217Z\",\"charge_point_id\":\"CP001\",\"direction\":\"in\",\"message\":{FRAME}}}\n"
    );
    group.throughput(Throughput::Bytes(line.len() as u64));
    group.bench_function("layout: a JSON line", |bencher| {
        let layout = Layout::named("json_lines").expect("there is such a layout");
        bencher.iter(|| layout.read(black_box(line.as_bytes()), Position::default(), &mut Nothing));
    });
    group.throughput(Throughput::Bytes(24));
    group.bench_function("time: a payload's stamp", |bencher| {
        bencher.iter(|| payload_time(black_box("2026-03-14T07:04:08.117Z")));
    });
    group.finish();
}

/// How long the log of a layout is.
const LOG_BYTES: usize = 4_000_000;

/// A layout's example lines, again and again with other ids.
fn log(example: &str) -> Arc<[u8]> {
    let mut log = String::with_capacity(LOG_BYTES + 1_000);
    let mut number = 0;
    while log.len() < LOG_BYTES {
        log.push_str(&example.replace("\"7", &format!("\"7{number}")));
        log.push('\n');
        number += 1;
    }
    log.into_bytes().into()
}

/// Each layout by one thread, from bytes to all tables. The messages are as short as messages are, so this is what the
/// words around them cost; with meter values the layouts lie closer together.
fn layouts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("layouts");
    group.sample_size(10);
    let options = ReadOptions { threads: Some(1), ..ReadOptions::default() };
    for profile in PROFILES {
        let data = log(profile.example);
        group.throughput(Throughput::BytesDecimal(data.len() as u64));
        group.bench_function(profile.name, |bencher| {
            bencher.iter(|| {
                let source = Input::Bytes { name: "example.log".to_owned(), data: Arc::clone(&data) };
                read(vec![source], &options, &Progress::default()).map(|tables| tables.len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, layers, layouts);
criterion_main!(benches);
