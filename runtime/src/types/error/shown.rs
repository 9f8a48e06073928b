//! How an error is shown.

use std::error::Error as StdError;
use std::fmt::{self, Write};

use super::{Error, Inner};
use crate::types::endpoint::Endpoint;
use crate::types::plain::Plain;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(&mut Plain::line(f))
    }
}

impl Error {
    fn say(&self, f: &mut Plain<'_>) -> fmt::Result {
        match (&self.inner.endpoint, &self.inner.address) {
            (Some(Endpoint { api, name, method, .. }), Some(address)) => {
                write!(f, "{api}::{name} ({method} {address}): ")?;
            }
            (Some(endpoint), None) => write!(f, "{endpoint}: ")?,
            (None, _) => {}
        }
        f.write_str(match self.inner.signed_out {
            true => "the user signed out while the call was pending",
            false => self.inner.kind.says(),
        })?;
        self.say_details(f)?;
        if let Some(help) = self.inner.help.or(self.inner.kind.help()) {
            write!(f, "; {help}")?;
        }
        Ok(())
    }

    /// The details after the kind. If the cause has the same kind, only its details are added: a failed refresh is
    /// the error of each call that waited for it, and its kind should not be repeated.
    fn say_details(&self, f: &mut Plain<'_>) -> fmt::Result {
        let Inner { kind, attempts, status, code, message, source, .. } = &*self.inner;
        if let Some(status) = status {
            write!(f, ", status {}", status.as_u16())?;
        }
        if let Some(code) = code {
            write!(f, ", code {code}")?;
        }
        if let Some(message) = message {
            write!(f, ": {message}")?;
        }
        let source = source.as_deref().filter(|_| self.inner.says_source);
        match source.map(|source| (source, source.downcast_ref::<Self>())) {
            Some((_, Some(same))) if same.inner.kind == *kind => same.say_details(f)?,
            Some((source, _)) => write!(f, ": {source}")?,
            None => {}
        }
        if *attempts > 1 {
            write!(f, " (sent {attempts} times)")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In a page, the fields would be a two-hundredth of its code.
        #[cfg(not(target_family = "wasm"))]
        if f.alternate() {
            return write!(Plain::lines(f), "{:#?}", Fields(self));
        }
        fmt::Display::fmt(self, f)?;
        let mut cause = StdError::source(self);
        let mut before = "\n\nCaused by:\n    ";
        while let Some(error) = cause {
            f.write_str(before)?;
            write!(Plain::line(f), "{error}")?;
            before = "\n    ";
            cause = error.source();
        }
        Ok(())
    }
}

/// The fields of an error, as `{:#?}` shows them.
#[cfg(not(target_family = "wasm"))]
struct Fields<'a>(&'a Error);

#[cfg(not(target_family = "wasm"))]
impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind, endpoint, address, attempts, status, code, message, body, source, ..
        } = &*self.0.inner;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("endpoint", endpoint)
            .field("address", address)
            .field("attempts", attempts)
            .field("status", status)
            .field("code", code)
            .field("message", message)
            .field("body", &format_args!("{} bytes", body.len()))
            .field("source", source)
            .finish_non_exhaustive()
    }
}
