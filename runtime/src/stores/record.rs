//! Encodes and decodes records, in plain text or encrypted.

use serde::Deserialize;

#[cfg(feature = "encryption")]
use super::seal::{Sealed, StoreKey};
#[cfg(not(feature = "encryption"))]
use crate::logic::json;
use crate::ports::store::{FORMAT, StoreError, Stored, StoredRecord};

/// The content of a store.
#[derive(Debug)]
pub(super) enum Record {
    Tokens(Stored),
    /// A user signed out. Without this mark, a sign-out would look like lost data.
    SignedOut,
}

/// Why a record cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is damaged, or in an unknown format.
    Corrupt(String),
    /// It is encrypted, but not with the key of this store.
    Encrypted(&'static str),
}

/// Encodes and decodes records.
#[derive(Debug, Clone, Default)]
pub(super) struct Codec {
    #[cfg(feature = "encryption")]
    pub(super) key: Option<StoreKey>,
}

impl Codec {
    /// The name of the key, if there is one.
    #[cfg(any(feature = "file", feature = "redis"))]
    pub(super) fn key_name(&self) -> Option<String> {
        #[cfg(feature = "encryption")]
        return self.key.as_ref().map(StoreKey::name);
        #[cfg(not(feature = "encryption"))]
        None
    }
}

#[cfg(feature = "encryption")]
#[derive(Deserialize)]
struct Envelope {
    version: u32,
    sealed: Option<Sealed>,
}

#[cfg(any(feature = "file", target_family = "wasm"))]
impl Record {
    const fn version(&self) -> Option<crate::store::Version> {
        match self {
            Self::Tokens(stored) => Some(stored.version),
            Self::SignedOut => None,
        }
    }

    /// Whether tokens may replace what was found. After a loss they may, whatever version is expected.
    pub(super) fn may_save(found: Option<&Self>, expected: Option<crate::store::Version>) -> bool {
        found.is_none_or(|found| found.version() == expected)
    }

    /// Whether a sign-out may replace what was found.
    pub(super) fn may_clear(found: Option<&Self>, expected: crate::store::Version) -> bool {
        found.and_then(Self::version).is_none_or(|found| found == expected)
    }
}

impl Codec {
    /// Encryption binds `name` to the record, so that it cannot be decrypted under another name.
    pub(super) fn encode(&self, record: &Record, name: &str) -> Result<Vec<u8>, StoreError> {
        let stored = match record {
            Record::Tokens(stored) => Some(stored),
            Record::SignedOut => None,
        };
        let plain = serde_json::to_vec(&StoredRecord::from(stored))
            .map_err(|_| StoreError::failed("the token set cannot be written as JSON"))?;
        #[cfg(feature = "encryption")]
        if let Some(key) = &self.key {
            return key.seal(FORMAT, &plain, name);
        }
        #[cfg(not(feature = "encryption"))]
        let _ = (self, name);
        Ok(plain)
    }

    #[cfg(feature = "encryption")]
    pub(super) fn decode(&self, bytes: &[u8], name: &str) -> Result<Record, Unreadable> {
        let envelope: Envelope = parse(bytes)?;
        if envelope.version != FORMAT {
            return Err(unknown(envelope.version));
        }
        if let Some(sealed) = envelope.sealed {
            let key = self
                .key
                .as_ref()
                .ok_or(Unreadable::Encrypted("they are encrypted, and the store has no key"))?;
            return decode_plain(&key.open(&sealed, FORMAT, name)?);
        }
        decode_plain(bytes)
    }

    /// Finds the two fields around the tokens with code that a page in a browser contains anyway.
    #[cfg(not(feature = "encryption"))]
    #[allow(clippy::unused_self)]
    pub(super) fn decode(&self, bytes: &[u8], _name: &str) -> Result<Record, Unreadable> {
        let version = json::scalar_at(&["version"], bytes).and_then(|it| it.parse().ok());
        if let Some(version) = version.filter(|version| *version != FORMAT) {
            return Err(unknown(version));
        }
        if json::is_given(&["sealed"], bytes) {
            return Err(Unreadable::Encrypted("they are encrypted, and the store has no key"));
        }
        decode_plain(bytes)
    }
}

fn unknown(version: u32) -> Unreadable {
    Unreadable::Corrupt(format!("unknown format {version}"))
}

fn decode_plain(plain: &[u8]) -> Result<Record, Unreadable> {
    let Some(stored) = parse::<StoredRecord>(plain)?.into_stored() else {
        return Ok(Record::SignedOut);
    };
    if !stored.tokens.is_usable() {
        return Err(Unreadable::Corrupt("its access token cannot be sent".into()));
    }
    Ok(Record::Tokens(stored))
}

/// The parser's own message may quote a token.
fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Unreadable> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Unreadable::Corrupt("it is not UTF-8".into()))?;
    serde_json::from_str(text).map_err(|error| {
        Unreadable::Corrupt(match (error.line(), error.column()) {
            // It is JSON, but has other fields.
            (0, _) => "no token set".to_owned(),
            (line, column) => format!("no token set at line {line}, column {column}"),
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Tokens;
    use crate::store::Version;

    proptest! {
        #[test]
        fn a_damaged_record_is_read_or_corrupt_and_its_error_quotes_no_token(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let tokens = Tokens::new("hunter2-access").with_refresh("hunter2-refresh");
            let version = Version { login: 1, generation: 7 };
            let stored = Stored::new(version, tokens, std::time::UNIX_EPOCH);
            let mut bytes = Codec::default().encode(&Record::Tokens(stored), "").unwrap();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len() * 2).saturating_add(1));
            if let Err(unreadable) = Codec::default().decode(&bytes, "") {
                let shown = format!("{unreadable:?}");
                prop_assert!(!shown.contains("hunter2"), "{}", shown);
            }
        }
    }

    /// A record that can be read is unchanged when it is written again; the error of any other quotes nothing.
    fn record(bytes: &[u8]) {
        let codec = Codec::default();
        match codec.decode(bytes, "") {
            Ok(record) => {
                let again = codec.encode(&record, "").unwrap();
                let read = codec.decode(&again, "").unwrap();
                assert_eq!(codec.encode(&read, "").unwrap(), again);
                assert_eq!(matches!(read, Record::SignedOut), matches!(record, Record::SignedOut));
            }
            Err(Unreadable::Encrypted(_)) => {}
            Err(Unreadable::Corrupt(reason)) => {
                let words = reason.replace(|letter: char| letter.is_ascii_digit(), "");
                let known = [
                    "no token set",
                    "no token set at line , column ",
                    "unknown format ",
                    "its access token cannot be sent",
                    "it is not UTF-",
                ];
                assert!(known.contains(&&*words), "{reason}");
            }
        }
    }

    #[test]
    fn the_corpus_holds() {
        let corpus = crate::fuzz::corpus("record");
        corpus.iter().for_each(|bytes| record(bytes));
        let is_read = |bytes: &Vec<u8>| Codec::default().decode(bytes, "").is_ok();
        assert!(corpus.iter().filter(|bytes| is_read(bytes)).count() >= 2);
    }

    proptest! {
        #![proptest_config(crate::fuzz::config())]

        #[test]
        fn an_edited_record_is_read_for_good_or_its_error_quotes_nothing(
            bytes in crate::fuzz::inputs("record", &[
                "\"version\":1", "\"tokens\":", "\"sealed\":", "\"access\":", "\"login\":", "\"issued\":", "null", "1",
                "-1", "18446744073709551616", "1e30", "\"", "{", "}", ",", ":", "\\n", "\\u0000", "hunter2",
            ])
        ) {
            record(&bytes);
        }
    }

    #[test]
    fn a_truncated_or_unknown_record_is_corrupt_and_its_error_quotes_no_token() {
        let codec = Codec::default();
        let version = Version { login: u64::MAX, generation: 7 };
        let tokens = Tokens::new("acc").with_refresh("ref");
        let stored = Stored::new(version, tokens, std::time::UNIX_EPOCH);
        let whole = codec.encode(&Record::Tokens(stored), "").unwrap();
        for end in 0..whole.len() {
            let Err(Unreadable::Corrupt(reason)) = codec.decode(&whole[..end], "") else {
                panic!("the first {end} bytes were read")
            };
            assert!(!reason.contains("acc") && !reason.contains("ref"), "{reason}");
        }
        for text in [
            "null",
            "[]",
            r#"{"version":2}"#,
            r#"{"version":"1"}"#,
            r#"{"version":1,"tokens":{"login":"acc"}}"#,
            r#"{"version":1,"tokens":{"login":1,"generation":1,"access":" ","issued":0}}"#,
        ] {
            let Err(Unreadable::Corrupt(reason)) = codec.decode(text.as_bytes(), "") else {
                panic!("{text} was read")
            };
            assert!(!reason.contains("acc\""), "{reason}");
        }
    }
}
