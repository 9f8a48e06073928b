//! The typed end of a call, as the executor sees it.

use http::{HeaderMap, StatusCode};

use crate::ports::response::Received;
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::error::Error;
use crate::types::tokens::Tokens;

/// Decodes a response and keeps its value.
pub(crate) trait Sink: Send {
    /// How much of a response is read before it is landed.
    fn reads(&self) -> ReadMode;

    /// Decodes a response with a good status.
    fn land<'a>(&mut self, endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a>;

    /// Whether a response with this status is a value all the same, which is kept then.
    fn lands_without(&mut self, status: StatusCode, headers: &HeaderMap) -> bool {
        let _ = (status, headers);
        false
    }

    /// The tokens that the response to a login brought.
    fn take_tokens(&mut self) -> Option<Box<Tokens>>;
}

/// How much of a response is read before it is landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadMode {
    /// All of it, up to the limit of a body.
    Whole,
    /// All of it, whatever its size: what is asked for as bytes is not bounded.
    Bytes,
    /// Only what may be an envelope or says a failure; the rest is streamed.
    Stream,
    /// The same, but no more than a line of what may be an envelope: others may be long in coming.
    Line,
}

/// The result of a response.
pub enum Decoded<'a> {
    /// The value is kept.
    Taken,
    /// The envelope bears a code that is not a good one; `None` if it should bear one and does not.
    Refused(Option<Code<'a>>),
    /// The response is not what was declared.
    Broken(Error),
}
