//! Where a body has its code, message and data.

use super::JsonPath;

/// Where a body has its code, message and data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// The path of the code.
    pub code: JsonPath,
    /// The path of the message.
    pub message: Option<JsonPath>,
    /// The path of the value; `None` means the whole body.
    pub data: Option<JsonPath>,
    /// The codes that mean success.
    pub ok: &'static [Scalar],
    /// Whether a body without a code is a success.
    pub ok_absent: bool,
    /// A place that must be missing or empty in a success, such as the errors in GraphQL.
    pub ok_without: Option<JsonPath>,
}

impl Envelope {
    #[doc(hidden)]
    pub const fn new(code: JsonPath) -> Self {
        Self { code, message: None, data: None, ok: &[], ok_absent: false, ok_without: None }
    }

    #[doc(hidden)]
    pub const fn ok(mut self, ok: &'static [Scalar], absent: bool) -> Self {
        self.ok = ok;
        self.ok_absent = absent;
        self
    }
}

setters!(Envelope {
    message: JsonPath as Some,
    data: JsonPath as Some,
    ok_without: JsonPath as Some,
});

/// A declared value that is compared with one in a body.
///
/// An integer and its canonical decimal string are the same value: `1234` matches `"1234"` and the reverse; `0`
/// does not match `"0000"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    Text(&'static str),
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Scalar {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<&'static str> for Scalar {
    fn from(value: &'static str) -> Self {
        Self::Text(value)
    }
}
