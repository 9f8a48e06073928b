//! Values that a call takes from the tokens.

/// A header, a query value or a field that each attempt takes from the tokens of the session: `tokens(refresh)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FromTokens {
    /// Where it is sent.
    pub place: SentIn,
    /// Which part of the tokens is sent. If the tokens lack it, nothing is sent.
    pub part: TokenPart,
}

impl FromTokens {
    #[doc(hidden)]
    pub const fn new(place: SentIn, part: TokenPart) -> Self {
        Self { place, part }
    }
}

/// A place in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SentIn {
    /// A header of this name, in lower case.
    Header(&'static str),
    /// A query value.
    Query(&'static str),
    /// A field of the form.
    Field(&'static str),
}

impl SentIn {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Header(name) | Self::Query(name) | Self::Field(name) => name,
        }
    }
}

/// A part of the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenPart {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
    /// The extra value of this name; see [`Tokens::extra`](crate::Tokens::extra).
    Extra(&'static str),
}
