//! A call that is built but not sent.

use std::fmt::Write as _;
use std::sync::Arc;

use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderName, HeaderValue};

use super::parts::{Body, Content, MediaType, Parts};
use super::{Call, State};
use crate::logic::json;
use crate::logic::mask::{self, is_secret_name};
use crate::ports::transport::HttpRequest;
use crate::session::{Admitted, AttemptTokens};
use crate::session::{CallAuth, Permit, Session};
use crate::types::attempt::Attempt;
use crate::types::auth::{Credential, Placement};
use crate::types::endpoint::{Access, Endpoint, Role, SentIn};
use crate::types::error::{Error, ErrorKind, Phase, Result};
use crate::types::secret::Hidden;
use crate::types::span::Span;

impl<T, E> Call<T, E> {
    /// Builds the request without sending it: to sign it, to show it or to send it by other means.
    ///
    /// The request carries the token, and waits for it as the call would, within the timeout of the call. A built
    /// `refresh` request carries the token that it would refresh and waits for none; a built `login` request carries
    /// none. The request has not passed any layer, and its [`Attempt`] is the first of its call.
    ///
    /// # Errors
    ///
    /// The errors of the call that occur before a response:
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if the timeout of the call elapses first.
    pub async fn build(self) -> Result<HttpRequest, E> {
        let State::Unsent(parts) = self.state else {
            let sent =
                Error::of_kind(ErrorKind::Argument).with_message("the call has already been sent");
            return Err((self.error)(sent));
        };
        built(parts).await.map_err(self.error)
    }

    /// Returns the call as a `curl` command line. Use this before the call is first polled. Secrets are masked: tokens,
    /// cookies, headers and values whose names denote a secret, the parameters of `secret(..)`, and the bodies of
    /// logins and refreshes.
    ///
    /// ```
    /// use perennial::{Result, api_client};
    ///
    /// #[api_client(auth(bearer, expired(status = 401)))]
    /// pub trait Shop {
    ///     #[put("/orders/{id}")]
    ///     async fn rename(&self, id: u64, #[json] name: &str) -> Result<()>;
    /// #   #[post("/refresh", refresh)]
    /// #   async fn refresh(&self) -> Result<perennial::Tokens>;
    /// }
    ///
    /// # fn main() -> Result<()> {
    /// let shop = ShopClient::builder("http://shop.example").build()?;
    /// assert_eq!(
    ///     shop.rename(7, "it's").to_curl(),
    ///     r#"curl -X PUT 'http://shop.example/orders/7' -H 'authorization: Bearer ***' -H 'content-type: application/json' --data-raw '"it'\''s"'"#,
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_curl(&self) -> String {
        match &self.state {
            State::Unsent(parts) => parts.to_curl(),
            State::Sent(..) | State::Ended(_) => format!("# {}: already sent", self.endpoint()),
        }
    }
}

async fn built(mut parts: Box<Parts>) -> Result<HttpRequest> {
    let endpoint = parts.endpoint;
    let request = match (parts.take_argument_error(), parts.timeout()) {
        (Some(error), _) => Err(error),
        (None, None) => request(parts).await,
        (None, Some(limit)) => {
            let clock = Arc::clone(&parts.client.session().policy().clock);
            clock.timeout(limit, Box::pin(request(parts))).await.unwrap_or_else(|| {
                Err(Error::of_kind(ErrorKind::Timeout(Phase::Refresh))
                    .with_message(format!("the limit of the call is {}", Span(limit))))
            })
        }
    };
    request.map_err(|error| error.with_endpoint(endpoint))
}

async fn request(mut parts: Box<Parts>) -> Result<HttpRequest> {
    let passes = passes(&parts).await?;
    parts.rebase(&passes)?;
    let mut outgoing = parts.build(&passes, Content::Taken).await?;
    outgoing.extensions = parts.extras.take().map(|extras| extras.extensions);
    let call = parts.number();
    outgoing.into_request(Attempt::new(parts.endpoint, call, 1))
}

/// Waits as the call itself would.
async fn passes(parts: &Parts) -> Result<AttemptTokens> {
    if parts.endpoint.role == Role::Refresh {
        return passes_of_refresh(parts).await;
    }
    if parts.is_bare() {
        return Ok(AttemptTokens::default());
    }
    let session = parts.client.session();
    let mut auth = parts.auth.clone();
    auth.is_careful = !parts.body.is_repeatable();
    admitted(session, parts.endpoint, &mut auth, parts.endpoint.credentials).await
}

/// The tokens of these credentials. Waits for them as a call does.
pub(crate) async fn admitted(
    session: &Session,
    endpoint: &'static Endpoint,
    auth: &mut CallAuth,
    credentials: &'static [Credential],
) -> Result<AttemptTokens> {
    // Held until the tokens have been read, if the number of released calls that send at once is limited.
    let mut permit = None::<Box<Permit>>;
    loop {
        match session.admit(endpoint, auth, credentials).await? {
            Admitted::Send(passes) => return Ok(passes),
            Admitted::Wait(waiting) => {
                drop(permit.take());
                let slot = waiting.slot();
                permit = session.resume(auth, slot, None, waiting.await)?;
            }
        }
    }
}

/// A refresh carries the token that it renews. Waiting for another would be waiting for itself.
async fn passes_of_refresh(parts: &Parts) -> Result<AttemptTokens> {
    let Endpoint { access, credentials, role_of, .. } = *parts.endpoint;
    if parts.is_foreign || access == Access::Public || credentials.is_empty() {
        return Ok(AttemptTokens::default());
    }
    let session = parts.client.session();
    let index = parts.client.slot_of(role_of)?;
    let others = session.load_for(index).await;
    let named = |it: &&Credential| it.name == session.policy_of(index).name;
    let credential = credentials.iter().find(named);
    let carried = credential.zip(session.tokens_at(index));
    // Read after the tokens: epochs only grow, so the tokens belong to this epoch.
    let epoch = session.epoch_at(index);
    if parts.auth.bound(index).or(others).is_some_and(|bound| bound != epoch) {
        return Err(session.changed(index));
    }
    Ok(carried.map_or_else(AttemptTokens::default, |(credential, tokens)| {
        AttemptTokens::of_refresh(index, credential, &tokens)
    }))
}

impl Parts {
    fn to_curl(&self) -> String {
        let mut line = format!("curl -X {} ", self.endpoint.method);
        let (mut headers, mut fields) = (Vec::new(), Vec::new());
        let own = self.extras.as_ref().map(|extras| &extras.headers);
        let mut url = self.shown_url();
        let is_bare = self.endpoint.access == Access::Public
            || self.is_foreign
            || matches!(self.endpoint.role, Role::Login);
        let in_query = |url: &mut String, name: &str| {
            let joint = if url.contains('?') { '&' } else { '?' };
            write!(url, "{joint}{name}={Hidden}").expect("a string takes everything");
        };
        for credential in self.endpoint.credentials.iter().filter(|_| !is_bare) {
            match credential.placement {
                Placement::Bearer => headers.push(format!("authorization: Bearer {Hidden}")),
                Placement::Header { name, scheme: None } => {
                    headers.push(format!("{name}: {Hidden}"))
                }
                Placement::Header { name, scheme: Some(scheme) } => {
                    headers.push(format!("{name}: {scheme} {Hidden}"));
                }
                Placement::Cookie { name } => {
                    let others = own.and_then(|own| own.get(COOKIE)).is_some();
                    let others = if others { format!("{Hidden}; ") } else { String::new() };
                    headers.push(format!("cookie: {others}{name}={Hidden}"));
                }
                Placement::Field { name } if self.takes_fields(Content::Taken) => fields.push(name),
                Placement::Query { name } | Placement::Field { name } => in_query(&mut url, name),
            }
        }
        let has_values = !is_bare || self.endpoint.role == Role::Logout;
        for value in self.endpoint.from_tokens.iter().filter(|_| has_values) {
            match value.place {
                SentIn::Header(name) => headers.push(format!("{name}: {Hidden}")),
                SentIn::Field(name) => fields.push(name),
                SentIn::Query(name) => in_query(&mut url, name),
            }
        }
        line.push_str(&quoted(&url));
        let has_cookie = headers.iter().any(|header| header.starts_with("cookie: "));
        for (name, value) in
            own.into_iter().flatten().filter(|(name, _)| !has_cookie || *name != COOKIE)
        {
            headers.push(format!("{name}: {}", shown_header(name, value)));
        }
        if let Body::Bytes { media_type: Some(media_type), .. } = &self.body
            && own.is_none_or(|own| !own.contains_key(CONTENT_TYPE))
        {
            headers.push(format!("content-type: {}", media_type.as_str()));
        }
        for header in headers {
            write!(line, " -H {}", quoted(&header)).expect("a string takes everything");
        }
        line.push_str(&self.shown_body(&fields));
        line
    }

    fn shown_url(&self) -> String {
        let url = self.masked_url();
        let Some((path, query)) = url.split_once('?') else { return url };
        format!("{path}?{}", without_secret_pairs(query))
    }

    /// `fields` are the names of the fields that carry tokens.
    fn shown_body(&self, fields: &[&str]) -> String {
        let is_secret = matches!(self.endpoint.role, Role::Login | Role::Refresh)
            || self.extras.as_ref().is_some_and(|extras| extras.hides_body);
        match &self.body {
            Body::None if !fields.is_empty() => {
                let fields: Vec<_> = fields.iter().map(|name| format!("{name}={Hidden}")).collect();
                format!(" --data-raw {}", quoted(&fields.join("&")))
            }
            Body::None => String::new(),
            _ if is_secret => format!(" --data-raw '{Hidden}'"),
            Body::Bytes { bytes, media_type } => match std::str::from_utf8(bytes) {
                Ok(text) => {
                    let is_form = matches!(media_type, Some(MediaType::Form));
                    let text = match media_type {
                        Some(MediaType::Form) => without_secret_pairs(text),
                        Some(media_type) if media_type.is_json() => {
                            mask::without_secret_members(text).unwrap_or_else(|| text.to_owned())
                        }
                        _ => text.to_owned(),
                    };
                    let shown = fields.iter().fold(text, |text, name| match is_form {
                        true => format!("{text}&{name}={Hidden}"),
                        false => json::with_text(&text, name, "***").unwrap_or(text),
                    });
                    format!(" --data-raw {}", quoted(&shown))
                }
                Err(_) => " --data-binary '@-'".to_owned(),
            },
            Body::Multipart(parts) => parts
                .curl_options()
                .into_iter()
                .map(|(option, part)| format!(" {option} {}", quoted(&part)))
                .collect(),
            Body::Built(build) => {
                format!(" --data-binary {}", quoted(&format!("@{}", build.origin())))
            }
        }
    }
}

/// A query or a form, with the values masked whose names denote a secret.
fn without_secret_pairs(pairs: &str) -> String {
    pairs.split('&').map(mask::shown_pair).collect::<Vec<_>>().join("&")
}

fn shown_header(name: &HeaderName, value: &HeaderValue) -> String {
    if value.is_sensitive() || is_secret_name(name.as_str()) {
        Hidden.to_string()
    } else {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    }
}

/// Quotes a text so that a shell takes it literally.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
