//! A token set in a store, and its serialized form: JSON with the version of the format.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::types::tokens::{Expiry, Loose, Tokens};

/// The version of the format.
pub(crate) const FORMAT: u32 = 1;

/// A token set as it is stored.
///
/// It implements serde's traits. Its JSON is the format of the built-in stores, which later versions of this crate
/// will be able to read. It contains the tokens in plain text. Errors of deserialization quote nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Identifies the token set.
    pub version: Version,
    /// The tokens. Their expiry is always a point in time.
    pub tokens: Tokens,
    /// When the tokens were issued.
    pub issued: SystemTime,
    /// The issuer of the tokens: the origin of a base URL, or the name given to
    /// [`ClientBuilder::realm`](crate::ClientBuilder::realm). `None` in records of earlier versions.
    pub realm: Option<String>,
    /// The name of their credential; `""` for one without a name, `None` in records of earlier versions.
    pub credential: Option<String>,
}

/// Identifies a token set across processes and restarts. `Display` writes it as `<login>-<generation>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    /// Chosen at random with each login: another user, or the same user who signed in again.
    pub login: u64,
    /// Increases with each token set of a login.
    pub generation: u64,
}

impl Stored {
    /// Creates a token set that was issued at this time, with no realm and no credential.
    #[must_use]
    pub const fn new(version: Version, tokens: Tokens, issued: SystemTime) -> Self {
        Self { version, tokens, issued, realm: None, credential: None }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.login, self.generation)
    }
}

/// The whole record. After a sign-out it has no tokens.
#[derive(Serialize)]
pub(crate) struct Record {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Fields>,
}

/// The times are in milliseconds since 1970.
#[derive(Serialize)]
struct Fields {
    login: u64,
    generation: u64,
    access: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    /// Extra values that came with the tokens.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    extra: Extra,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    issued: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    realm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

/// Names and values, an object in JSON. A map type would sort them, but they are already sorted.
#[derive(Default)]
struct Extra(Vec<(String, String)>);

impl Extra {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Reads it through a value of any type. A derived impl would be a few per cent of a page in a browser.
impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = Loose::deserialize(deserializer)?;
        Self::of(&record).ok_or_else(|| D::Error::custom("this is not a stored token set"))
    }
}

impl Record {
    fn of(record: &Loose) -> Option<Self> {
        let version = whole(record.find(&["version"])?)?;
        let tokens = optional(record.find(&["tokens"]), Fields::of)?;
        Some(Self { version, tokens })
    }
}

impl Fields {
    fn of(tokens: &Loose) -> Option<Self> {
        let field = |name| tokens.find(&[name]);
        Some(Self {
            login: whole(field("login")?)?,
            generation: whole(field("generation")?)?,
            access: text(field("access")?)?,
            refresh: optional(field("refresh"), text)?,
            extra: match field("extra") {
                None => Extra::default(),
                Some(extra) => Extra::of(extra)?,
            },
            expires: optional(field("expires"), millis)?,
            issued: millis(field("issued")?)?,
            realm: optional(field("realm"), text)?,
            credential: optional(field("credential"), text)?,
        })
    }
}

impl Extra {
    fn of(extra: &Loose) -> Option<Self> {
        let Loose::Object(members) = extra else { return None };
        let pairs = members.iter().map(|(name, value)| Some((name.clone(), text(value)?)));
        pairs.collect::<Option<_>>().map(Self)
    }
}

/// A value that may be absent or null; `None` if it has another type.
fn optional<T>(value: Option<&Loose>, read: fn(&Loose) -> Option<T>) -> Option<Option<T>> {
    match value {
        None | Some(Loose::Null) => Some(None),
        Some(value) => read(value).map(Some),
    }
}

fn text(value: &Loose) -> Option<String> {
    match value {
        Loose::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn whole<T: TryFrom<u64>>(value: &Loose) -> Option<T> {
    match value {
        Loose::Integer(number) => T::try_from(*number).ok(),
        _ => None,
    }
}

/// Milliseconds, which are negative before 1970.
fn millis(value: &Loose) -> Option<i64> {
    match value {
        Loose::Number(number) if number.fract() == 0.0 => Some(*number as i64),
        _ => whole(value),
    }
}

impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Record::from(Some(self)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error of the deserializer may quote a token.
        let record = Record::deserialize(deserializer)
            .map_err(|_| D::Error::custom("this is not a stored token set"))?;
        if record.version != FORMAT {
            return Err(D::Error::custom(format_args!("unknown format {}", record.version)));
        }
        record.into_stored().ok_or_else(|| D::Error::custom("it holds no tokens"))
    }
}

impl From<Option<&Stored>> for Record {
    fn from(stored: Option<&Stored>) -> Self {
        Self { version: FORMAT, tokens: stored.map(Fields::from) }
    }
}

impl Record {
    pub(crate) fn into_stored(self) -> Option<Stored> {
        self.tokens.map(Stored::from)
    }
}

impl From<&Stored> for Fields {
    fn from(Stored { version, tokens, issued, realm, credential }: &Stored) -> Self {
        let expires = match tokens.expiry() {
            Some(Expiry::At(expiry)) => Some(to_millis(expiry)),
            Some(Expiry::In(lifetime)) => issued.checked_add(lifetime).map(to_millis),
            None => None,
        };
        let extra = tokens.extras().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            login: version.login,
            generation: version.generation,
            access: tokens.access().to_owned(),
            refresh: tokens.refresh().map(ToOwned::to_owned),
            extra: Extra(extra.collect()),
            expires,
            issued: to_millis(*issued),
            realm: realm.clone(),
            credential: credential.clone(),
        }
    }
}

impl From<Fields> for Stored {
    fn from(fields: Fields) -> Self {
        let mut tokens = Tokens::new(fields.access);
        if let Some(refresh) = fields.refresh {
            tokens = tokens.with_refresh(refresh);
        }
        for (name, value) in fields.extra.0 {
            tokens = tokens.with_extra(name, value);
        }
        if let Some(expiry) = fields.expires.and_then(from_millis) {
            tokens = tokens.expires_at(expiry);
        }
        let version = Version { login: fields.login, generation: fields.generation };
        let issued = from_millis(fields.issued).unwrap_or(UNIX_EPOCH);
        Self {
            realm: fields.realm,
            credential: fields.credential,
            ..Self::new(version, tokens, issued)
        }
    }
}

fn to_millis(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

fn from_millis(millis: i64) -> Option<SystemTime> {
    let span = Duration::from_millis(millis.unsigned_abs());
    if millis < 0 { UNIX_EPOCH.checked_sub(span) } else { UNIX_EPOCH.checked_add(span) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_token_set_is_read_as_it_was_written(
            login in any::<u64>(),
            generation in any::<u64>(),
            access in ".{1,40}",
            refresh in proptest::option::of(".{1,40}"),
            expires in proptest::option::of(-9_000_000_000_000..9_000_000_000_000_i64),
            issued in -9_000_000_000_000..9_000_000_000_000_i64,
            realm in proptest::option::of(".{0,20}"),
        ) {
            let mut tokens = Tokens::new(access);
            if let Some(refresh) = refresh {
                tokens = tokens.with_refresh(refresh);
            }
            if let Some(expires) = expires {
                tokens = tokens.expires_at(from_millis(expires).unwrap());
            }
            let version = Version { login, generation };
            let stored = Stored { realm, ..Stored::new(version, tokens, from_millis(issued).unwrap()) };
            let json = serde_json::to_string(&stored).unwrap();
            prop_assert_eq!(serde_json::from_str::<Stored>(&json).unwrap(), stored);
        }
    }

    fn stored() -> Stored {
        let tokens = Tokens::new("acc")
            .with_refresh("ref")
            .expires_at(UNIX_EPOCH + Duration::from_millis(1_900_000_000_123));
        let version = Version { login: u64::MAX, generation: 7 };
        Stored::new(version, tokens, UNIX_EPOCH + Duration::from_millis(1_800_000_000_456))
    }

    #[test]
    fn a_token_set_is_read_as_it_was_written() {
        for stored in [
            stored(),
            Stored { tokens: Tokens::new("acc"), ..stored() },
            Stored { issued: UNIX_EPOCH - Duration::from_secs(5), ..stored() },
            Stored { realm: Some("https://shop.example".to_owned()), ..stored() },
            Stored { credential: Some(String::new()), ..stored() },
        ] {
            let json = serde_json::to_string(&stored).unwrap();
            assert_eq!(serde_json::from_str::<Stored>(&json).unwrap(), stored);
        }
        let json = serde_json::to_string(&stored()).unwrap();
        let written = r#"{"version":1,"tokens":{"login":18446744073709551615,"generation":7,"access":"acc","refresh":"ref","expires":1900000000123,"issued":1800000000456}}"#;
        assert_eq!(json, written, "stores of earlier versions read and write this");
    }

    #[test]
    fn a_lifetime_is_written_as_a_point_in_time() {
        let tokens = Tokens::new("acc").expires_in(Duration::from_secs(60));
        let stored = Stored { tokens, issued: UNIX_EPOCH + Duration::from_secs(100), ..stored() };
        let json = serde_json::to_string(&stored).unwrap();
        let read: Stored = serde_json::from_str(&json).unwrap();
        assert_eq!(read.tokens.expiry(), Some(Expiry::At(UNIX_EPOCH + Duration::from_secs(160))));
    }

    #[test]
    fn an_error_of_reading_quotes_no_token() {
        for json in [
            r#"{"version":1,"tokens":{"login":"hunter2"}}"#,
            r#"{"version":1,"tokens":"hunter2"}"#,
            r#"{"version":"hunter2"}"#,
            r#""hunter2""#,
            r#"{"version":1}"#,
            r#"{"version":2,"tokens":{"login":1,"generation":1,"access":"hunter2","issued":0}}"#,
        ] {
            let error = serde_json::from_str::<Stored>(json).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
