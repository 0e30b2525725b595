//! How calls fared, by direction and action.

use super::{Context, Track};

/// One row of `call_statistics`.
#[derive(Clone, Debug, Default)]
pub struct CallStatistics<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// Who calls: from_charge_point or from_csms; null where it is not known.
    pub direction: Option<&'a str>,
    /// The action.
    pub action: Option<&'a str>,
    /// All calls.
    pub calls: Option<i64>,
    /// Those that were answered.
    pub results: Option<i64>,
    /// Those that were refused.
    pub errors: Option<i64>,
    /// Those that were not answered before the next call.
    pub timeouts: Option<i64>,
    /// Those whose connection ended first.
    pub lost: Option<i64>,
    /// Those that were open when the log ended.
    pub censored: Option<i64>,
    /// Those that repeat an earlier one.
    pub retries: Option<i64>,
    /// The error codes that came, each once, sorted.
    pub error_codes: Vec<&'a str>,
    /// The median response time; null where the recorder's clock is too coarse.
    pub response_time_p50: Option<i64>,
    /// The 95th percentile of it, likewise (nearest rank).
    pub response_time_p95: Option<i64>,
}

/// How calls fared, by direction and action.
#[must_use]
pub fn call_statistics<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<CallStatistics<'a>> {
    Vec::new()
}
