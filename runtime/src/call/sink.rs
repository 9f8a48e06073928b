//! The typed end of a call, as the executor sees it.

use http::{HeaderMap, StatusCode};

use crate::ports::response::Received;
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::error::Error;
use crate::types::tokens::Tokens;

/// Decodes a response and keeps its value.
pub(crate) trait Sink: Send {
    /// How much of a response is read before it is decoded.
    fn reads(&self) -> ReadMode;

    /// Decodes a response with a good status.
    fn land<'a>(&mut self, endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a>;

    /// Whether a response with this status is a value nevertheless; the value is then kept.
    fn lands_without(&mut self, status: StatusCode, headers: &HeaderMap) -> bool {
        let _ = (status, headers);
        false
    }

    /// The tokens that the response to a login brought.
    fn take_tokens(&mut self) -> Option<Box<Tokens>>;
}

/// How much of a response is read before it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadMode {
    /// All of it, up to the limit of a body.
    Whole,
    /// All of it, whatever its size: a response of the type `Bytes` has no limit.
    Bytes,
    /// Only a body that may be an envelope or reports a failure; other bodies are streamed.
    Stream,
    /// The same, but at most one line of a body that may be an envelope: further lines may take long to arrive.
    Line,
}

/// The result of a response.
pub enum Decoded<'a> {
    /// The value is kept.
    Taken,
    /// The envelope has a code that does not mean success; `None` if the code is missing.
    Refused(Option<Code<'a>>),
    /// The response does not match the declared type.
    Broken(Error),
}
