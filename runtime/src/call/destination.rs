//! Where the tokens of a call may be sent: to the client's own origin, and to the origin of the address that came
//! with them.

use super::client::Client;
use super::parts::Parts;
use crate::session::AttemptTokens;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::url::Url;

impl Parts {
    /// Records whether an address that replaces the path belongs to the client's own origin.
    pub(super) fn place(&mut self, url: &Url) {
        self.is_away = url.origin() != self.client.core().origin;
        self.is_foreign = self.is_away && !may_know_a_token(&self.client, self.endpoint, url);
    }

    /// Moves the call to the address of the API that came with these tokens, unless the client is for another API
    /// than the session. This runs before each attempt, since a refresh may return another address.
    ///
    /// # Errors
    ///
    /// If the address that came with the tokens is not usable, or if a token must not be sent to the address of the
    /// attempt.
    pub(crate) fn rebase(&mut self, tokens: &AttemptTokens) -> Result<()> {
        let base = tokens.iter().find_map(|token| token.base.as_deref());
        if self.is_foreign || (base.is_none() && !self.is_away) {
            return Ok(());
        }
        if let Some(base) = base
            && self.replaceable > 0
            && self.client.core().origin == self.client.session().policy().origin
        {
            self.move_to(base)?;
        }
        tokens
            .iter()
            .try_for_each(|token| self.admit_token(token.credential.name, token.base.as_deref()))
    }

    /// Rejects a token that must not be sent to the address of the call.
    pub(crate) fn admit_token(&self, credential: &str, base: Option<&str>) -> Result<()> {
        if self.is_foreign || !self.is_away {
            return Ok(());
        }
        let here = Url::parse(&self.url).map(|url| url.origin());
        match (here, base.map(Url::parse)) {
            (Ok(here), Some(Ok(base))) if base.origin() == here => Ok(()),
            (here, _) => {
                let here = here.map(|here| here.ascii_serialization()).unwrap_or_default();
                let which = match credential {
                    "" => "the token".to_owned(),
                    name => format!("the token of `{name}`"),
                };
                Err(Error::of_kind(ErrorKind::Argument).with_message(format!(
                    "{which} is not sent to {here}: it is neither the client's own origin nor that of the address \
                     that came with this token"
                )))
            }
        }
    }

    fn move_to(&mut self, base: &str) -> Result<()> {
        let url = base_of(base, self.client.base())?;
        let base = url.as_str().trim_end_matches('/');
        self.url.replace_range(..self.replaceable as usize, base);
        self.replaceable = u32::try_from(base.len()).unwrap_or(0);
        self.is_away = url.origin() != self.client.core().origin;
        Ok(())
    }
}

/// Parses the address of the API that came with tokens, for a client whose base URL is `own`.
///
/// # Errors
///
/// If no call can be sent there.
pub(crate) fn base_of(address: &str, own: &str) -> Result<Url> {
    let refused = |why: &str| {
        let text = format!("the address of the API that came with the tokens {why}");
        Err(Error::of_kind(ErrorKind::Argument).with_message(text))
    };
    let url = match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ => return refused("is not an http(s) URL"),
    };
    let is_plain = url.username().is_empty() && url.password().is_none();
    if !is_plain || url.query().is_some() || url.fragment().is_some() {
        return refused("has more than a host and a path");
    }
    if url.scheme() == "http" && own.starts_with("https:") {
        return refused("leads from https to http");
    }
    Ok(url)
}

/// Whether a token that the endpoint carries came with an address of this origin.
fn may_know_a_token(client: &Client, endpoint: &Endpoint, url: &Url) -> bool {
    let session = client.session();
    endpoint.credentials.iter().any(|credential| {
        let tokens = session.named(credential.name).ok().and_then(|at| session.tokens_at(at));
        let base = tokens.as_ref().and_then(|tokens| Url::parse(tokens.base()?).ok());
        base.is_some_and(|base| base.origin() == url.origin())
    })
}
