//! Where a token is sent.

use http::HeaderName;
use http::header::AUTHORIZATION;

use crate::types::auth::Placement;
use crate::types::error::{Error, ErrorKind, Result};

/// Where a token is sent, with the header name parsed once.
#[derive(Debug)]
pub(crate) enum Carrier {
    Header { name: HeaderName, scheme: Option<&'static str> },
    Query { name: &'static str },
    Cookie { name: &'static str },
    Field { name: &'static str },
}

impl Carrier {
    pub(crate) fn new(placement: Placement) -> Result<Self> {
        Ok(match placement {
            Placement::Bearer => Self::Header { name: AUTHORIZATION, scheme: None },
            Placement::Header { name, scheme } => Self::Header {
                name: HeaderName::from_bytes(name.as_bytes())
                    .map_err(|error| Error::of_kind(ErrorKind::Build).with_source(error))?,
                scheme,
            },
            Placement::Query { name } => Self::Query { name },
            Placement::Cookie { name } => Self::Cookie { name },
            Placement::Field { name } => Self::Field { name },
        })
    }
}
