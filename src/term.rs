//! The few OCPP words that every stage of the pipeline shares.

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The charge point sent it to the CSMS.
    FromChargePoint,
    /// The CSMS sent it to the charge point.
    FromCsms,
}

impl Direction {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::FromChargePoint => Self::FromCsms,
            Self::FromCsms => Self::FromChargePoint,
        }
    }

    /// The word of the public tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FromChargePoint => "from_charge_point",
            Self::FromCsms => "from_csms",
        }
    }

    /// Reads the word of the public tables.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "from_charge_point" => Some(Self::FromChargePoint),
            "from_csms" => Some(Self::FromCsms),
            _ => None,
        }
    }

    /// Reads a word of a record, an envelope or a table. What has a station's id in it was written by a CSMS or a
    /// gateway: what came in came from the charge point.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let mut small = [0_u8; 24];
        let small = small.get_mut(..word.len())?;
        for (to, from) in small.iter_mut().zip(word.bytes()) {
            *to = if matches!(from, b'_' | b' ') { b'-' } else { from.to_ascii_lowercase() };
        }
        match &*small {
            b"in" | b"inbound" | b"incoming" | b"received" | b"receive" | b"recv" | b"rx" | b"cs" | b"cp"
            | b"cp-to-csms" | b"cs-to-csms" | b"cp->csms" | b"cs->csms" | b"charge-point" | b"chargepoint"
            | b"charging-station" | b"station" | b"charger" | b"station-to-csms" | b"charger-to-csms"
            | b"from-charge-point" | b"from-chargepoint" | b"from-cp" | b"from-cs" | b"from-charger" | b"uplink"
            | b"upstream" | b"eingehend" | b"entrant" | b"entrante" | b"inkomend" | b"empfangen" => {
                Some(Self::FromChargePoint)
            }
            b"out" | b"outbound" | b"outgoing" | b"sent" | b"send" | b"tx" | b"csms" | b"csms-to-cp"
            | b"csms-to-cs" | b"csms->cp" | b"csms->cs" | b"central-system" | b"centralsystem" | b"csms-to-station"
            | b"csms-to-charger" | b"from-csms" | b"to-charge-point" | b"to-charger" | b"downlink" | b"downstream"
            | b"ausgehend" | b"sortant" | b"saliente" | b"uitgaand" | b"gesendet" => Some(Self::FromCsms),
            _ => None,
        }
    }
}

/// How sure the direction of a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectionSource {
    /// The log says it.
    Log,
    /// Only one side may send this action.
    Action,
    /// An answer goes the opposite way of its call.
    Pairing,
    /// Nothing tells.
    #[default]
    Unknown,
}

impl DirectionSource {
    /// The word of the public tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Action => "action",
            Self::Pairing => "pairing",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word of the public tables.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "log" => Self::Log,
            "action" => Self::Action,
            "pairing" => Self::Pairing,
            _ => Self::Unknown,
        }
    }
}

/// Which program wrote the log: this gives "sent" and "received" their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The log of a CSMS: what it sent goes to the charge point.
    Csms,
    /// The log of a charge point: what it sent goes to the CSMS.
    ChargePoint,
}

impl Side {
    /// The word of the public tables and options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csms => "csms",
            Self::ChargePoint => "charge_point",
        }
    }

    /// The direction of a message that this side sent.
    #[must_use]
    pub const fn sent(self) -> Direction {
        match self {
            Self::Csms => Direction::FromCsms,
            Self::ChargePoint => Direction::FromChargePoint,
        }
    }
}

/// What a log line says about the way of its message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Way {
    /// It names the sender.
    Known(Direction),
    /// "Sent", as seen by the program that wrote the log.
    Sent,
    /// "Received", as seen by the program that wrote the log.
    Received,
    /// It says nothing.
    #[default]
    Unknown,
}

impl Way {
    /// The way of an answer to a message that went this way.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Known(direction) => Self::Known(direction.opposite()),
            Self::Sent => Self::Received,
            Self::Received => Self::Sent,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// How a message travelled, which is also how it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// OCPP-J: an array.
    #[default]
    Json,
    /// OCPP-S: an envelope.
    Soap,
}

/// An OCPP version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// OCPP 1.2 (SOAP).
    V12,
    /// OCPP 1.5 (SOAP).
    V15,
    /// OCPP 1.6 (JSON or SOAP).
    V16,
    /// OCPP 2.0.
    V20,
    /// OCPP 2.0.1.
    V201,
    /// OCPP 2.1.
    V21,
}

impl Version {
    /// The word of the public tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V12 => "1.2",
            Self::V15 => "1.5",
            Self::V16 => "1.6",
            Self::V20 => "2.0",
            Self::V201 => "2.0.1",
            Self::V21 => "2.1",
        }
    }

    /// Reads a version in any of the usual spellings: `1.6`, `ocpp1.6`, `ocpp2.0.1`, `OCPP16J`, `201`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let digits: String = name.chars().filter(char::is_ascii_digit).take(4).collect();
        match digits.as_str() {
            "12" => Some(Self::V12),
            "15" => Some(Self::V15),
            "16" => Some(Self::V16),
            "20" => Some(Self::V20),
            "201" => Some(Self::V201),
            "21" => Some(Self::V21),
            _ => None,
        }
    }

    /// Whether this is one of the 1.x versions, whose messages share one shape.
    #[must_use]
    pub const fn is_v1(self) -> bool {
        matches!(self, Self::V12 | Self::V15 | Self::V16)
    }
}

/// Where the charge point id of a row was found, strongest first (decision: whose log is it).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdSource {
    /// The line itself.
    Record,
    /// The JSON object around the message.
    Envelope,
    /// A wrapper around the line, or a line before it.
    Wrapper,
    /// The caller's argument.
    Argument,
    /// The name of the file, by the caller's pattern.
    FileName,
    /// Nothing tells: the id is `unknown:` and the file's stem.
    #[default]
    None,
}

impl IdSource {
    /// The word of the public tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Envelope => "envelope",
            Self::Wrapper => "wrapper",
            Self::Argument => "argument",
            Self::FileName => "file_name",
            Self::None => "none",
        }
    }

    /// Reads the word of the public tables.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "record" => Self::Record,
            "envelope" => Self::Envelope,
            "wrapper" => Self::Wrapper,
            "argument" => Self::Argument,
            "file_name" => Self::FileName,
            _ => Self::None,
        }
    }
}
