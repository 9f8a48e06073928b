//! Address and headers of a call that is being built, and their errors.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::call::parts::{Parts, Secret};
use crate::logic::encode::{self, EncodeError};
use crate::logic::mask::is_secret_name;
use crate::logic::values::{Unfit, Visit};
use crate::types::error::{BoxError, Error, ErrorKind};

/// The value of a header, marked as secret if the name denotes a secret, so that neither a layer nor HTTP/2 shows it.
pub(in crate::call) fn hidden_by_name(name: &str, mut value: HeaderValue) -> HeaderValue {
    if is_secret_name(name) {
        value.set_sensitive(true);
    }
    value
}

impl Parts {
    /// Appends a segment, or a part of one, after `before`; appends nothing if there is no value.
    pub(super) fn segment(&mut self, name: &'static str, before: &str, visit: Visit<'_>) {
        let mut encoded = Ok(());
        let visited = visit(&mut |value| {
            self.url.push_str(before);
            encoded = encode::segment(&mut self.url, name, value);
        });
        self.check(name, visited, encoded);
    }

    /// Appends segments and keeps the slashes between them.
    pub(super) fn tail(&mut self, name: &'static str, visit: Visit<'_>) {
        let mut encoded = Ok(());
        let visited = visit(&mut |value| encoded = encode::tail(&mut self.url, name, value));
        self.check(name, visited, encoded);
    }

    fn check(
        &mut self,
        name: &'static str,
        visited: Result<(), Unfit>,
        encoded: Result<(), EncodeError>,
    ) {
        let visited = visited.map_err(|unfit| EncodeError::Unfit(name, unfit));
        if let Err(error) = visited.and(encoded) {
            self.fail(argument(error));
        }
    }

    /// Appends query values that are already encoded.
    pub(super) fn append_query(&mut self, query: &str) {
        self.url.push(if std::mem::replace(&mut self.has_query, true) { '&' } else { '?' });
        self.url.push_str(query);
    }

    pub(crate) fn header<E: Into<BoxError>>(
        &mut self,
        name: &'static str,
        value: Result<Option<HeaderValue>, E>,
    ) {
        match value {
            Ok(None) => {}
            Ok(Some(value)) => {
                let value = hidden_by_name(name, value);
                self.extras().headers.insert(HeaderName::from_static(name), value);
            }
            Err(error) => {
                self.fail(argument(error).with_message(unfit(name)));
            }
        }
    }

    /// Hides the part of the address and the headers that were added since.
    pub(super) fn hide(&mut self, from: usize, before: HeaderMap) {
        let added = self.url.get(from..).unwrap_or_default();
        let mut secrets = Vec::new();
        if added.starts_with(['?', '&']) {
            let mut at = from;
            for pair in added.split(['?', '&']) {
                let name = pair.find('=').map_or(pair.len(), |equals| equals + 1);
                secrets.push((at + name, &pair[name..]));
                at += pair.len() + 1;
            }
        } else {
            let value = added.trim_start_matches('/');
            secrets.push((from + added.len() - value.len(), value));
        }
        let secrets: Vec<_> = secrets
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(at, text)| Secret { at: Some(at), text: text.into() })
            .collect();
        let extras = self.extras();
        // Its name may have said so before its declaration.
        extras.secrets.retain(|known| known.at < Some(from));
        extras.headers.values_mut().for_each(|value| value.set_sensitive(true));
        let added = std::mem::replace(&mut extras.headers, before);
        extras.headers.extend(added);
        extras.secrets.extend(secrets);
    }

    /// Dots can also meet across two parts of a segment.
    pub(super) fn check_path(&mut self) {
        let base = self.client.base_of(self.endpoint);
        if self.url.strip_prefix(base).is_some_and(encode::folds) {
            self.fail(
                Error::of_kind(ErrorKind::Argument)
                    .with_message("the path has a segment `.` or `..`, which would lead elsewhere"),
            );
        }
    }
}

pub(crate) fn argument(error: impl Into<BoxError>) -> Error {
    Error::of_kind(ErrorKind::Argument).with_source(error)
}

/// Why a header value is invalid. The value itself may be secret, so it is not quoted.
pub(in crate::call) fn unfit(name: &str) -> String {
    format!(
        "the header `{name}` takes visible ASCII without blanks around it; \
         a `HeaderValue` can hold other bytes"
    )
}
