//! Converts the error of an implementation to a response that no client takes for a success.

use std::any::Any;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

use super::encode::{Reply, reject, rejected, scalar};
use super::extract::Request;
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::envelope::Scalar;
use crate::types::error::{Error, ErrorKind};

/// The error of an implementation. It is probed for the user's conversion to the wire, `impl From<&ShopError> for
/// perennial::Error`.
#[derive(Debug)]
pub struct Failure<'e, E>(pub &'e E);

/// Traits of failures, imported without their names.
pub mod failures {
    use super::Failure;
    use crate::types::error::Error;

    /// An error that the user converts.
    pub trait Converted {
        /// The converted error.
        fn __perennial_own(&self) -> Option<Error>;
    }

    impl<'e, E> Converted for &Failure<'e, E>
    where
        Error: From<&'e E>,
    {
        fn __perennial_own(&self) -> Option<Error> {
            Some(self.0.into())
        }
    }

    /// Any other error.
    pub trait Unconverted {
        /// None.
        fn __perennial_own(&self) -> Option<Error>;
    }

    impl<E> Unconverted for Failure<'_, E> {
        fn __perennial_own(&self) -> Option<Error> {
            None
        }
    }
}

impl Request {
    /// The response to an error that no arm of `#[errors(..)]` names. An [`Error`] that the implementation created
    /// is sent with its status, code, message and body; an error of a call to another server is sent with status
    /// 502 and nothing of that server's response, and any other error with status 500.
    pub fn error<E: 'static>(&self, error: &E) -> Reply {
        match (error as &dyn Any).downcast_ref::<Error>() {
            Some(error) => self.own_error(error),
            None => Reply::text(StatusCode::INTERNAL_SERVER_ERROR, "the implementation failed"),
        }
    }

    /// The response to an error that the user converts into one of ours, or else the other one.
    pub fn converted(&self, own: Option<Error>, other: impl FnOnce() -> Reply) -> Reply {
        own.map_or_else(other, |own| self.own_error(&own))
    }

    /// The response to an error that an arm of `#[errors(..)]` names by its status.
    #[must_use]
    pub fn status(&self, status: u16) -> Reply {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Reply::text(status, String::new())
    }

    /// The response to an error that an arm of `#[errors(..)]` names by its code.
    #[must_use]
    pub fn code(&self, code: Scalar) -> Reply {
        let status = self.status_of_code(|ok| *ok == code);
        Reply::json(status, &rejected(self.endpoint.envelope, scalar(&code), None))
    }

    fn own_error(&self, error: &Error) -> Reply {
        if let Some(called) = error.endpoint() {
            return self.passed_on(called, error);
        }
        if matches!(error.kind(), ErrorKind::Transport) || error.is_timeout() {
            return Reply::broken();
        }
        let envelope = self.endpoint.envelope;
        let code = error.raw_code();
        let status = error.status().filter(says_failure).unwrap_or_else(|| match code {
            Some(code) => self.status_of_code(|ok| code.matches(ok)),
            None => StatusCode::INTERNAL_SERVER_ERROR,
        });
        let rejection = code.map(|code| {
            // A body without the code would be taken for a success.
            let mut body = serde_json::from_slice(error.bytes()).unwrap_or_default();
            reject(&mut body, envelope, json(code), error.message());
            body
        });
        match rejection {
            Some(rejection) if error.bytes().is_empty() || status.is_success() => {
                Reply::json(status, &rejection)
            }
            _ if !error.bytes().is_empty() => {
                Reply::new(status, "application/json", Bytes::copy_from_slice(error.bytes()))
            }
            _ => Reply::text(status, error.message().unwrap_or_default()),
        }
    }

    /// The response to a failed call to another server. That server's response is only for this program: its codes
    /// have another meaning, its 401 refers to a token of this program, and its body may contain anything. Only a
    /// rejection by the same endpoint, for which this program is a proxy, means here what it means there.
    fn passed_on(&self, called: &Endpoint, error: &Error) -> Reply {
        let gateway = Reply::text(StatusCode::BAD_GATEWAY, "a call to another server failed");
        let is_rejected = matches!(error.kind(), ErrorKind::Status | ErrorKind::Api);
        if !is_rejected || !is_same(called, self.endpoint) || self.is_about_tokens(error) {
            return gateway;
        }
        let status =
            error.status().filter(|status| says_failure(status) && !status.is_redirection());
        match error.raw_code() {
            Some(code) => {
                let status = status.unwrap_or_else(|| self.status_of_code(|ok| code.matches(ok)));
                let body = rejected(self.endpoint.envelope, json(code), error.message());
                Reply::json(status, &body)
            }
            None => status
                .map_or(gateway, |status| Reply::text(status, error.message().unwrap_or_default())),
        }
    }

    /// Whether a client would think that this response refers to its own token.
    fn is_about_tokens(&self, error: &Error) -> bool {
        let rules = self.endpoint.credentials.iter().flat_map(|it| [it.expired, it.logout]);
        let is_meant = rules.flatten().any(|rule| {
            let is_status = error.status().is_some_and(|it| rule.statuses.contains(&it.as_u16()));
            is_status || rule.codes.iter().any(|code| error.has_code(*code))
        });
        is_meant || error.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// 200 if the declared envelope rejects the code, otherwise a status that denotes an error.
    fn status_of_code(&self, is: impl Fn(&Scalar) -> bool) -> StatusCode {
        match self.endpoint.envelope {
            Some(envelope) if !envelope.ok.iter().any(is) => StatusCode::OK,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn says_failure(status: &StatusCode) -> bool {
    !status.is_success() && !status.is_informational()
}

fn is_same(called: &Endpoint, served: &Endpoint) -> bool {
    let of = |it: &Endpoint| (it.api, it.name, it.method, it.path);
    of(called) == of(served)
}

fn json(code: &Code<'_>) -> Value {
    match code {
        Code::Bool(code) => (*code).into(),
        code => {
            let text = code.to_string();
            text.parse::<i64>().map_or_else(|_| text.into(), Value::from)
        }
    }
}
