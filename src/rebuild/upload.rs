//! Uploads of diagnostics and logs.

use super::firmware::StatusAt;
use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `log_uploads`.
#[derive(Clone, Debug, Default)]
pub struct Upload<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The request's number; null for GetDiagnostics.
    pub request_id: Option<i64>,
    /// diagnostics (1.x) or log.
    pub kind: Option<&'a str>,
    /// DiagnosticsLog, SecurityLog or DataCollectorLog.
    pub log_type: Option<&'a str>,
    /// Who began it: csms, or charge_point if no request is in the log.
    pub source: Option<&'a str>,
    /// Where to send it, without credentials.
    pub location: Option<&'a str>,
    /// When it was requested, by the recorder's clock.
    pub requested_at: Option<i64>,
    /// The answer to the request, as logged.
    pub response_status: Option<&'a str>,
    /// The file that the charge point named.
    pub file_name: Option<&'a str>,
    /// Its stages in order of arrival.
    pub statuses: Vec<StatusAt<'a>>,
    /// Its last stage.
    pub last_status: Option<&'a str>,
    /// When its last stage was logged.
    pub last_status_time: Option<i64>,
    /// What became of it.
    pub outcome: Option<&'a str>,
    /// From the request to the last stage, by the recorder's clock.
    pub duration: Option<i64>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Uploads of diagnostics and logs.
#[must_use]
pub fn log_uploads<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<Upload<'a>> {
    Vec::new()
}
