//! Values that each attempt takes from the tokens of its session: a tenant in a header, the token that a logout
//! revokes.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::parts::Parts;
use super::request::set_query;
use crate::session::AttemptTokens;
use crate::types::endpoint::{Host, Role, SentIn, TokenPart};
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::tokens::Tokens;
use crate::types::url::Url;

/// A place and the value that is sent there.
pub(super) type SentValue = (SentIn, String);

impl Parts {
    /// The values for this attempt. They are read again each time, since a refresh may have rotated them.
    ///
    /// # Errors
    ///
    /// If nobody is signed in, or another user is by now.
    pub(super) fn token_values(&self, passes: &AttemptTokens) -> Result<Vec<SentValue>> {
        let declared = self.endpoint.from_tokens;
        // If the token must not be sent there, neither may these values.
        let is_unknown = self.is_foreign && self.endpoint.host == Host::Own;
        if declared.is_empty() || is_unknown {
            return Ok(Vec::new());
        }
        let Some(tokens) = self.tokens_of_values(passes)? else { return Ok(Vec::new()) };
        let values = declared.iter().filter_map(|value| {
            let text = match value.part {
                TokenPart::Access => tokens.access(),
                TokenPart::Refresh => tokens.refresh()?,
                TokenPart::Extra(name) => tokens.extra(name)?,
            };
            Some((value.place, text.to_owned()))
        });
        Ok(values.collect())
    }

    /// The tokens of the user for whom the attempt is sent.
    fn tokens_of_values(&self, passes: &AttemptTokens) -> Result<Option<Tokens>> {
        let session = self.client.session();
        let is_logout = self.endpoint.role == Role::Logout;
        let pass = passes.iter().next().filter(|_| !is_logout);
        let (slot, epoch) = match pass {
            Some(pass) => (pass.slot, Some(pass.ticket.epoch)),
            None if is_logout => {
                let slot = self.client.slot_of(self.endpoint.role_of)?;
                (slot, self.auth.bound(slot))
            }
            None => return Ok(None),
        };
        let tokens = session
            .tokens_in(slot, epoch)
            .map_err(|error| error.of_session(session.id(), session.policy_of(slot).name))?;
        self.admit_token(session.policy_of(slot).name, tokens.base())?;
        Ok(Some(tokens))
    }
}

/// Adds the values to the headers and the query.
pub(super) fn put(values: Vec<SentValue>, url: &mut Url, headers: &mut HeaderMap) -> Result<()> {
    for (place, text) in values {
        match place {
            SentIn::Header(name) => {
                let unsendable = || {
                    let text =
                        format!("the value of `{name}` from the tokens cannot be sent in a header");
                    Error::of_kind(ErrorKind::Argument).with_message(text)
                };
                let mut value = HeaderValue::try_from(text).map_err(|_| unsendable())?;
                value.set_sensitive(true);
                headers.insert(HeaderName::try_from(name).map_err(|_| unsendable())?, value);
            }
            SentIn::Query(name) => set_query(url, name, &text)?,
            SentIn::Field(_) => {}
        }
    }
    Ok(())
}
