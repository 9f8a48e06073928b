//! The body of a call, from which that of every attempt is built.

use std::borrow::Cow;

use bytes::Bytes;
use http::HeaderValue;

use crate::call::body::{Part, PartOptions};
use crate::ports::BoxFuture;
use crate::ports::http::HttpBody;
use crate::types::error::Result;

/// The body of a call.
pub(crate) enum Body {
    None,
    Bytes { bytes: Bytes, media_type: Option<MediaType> },
    Multipart(Box<dyn BuildParts>),
    Built(Box<dyn BuildBody>),
}

impl Body {
    /// A counter that grows with each piece that is added.
    pub(crate) fn pieces(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Bytes { bytes, .. } => 1 + bytes.len(),
            Self::Multipart(multipart) => 1 + multipart.count(),
            Self::Built(_) => 1,
        }
    }

    /// Whether the body is built for each attempt.
    pub(crate) const fn is_built(&self) -> bool {
        matches!(self, Self::Multipart(_) | Self::Built(_))
    }

    pub(crate) fn is_repeatable(&self) -> bool {
        match self {
            Self::None | Self::Bytes { .. } => true,
            Self::Multipart(parts) => parts.is_repeatable(),
            Self::Built(build) => build.is_repeatable(),
        }
    }
}

/// The media types of bodies that are encoded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    Json,
    Form,
    /// A media type as it was declared.
    Other(&'static str),
}

impl MediaType {
    /// Whether it is JSON, or a format that is written in JSON.
    pub(crate) fn is_json(self) -> bool {
        match self {
            Self::Json => true,
            Self::Form => false,
            Self::Other(name) => {
                let name = name.split(';').next().unwrap_or_default().trim_end();
                name.ends_with("/json") || name.ends_with("+json")
            }
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Other(media_type) => media_type,
        }
    }
}

/// Whether a request takes the body along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Taken,
    Left,
}

/// A body that was built, and its media type.
pub(crate) type BuiltBody = (HttpBody, Option<HeaderValue>);

/// A body that is built for each attempt.
pub(crate) trait BuildBody: Send + Sync {
    /// Builds it; fails if it can be built only once and already was.
    fn build(&self) -> BoxFuture<'_, Result<BuiltBody>>;

    fn is_repeatable(&self) -> bool;

    /// Its source, for a command line: a path, or `-`.
    fn origin(&self) -> Cow<'_, str> {
        Cow::Borrowed("-")
    }
}

/// A multipart body. Only the methods that add a part name this type, so a program without parts contains no code
/// for it.
pub(crate) trait BuildParts: BuildBody {
    /// Adds a part.
    fn add(&mut self, name: &str, part: Part, declared: PartOptions) -> Result<()>;

    /// The parts as options of `curl`: each option and its value.
    fn curl_options(&self) -> Vec<(&'static str, String)>;

    /// The number of parts.
    fn count(&self) -> usize;

    /// The values that are text, with their names.
    fn texts(&self) -> Vec<(&str, &str)>;
}
