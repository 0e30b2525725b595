//! Firmware updates as a charge point lives through them.

use crate::charge_point::ChargePoint;
use crate::clock::{DAY, HOUR, MINUTE, Ms, SECOND, iso};
use crate::disturbance::{Disturbance, Marks, Scope};
use crate::firmware::{Job, Moment, Reply, Story};
use crate::layout::Content;
use crate::model::Step;
use crate::traits::Version;
use crate::truth::FirmwareRow;
use crate::wire::{Answer, Tamper};
use crate::world::World;

/// Silence after which an unfinished update is given up.
const STALL: Ms = DAY;

impl ChargePoint {
    /// Whether the messages are those with a requestId.
    fn is_signed(&self) -> bool {
        self.version == Version::V201 || self.traits.signed_firmware
    }

    /// An update is due: it begins as soon as the charge point is idle.
    pub(crate) fn firmware_due(&mut self, world: &mut World, at: Ms) {
        if self.firmware_stuck {
            return;
        }
        let idle =
            self.connectors.iter().all(|connector| connector.session.is_none() && connector.track.now.0 == "Available");
        if !idle || !self.is_calm() || self.told_release.is_none() {
            self.agenda.add(at + self.dice.between(2 * MINUTE, 15 * MINUTE), Step::FirmwareDue);
            return;
        }
        if let Some(job) = self.pending_job.take() {
            world.truth.firmware(&job.row);
        }
        let signed = self.is_signed();
        let story = Story::draw(&mut self.dice, signed);
        let mut job = self.new_job(story, at);
        job.plan = world.weather.draw(&mut self.dice, Scope::Firmware);
        if let Some((pause, _)) = job.script.front() {
            self.agenda.add(at + pause, Step::Firmware);
        }
        self.job = Some(job);
    }

    /// A job that follows a story.
    fn new_job(&mut self, story: Story, at: Ms) -> Job {
        let signed = self.is_signed();
        let tells = story != Story::Spontaneous;
        let target = self.release.next(&mut self.dice);
        let scheduled = signed && tells && self.dice.chance(250);
        let script = story.script(&mut self.dice, signed, scheduled);
        self.next_request_id += 1;
        let location = format!("firmware.example/{}/{target}.bin", self.traits.model.to_lowercase().replace(' ', "-"));
        let row = FirmwareRow {
            charge_point_id: self.name.clone(),
            kind: if signed { "signed" } else { "plain" },
            source: if tells { "csms" } else { "charge_point" },
            story: story.name(),
            request_id: (signed && tells).then_some(self.next_request_id),
            requested_at: None,
            location: tells.then(|| format!("https://{location}")),
            retrieve_at: tells.then_some(at),
            install_at: scheduled.then_some(at + 3 * MINUTE),
            statuses: Vec::new(),
            outcome: "in_progress",
            version_before: self.told_release.map(|release| release.to_string()),
            version_after: None,
            marks: Marks::default(),
            leaves_trace: true,
        };
        Job { story, script, row, last_at: at, plan: None, booted: (false, false), target }
    }

    /// The update goes on.
    pub(crate) fn firmware_step(&mut self, world: &mut World, at: Ms) {
        let Some(mut job) = self.job.take() else {
            return;
        };
        let Some((_, moment)) = job.script.pop_front() else {
            return;
        };
        let mut now = at;
        match moment {
            Moment::Request(reply) => now = self.request_update(world, at, &mut job, reply),
            Moment::Report(status) => now = self.report_update(world, at, &mut job, status),
            Moment::Idle => {
                let payload = r#"{"requestedMessage":"FirmwareStatusNotification"}"#;
                let answer = Answer::Result(r#"{"status":"Accepted"}"#);
                let call = ("TriggerMessage", payload);
                let sink = &mut world.sink;
                let slot = self.wire.command(sink, &mut self.dice, at, call, answer, Tamper::default());
                let mut row = self.asked(slot.logged, call.0, None, Some("Accepted"), "triggered");
                row.marks = job.row.marks.clone();
                world.truth.command(&row);
                now = self.report_update(world, slot.done + SECOND, &mut job, "Idle");
            }
            Moment::Down(updated) => {
                self.online = false;
                self.wire.event(&mut world.sink, at, Content::Close);
                if updated {
                    self.release = job.target;
                }
            }
            Moment::Up => {
                let reason = if job.story == Story::Spontaneous { "PowerUp" } else { "FirmwareUpdate" };
                now = self.boot(world, at, reason, false, &[]);
                let renewed = self.release == job.target;
                job.booted = (renewed, !renewed);
                job.row.version_after = Some(self.release.to_string());
            }
            Moment::Supersede => {
                job.row.outcome = "superseded";
                world.truth.firmware(&job.row);
                let marks = job.row.marks.clone();
                job = self.new_job(Story::BootFirst, at);
                job.row.story = "supersedes";
                job.row.marks = marks;
                if self.is_signed() {
                    job.script[0].1 = Moment::Request(Reply::Status("AcceptedCanceled"));
                }
            }
        }
        match job.script.front() {
            Some((pause, _)) => {
                self.agenda.add(now + pause, Step::Firmware);
                self.job = Some(job);
            }
            None => self.end_job(world, job, at),
        }
    }

    /// An update has come to the end of its story.
    fn end_job(&mut self, world: &mut World, mut job: Job, at: Ms) {
        job.row.outcome = job.story.outcome();
        let next = at + self.dice.between(2 * DAY, 6 * DAY);
        if job.story.sticks() {
            self.firmware_stuck = true;
            self.pending_job = Some(job);
        } else {
            self.agenda.add(next, Step::FirmwareDue);
            if job.story == Story::Unverified {
                self.pending_job = Some(job);
            } else {
                world.truth.firmware(&job.row);
            }
        }
    }

    /// A boot may still tell how an update ended.
    pub(crate) fn note_boot(&mut self, at: Ms) {
        if let Some(job) = &mut self.pending_job
            && job.story == Story::Unverified
            && job.row.outcome == "installed_unverified"
            && at - job.last_at < STALL
        {
            job.row.outcome = "installed_version_unchanged";
            job.row.version_after = Some(self.release.to_string());
        }
    }

    /// The CSMS asks for an update.
    fn request_update(&mut self, world: &mut World, at: Ms, job: &mut Job, reply: Reply) -> Ms {
        let row = &mut job.row;
        row.retrieve_at = Some(at);
        let bare = row.location.clone().unwrap_or_default();
        // Some servers put the password into the address; the tables must not show it.
        let location =
            if self.dice.chance(200) { bare.replacen("https://", "https://update:s3cret@", 1) } else { bare };
        let retrieve = iso(at);
        let install =
            row.install_at.map_or_else(String::new, |install| format!(r#","installDateTime":"{}""#, iso(install)));
        let (action, payload) = match row.request_id {
            None => {
                ("UpdateFirmware", format!(r#"{{"location":"{location}","retrieveDate":"{retrieve}","retries":3}}"#))
            }
            Some(id) => (
                if self.version == Version::V201 { "UpdateFirmware" } else { "SignedUpdateFirmware" },
                format!(
                    r#"{{"requestId":{id},"retries":3,"firmware":{{"location":"{location}","retrieveDateTime":"{retrieve}"{install},"signingCertificate":"-----BEGIN CERTIFICATE-----","signature":"c2lnbmF0dXJl"}}}}"#
                ),
            ),
        };
        let mut tamper = Tamper::default();
        if job.plan == Some(Disturbance::AnswerBeforeCall) && reply != Reply::Silence {
            tamper.flip = true;
            row.marks.add(Disturbance::AnswerBeforeCall);
        }
        let status = match reply {
            Reply::Status(status) if row.request_id.is_some() => {
                format!(r#"{{"status":"{status}"}}"#)
            }
            _ => "{}".into(),
        };
        let answer = match reply {
            Reply::Status(_) => Answer::Result(&status),
            Reply::Error(code) => Answer::Error(code),
            Reply::Silence => Answer::Silence,
        };
        let sink = &mut world.sink;
        let call = (action, payload.as_str());
        let slot = self.wire.command(sink, &mut self.dice, at, call, answer, tamper);
        row.requested_at = Some(slot.logged);
        job.last_at = slot.done;
        slot.done
    }

    /// The charge point reports on the update.
    fn report_update(&mut self, world: &mut World, at: Ms, job: &mut Job, status: &'static str) -> Ms {
        let action = if self.version == Version::V16 && self.traits.signed_firmware {
            "SignedFirmwareStatusNotification"
        } else {
            "FirmwareStatusNotification"
        };
        let payload = match job.row.request_id {
            Some(id) if status != "Idle" => format!(r#"{{"status":"{status}","requestId":{id}}}"#),
            _ => format!(r#"{{"status":"{status}"}}"#),
        };
        let goes_on = status == "Downloaded" && !job.script.is_empty();
        let mut tamper = Tamper::default();
        if goes_on && let Some(plan) = job.plan {
            tamper.double = plan == Disturbance::MessageDuplicated;
            tamper.cut = plan == Disturbance::LineCut;
            if tamper.double || tamper.cut {
                job.row.marks.add(plan);
            }
        }
        let slot = self.wire.slot(&mut self.dice, at);
        let id = self.wire.next_id(&mut self.dice);
        let call = (id.as_str(), action);
        let done = self.wire.call(&mut world.sink, slot, call, &payload, Answer::Result("{}"), tamper);
        job.row.statuses.push(status);
        job.last_at = slot.logged;
        done
    }

    /// The log ends: writes what is known of the updates.
    pub(crate) fn finish_firmware(&mut self, world: &mut World, end: Ms) {
        if let Some(mut job) = self.pending_job.take() {
            let from = job.row.install_at.map_or(job.last_at, |install| install.max(job.last_at));
            let talks_on = self.wire.last_contact().min(end) - from;
            if job.story.sticks() && talks_on < STALL {
                job.row.outcome = "in_progress";
            }
            world.truth.firmware(&job.row);
        }
        if let Some(mut job) = self.job.take() {
            job.row.outcome = job.outcome_so_far();
            // Before its first message the log cannot know of it.
            if job.row.requested_at.is_some() || !job.row.statuses.is_empty() {
                world.truth.firmware(&job.row);
            }
        }
    }
}

/// The simulator does not plan updates closer together than the time after which one is given up.
const _: () = assert!(STALL < 2 * DAY - HOUR);
