//! Address and headers of a call that is being put together, and what can be wrong with them.

use std::fmt::Display;

use http::{HeaderName, HeaderValue};

use crate::call::parts::Parts;
use crate::logic::encode;
use crate::types::error::{BoxError, Error, ErrorKind};

impl Parts {
    pub(super) fn segment(&mut self, name: &'static str, value: &dyn Display) {
        if let Err(error) = encode::segment(&mut self.url, name, value) {
            self.fail(argument(error));
        }
    }

    pub(super) fn start_query(&mut self) {
        self.url.push(if std::mem::replace(&mut self.has_query, true) { '&' } else { '?' });
    }

    /// Appends query values that are already encoded.
    pub(super) fn query_text(&mut self, query: Result<String, BoxError>) {
        match query {
            Ok(query) if query.is_empty() => {}
            Ok(query) => {
                self.start_query();
                self.url.push_str(&query);
            }
            Err(error) => self.fail(argument(error)),
        }
    }

    pub(crate) fn header<E: Into<BoxError>>(
        &mut self,
        name: &'static str,
        value: Result<Option<HeaderValue>, E>,
    ) {
        match value {
            Ok(None) => {}
            Ok(Some(value)) => {
                self.extras().headers.insert(HeaderName::from_static(name), value);
            }
            Err(error) => {
                self.fail(argument(error).with_message(unfit(name)));
            }
        }
    }

    /// Dots can also meet across two parts of a segment.
    pub(super) fn check_path(&mut self) {
        let base = self.client.base();
        let Some(path) = self.url.strip_prefix(base) else { return };
        let end = path.bytes().position(|byte| byte == b'?').unwrap_or(path.len());
        let path = &path[..end];
        if self.fault.is_none() && encode::folds(path) {
            self.fail(
                Error::new(ErrorKind::Argument)
                    .with_message("the path has a segment `.` or `..`, which would lead elsewhere"),
            );
        }
    }
}

pub(crate) fn argument(error: impl Into<BoxError>) -> Error {
    Error::new(ErrorKind::Argument).with_source(error)
}

/// What is wrong with the value of a header. The value itself may be a secret.
pub(in crate::call) fn unfit(name: &str) -> String {
    format!(
        "the header `{name}` takes visible ASCII without blanks around it; \
         a `HeaderValue` can hold other bytes"
    )
}

pub(super) fn undisplayed(name: &str) -> Error {
    Error::new(ErrorKind::Argument).with_message(format!("the `Display` of `{name}` failed"))
}
