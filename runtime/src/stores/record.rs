//! How a token set is written: JSON with a version in it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

#[cfg(feature = "encryption")]
use super::seal::{Sealed, StoreKey};
use crate::ports::store::{StoreError, Stored, Version};
use crate::types::tokens::{Expiry, Tokens};

const VERSION: u32 = 1;

/// What is kept.
#[derive(Debug)]
pub(super) enum Record {
    Tokens(Stored),
    /// Somebody signed out here. Without this mark nobody could tell that from a loss of data.
    SignedOut,
}

/// Why something cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is damaged, or of a version that is not known.
    Corrupt(String),
    /// It is sealed, and not with the present key: whoever has the key can read it.
    Foreign(&'static str),
}

/// Writes and reads records.
#[derive(Debug, Clone, Default)]
pub(super) struct Codec {
    #[cfg(feature = "encryption")]
    pub(super) key: Option<StoreKey>,
}

#[derive(Deserialize)]
struct Envelope {
    version: u32,
    #[cfg(feature = "encryption")]
    sealed: Option<Sealed>,
    #[cfg(not(feature = "encryption"))]
    sealed: Option<serde::de::IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
struct Plain {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Written>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    login: u64,
    generation: u64,
    access: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    /// Milliseconds since 1970, as is `issued`.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    issued: i64,
}

#[cfg(any(feature = "file", target_family = "wasm"))]
impl Record {
    pub(super) const fn version(&self) -> Option<Version> {
        match self {
            Self::Tokens(stored) => Some(stored.version),
            Self::SignedOut => None,
        }
    }
}

impl Codec {
    /// `name` is bound into what is sealed: a record of one name is none of another.
    pub(super) fn encode(&self, record: &Record, name: &str) -> Result<Vec<u8>, StoreError> {
        let tokens = match record {
            Record::Tokens(stored) => Some(Written::from(stored)),
            Record::SignedOut => None,
        };
        let plain = serde_json::to_vec(&Plain { version: VERSION, tokens })
            .map_err(|_| StoreError::failed("the token set cannot be written as JSON"))?;
        #[cfg(feature = "encryption")]
        if let Some(key) = &self.key {
            return key.seal(VERSION, &plain, name);
        }
        #[cfg(not(feature = "encryption"))]
        let _ = (self, name);
        Ok(plain)
    }

    pub(super) fn decode(&self, bytes: &[u8], name: &str) -> Result<Record, Unreadable> {
        let envelope: Envelope = parse(bytes)?;
        if envelope.version != VERSION {
            return Err(Unreadable::Corrupt(format!("version {} is not known", envelope.version)));
        }
        #[cfg(feature = "encryption")]
        if let Some(sealed) = envelope.sealed {
            let key = self
                .key
                .as_ref()
                .ok_or(Unreadable::Foreign("they are sealed, and there is no key"))?;
            return read(&key.open(&sealed, VERSION, name)?);
        }
        #[cfg(not(feature = "encryption"))]
        if envelope.sealed.is_some() {
            let _ = (self, name);
            return Err(Unreadable::Foreign("they are sealed, and there is no key"));
        }
        read(bytes)
    }
}

fn read(plain: &[u8]) -> Result<Record, Unreadable> {
    let Some(written) = parse::<Plain>(plain)?.tokens else { return Ok(Record::SignedOut) };
    let stored = Stored::from(written);
    if !stored.tokens.is_usable() {
        return Err(Unreadable::Corrupt("its access token cannot be sent".into()));
    }
    Ok(Record::Tokens(stored))
}

/// The parser's own message may quote a token.
fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Unreadable::Corrupt(format!("no token set at line {line}, column {column}"))
    })
}

impl From<&Stored> for Written {
    fn from(stored: &Stored) -> Self {
        let Stored { version, tokens, issued } = stored;
        let expires = match tokens.expiry() {
            Some(Expiry::At(end)) => Some(millis(end)),
            Some(Expiry::In(lifetime)) => issued.checked_add(lifetime).map(millis),
            None => None,
        };
        Self {
            login: version.login,
            generation: version.generation,
            access: tokens.access().to_owned(),
            refresh: tokens.refresh().map(ToOwned::to_owned),
            expires,
            issued: millis(*issued),
        }
    }
}

impl From<Written> for Stored {
    fn from(written: Written) -> Self {
        let mut tokens = Tokens::new(written.access);
        if let Some(refresh) = written.refresh {
            tokens = tokens.with_refresh(refresh);
        }
        if let Some(end) = written.expires.and_then(point) {
            tokens = tokens.expires_at(end);
        }
        Self {
            version: Version { login: written.login, generation: written.generation },
            tokens,
            issued: point(written.issued).unwrap_or(UNIX_EPOCH),
        }
    }
}

fn millis(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

fn point(millis: i64) -> Option<SystemTime> {
    let span = Duration::from_millis(millis.unsigned_abs());
    if millis < 0 { UNIX_EPOCH.checked_sub(span) } else { UNIX_EPOCH.checked_add(span) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn stored() -> Stored {
        Stored {
            version: Version { login: u64::MAX, generation: 7 },
            tokens: Tokens::new("acc")
                .with_refresh("ref")
                .expires_at(UNIX_EPOCH + Duration::from_millis(1_900_000_000_123)),
            issued: UNIX_EPOCH + Duration::from_millis(1_800_000_000_456),
        }
    }

    #[test]
    fn a_token_set_comes_back_as_it_went() {
        let codec = Codec::default();
        for stored in [
            stored(),
            Stored { tokens: Tokens::new("acc"), ..stored() },
            Stored { issued: UNIX_EPOCH - Duration::from_secs(5), ..stored() },
        ] {
            let bytes = codec.encode(&Record::Tokens(stored.clone()), "").unwrap();
            let Record::Tokens(back) = codec.decode(&bytes, "").unwrap() else {
                panic!("no tokens came back")
            };
            assert_eq!(back, stored);
        }
    }

    #[test]
    fn a_lifetime_becomes_a_point_in_time() {
        let tokens = Tokens::new("acc").expires_in(Duration::from_secs(60));
        let issued = UNIX_EPOCH + Duration::from_secs(100);
        let record = Record::Tokens(Stored { tokens, issued, ..stored() });
        let bytes = Codec::default().encode(&record, "").unwrap();
        let Ok(Record::Tokens(back)) = Codec::default().decode(&bytes, "") else {
            panic!("no tokens came back")
        };
        assert_eq!(back.tokens.expiry(), Some(Expiry::At(UNIX_EPOCH + Duration::from_secs(160))));
    }

    #[test]
    fn whatever_is_cut_off_changed_or_unknown_is_corrupt_and_shows_no_token() {
        let codec = Codec::default();
        let whole = codec.encode(&Record::Tokens(stored()), "").unwrap();
        for end in 0..whole.len() {
            let Err(Unreadable::Corrupt(what)) = codec.decode(&whole[..end], "") else {
                panic!("the first {end} bytes were read")
            };
            assert!(!what.contains("acc") && !what.contains("ref"), "{what}");
        }
        for text in [
            "null",
            "[]",
            r#"{"version":2}"#,
            r#"{"version":"1"}"#,
            r#"{"version":1,"tokens":{"login":"acc"}}"#,
            r#"{"version":1,"tokens":{"login":1,"generation":1,"access":" ","issued":0}}"#,
        ] {
            let Err(Unreadable::Corrupt(what)) = codec.decode(text.as_bytes(), "") else {
                panic!("{text} was read")
            };
            assert!(!what.contains("acc\""), "{what}");
        }
    }
}
