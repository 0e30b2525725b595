//! What security events say about updates (rule book §5.2; 2.0.1 L01.FR.31; 1.6 security extension §8). They name no
//! job, and may come before or after the status that they support.

use super::JobOutcome;
use super::outcome::{Key, key};
use crate::rebuild::Track;

/// What a security event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The firmware was updated.
    Updated,
    /// Its signature is wrong.
    BadSignature,
    /// The certificate of its signature is wrong.
    BadCertificate,
}

impl Said {
    fn of(kind: &str) -> Option<Self> {
        const WORDS: [(&str, Said); 3] = [
            ("FirmwareUpdated", Said::Updated),
            ("InvalidFirmwareSignature", Said::BadSignature),
            ("InvalidFirmwareSigningCertificate", Said::BadCertificate),
        ];
        WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(kind)).map(|&(_, said)| said)
    }

    /// Whether it says what the outcome says.
    pub(super) const fn supports(self, outcome: JobOutcome) -> bool {
        use JobOutcome as Is;
        match self {
            Self::Updated => matches!(
                outcome,
                Is::InstalledVerified | Is::InstalledInferred | Is::InstalledUnverified | Is::InstalledVersionUnchanged
            ),
            Self::BadSignature => {
                matches!(outcome, Is::InvalidSignature | Is::VerificationFailed | Is::InstallationFailed)
            }
            Self::BadCertificate => matches!(
                outcome,
                Is::InvalidCertificate
                    | Is::RevokedCertificate
                    | Is::InvalidSignature
                    | Is::VerificationFailed
                    | Is::InstallationFailed
            ),
        }
    }
}

/// The security events about firmware, in order of arrival.
pub(super) fn said(track: &Track<'_>) -> Vec<(Key, Said)> {
    track.securities().filter_map(|(_, view, event)| Some((key(view), Said::of(view.text(event.kind)?)?))).collect()
}
