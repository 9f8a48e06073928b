//! The authentication protocol of a server.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::Reply;

/// The authentication protocol of a server: where tokens are sent, how a response reports that a token has expired, and
/// how new tokens are issued.
///
/// Take one of the profiles and change some of its fields: `Protocol { grace: Some(secs(10)), ..Protocol::pairs()
/// }`.
///
/// ```
/// use std::time::Duration;
/// use perennial_test::{Protocol, Reply, Server};
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// // This server returns the same tokens again for a while, and has its own response to an expired one.
/// let server = Server::start(Protocol {
///     grace: Some(Duration::from_secs(10)),
///     expired: Reply::status(401).header("www-authenticate", "Bearer error=\"invalid_token\""),
///     ..Protocol::pairs()
/// });
/// server.offer("/stock/{id}", 14.into());
/// let issued = server.issue("ann");
/// let shop = ShopClient::builder(server.origin()).build()?;
/// shop.session().login(Tokens::new(issued.access)).await?;
/// assert_eq!(shop.stock(7).await?, 14);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Protocol {
    /// The prefix of every path: `"/api"`, or `""`.
    pub base: &'static str,
    /// Where to sign in: `"POST /login"`, or `""` if that is not possible.
    pub login: &'static str,
    /// Where tokens are refreshed: `"POST /refresh"`, or `""` if that is not possible.
    pub refresh: &'static str,
    /// Where to sign out: `"POST /logout"`, or `""` if that is not possible.
    pub logout: &'static str,
    /// How an access token is sent.
    pub placement: Placement,
    /// How a refresh sends the token that it presents.
    pub renewal: Carrier,
    /// How a response contains tokens.
    pub grant: Grant,
    /// How a response to a refresh contains tokens, if it differs from a login.
    pub refresh_grant: Option<Grant>,
    /// The envelope of a successful response.
    pub envelope: Envelope,
    /// The response to a call whose token has expired.
    pub expired: Reply,
    /// The response to a call without a token, or with one that was never issued or was revoked.
    pub unknown: Reply,
    /// The response to a login with the password `wrong`.
    pub login_rejected: Reply,
    /// The response to a refresh with a token that is unknown, used or revoked.
    pub refresh_rejected: Reply,
    /// Whether a refresh token is valid for one refresh only. Otherwise it stays valid, and a refresh issues no
    /// new one.
    pub rotates: bool,
    /// Whether a refresh leaves the earlier access tokens valid. Otherwise they expire with it.
    pub overlaps: bool,
    /// Whether a refresh returns the old access token, which is then valid once more.
    pub same_token: bool,
    /// How long a used refresh token gets its first response once more, without counting as a reuse.
    pub grace: Option<Duration>,
    /// Whether a refresh that carries an expired access token is rejected, while its refresh token stays valid.
    pub refresh_without_access: bool,
    /// A required header: every call without it is rejected with status 400.
    pub demands: Option<&'static str>,
}

/// How an access token is sent.
///
/// ```
/// use perennial_test::{Placement, Protocol};
///
/// let token = Placement::Scheme("authorization", "Token"); // `Authorization: Token <token>`
/// let protocol = Protocol { placement: token, ..Protocol::pairs() };
/// assert_eq!(Protocol::pairs().placement, Placement::Bearer);
/// assert_ne!(protocol.placement, Placement::Bearer);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// `Authorization: Bearer <token>`.
    Bearer,
    /// A header with only the token.
    Header(&'static str),
    /// A header with a scheme before the token.
    Scheme(&'static str, &'static str),
    /// A query parameter.
    Query(&'static str),
    /// A cookie.
    Cookie(&'static str),
    /// A field of a form or of a JSON object; a query parameter if the body is neither.
    Field(&'static str),
}

/// How a refresh sends the token that it presents.
///
/// ```
/// use perennial_test::{Carrier, Protocol};
///
/// // The article presents the old access token; this server wants a refresh token in a cookie.
/// assert_eq!(Protocol::article().renewal, Carrier::Access);
/// let protocol = Protocol { renewal: Carrier::Cookie("renewal"), ..Protocol::article() };
/// assert_eq!(protocol.renewal, Carrier::Cookie("renewal"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Carrier {
    /// The old access token itself, in its usual place; it rotates.
    Access,
    /// A field of a JSON body.
    Json(&'static str),
    /// A field of a form.
    Form(&'static str),
    /// A query parameter.
    Query(&'static str),
    /// A cookie, which the login and the refresh also set.
    Cookie(&'static str),
    /// A header.
    Header(&'static str),
    /// Any value of the request that is a refresh token. If the server grants none, the access token, unless it is in
    /// a field whose name contains `refresh` or `renew`, which is for a refresh token.
    Anywhere,
    /// No token: the client authenticates itself.
    Free,
}

/// How a response contains tokens.
///
/// ```
/// use perennial_test::{Grant, Lifetime, Protocol, Shape};
///
/// // `{"jwt": "..", "renewal": "..", "expires": 1900000000, "kind": "user"}`, outside of the envelope
/// let grant = Grant {
///     shape: Shape::Bare,
///     token: "jwt",
///     refresh: Some("renewal"),
///     lifetime: Lifetime::UntilSeconds("expires"),
///     extra: serde_json::json!({"kind": "user"}),
/// };
/// let protocol = Protocol { grant, ..Protocol::pairs() };
/// assert_eq!(protocol.grant.token, "jwt");
/// ```
#[derive(Debug, Clone)]
pub struct Grant {
    /// How the fields are wrapped.
    pub shape: Shape,
    /// The field of the access token; with `""`, the token itself is the value.
    pub token: &'static str,
    /// The field of the refresh token, if the body has one.
    pub refresh: Option<&'static str>,
    /// How the lifetime is stated.
    pub lifetime: Lifetime,
    /// Further fields: an object, or null.
    pub extra: Value,
}

/// How the fields of a grant are wrapped.
///
/// ```
/// use perennial_test::{Grant, Protocol, Shape};
///
/// let article = Protocol::article();
/// assert_eq!(article.grant.shape, Shape::Enveloped);
/// let grant = Grant { shape: Shape::Flat, ..article.grant.clone() };
/// assert_eq!(Protocol { grant, ..article }.grant.shape, Shape::Flat);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Like the data of every other response.
    Enveloped,
    /// Next to the fields of the envelope.
    Flat,
    /// Without an envelope, as JSON.
    Bare,
    /// Only the access token, as text.
    Text,
}

/// How the lifetime of a token is stated.
///
/// ```
/// use perennial_test::{Grant, Lifetime, Protocol};
///
/// let pairs = Protocol::pairs();
/// assert_eq!(pairs.grant.lifetime, Lifetime::Seconds("expires_in"));
/// let grant = Grant { lifetime: Lifetime::Unstated, ..pairs.grant.clone() };
/// assert_eq!(Protocol { grant, ..pairs }.grant.lifetime, Lifetime::Unstated);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lifetime {
    /// It is not stated.
    Unstated,
    /// Seconds from now, in this field.
    Seconds(&'static str),
    /// Milliseconds from now.
    Milliseconds(&'static str),
    /// A point in time, in seconds since 1970.
    UntilSeconds(&'static str),
    /// A point in time, in milliseconds since 1970.
    UntilMilliseconds(&'static str),
    /// A point in time as text: `2030/10/30 23:59:59` (UTC).
    UntilDate(&'static str),
}

/// The envelope of a successful response.
///
/// ```
/// use perennial_test::{Envelope, Protocol};
/// use serde_json::json;
///
/// let envelope = Envelope { fields: json!({"status": {"code": 0}}), data: vec!["result", "value"] };
/// let body = envelope.wrap(json!([1, 2]));
/// assert_eq!(body, json!({"status": {"code": 0}, "result": {"value": [1, 2]}}));
/// assert_eq!(Envelope::none().wrap(json!(7)), json!(7));
/// # let _ = Protocol { envelope, ..Protocol::pairs() };
/// ```
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The fields of every response, an object.
    pub fields: Value,
    /// The path of the value; if it is empty, the value is next to the fields.
    pub data: Vec<&'static str>,
}

impl Envelope {
    /// No envelope.
    #[must_use]
    pub fn none() -> Self {
        Self { fields: json!({}), data: Vec::new() }
    }

    /// Puts a value into the envelope. A value that is not an object and has no field of its own becomes the whole
    /// body.
    #[must_use]
    pub fn wrap(&self, value: Value) -> Value {
        let mut body = self.fields.clone();
        match value {
            value if !self.data.is_empty() => {
                perennial::serve::insert(&mut body, &self.data, value);
                body
            }
            Value::Object(value) => {
                let fields = body.as_object().cloned().unwrap_or_default();
                Value::Object(fields.into_iter().chain(value).collect())
            }
            value => value,
        }
    }
}

impl Grant {
    /// A grant as JSON, or as text.
    pub(crate) fn render(
        &self,
        issued: &crate::Issued,
        envelope: &Envelope,
    ) -> Result<Value, String> {
        if self.shape == Shape::Text {
            return Err(issued.access.clone());
        }
        let value = if self.token.is_empty() {
            Value::from(issued.access.as_str())
        } else {
            let mut fields = Map::new();
            fields.insert(self.token.to_owned(), issued.access.as_str().into());
            if let (Some(name), Some(refresh)) = (self.refresh, &issued.refresh) {
                fields.insert(name.to_owned(), refresh.as_str().into());
            }
            fields.extend(self.lifetime.tell(issued));
            fields.extend(self.extra.as_object().cloned().unwrap_or_default());
            Value::Object(fields)
        };
        Ok(match self.shape {
            Shape::Enveloped => envelope.wrap(value),
            Shape::Flat => Envelope { data: Vec::new(), ..envelope.clone() }.wrap(value),
            Shape::Bare | Shape::Text => value,
        })
    }
}

impl Lifetime {
    fn tell(self, issued: &crate::Issued) -> Option<(String, Value)> {
        let until = issued.at + issued.lifetime;
        let (name, value) = match self {
            Self::Unstated => return None,
            Self::Seconds(name) => (name, json!(issued.lifetime.as_secs())),
            Self::Milliseconds(name) => (name, json!(millis(issued.lifetime))),
            Self::UntilSeconds(name) => (name, json!(until.as_secs())),
            Self::UntilMilliseconds(name) => (name, json!(millis(until))),
            Self::UntilDate(name) => (name, json!(date(until.as_secs()))),
        };
        Some((name.to_owned(), value))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `2030/10/30 23:59:59`, from seconds since 1970. The days are counted from 1 March of the year 0, so that a leap
/// day is the last day of its year.
fn date(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_one_of_the_calendar() {
        assert_eq!(date(0), "1970/01/01 00:00:00");
        assert_eq!(date(951_782_400), "2000/02/29 00:00:00");
        assert_eq!(date(1_919_635_199), "2030/10/30 23:59:59");
    }

    #[test]
    fn an_envelope_takes_a_value_into_its_field_or_beside_its_fields() {
        let enveloped = Envelope { fields: json!({"code": 0}), data: vec!["data"] };
        assert_eq!(enveloped.wrap(json!(1)), json!({"code": 0, "data": 1}));
        let flat = Envelope { data: Vec::new(), ..enveloped };
        assert_eq!(flat.wrap(json!({"id": 7})), json!({"code": 0, "id": 7}));
        assert_eq!(Envelope::none().wrap(json!([1])), json!([1]));
    }
}
