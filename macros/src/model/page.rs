//! How to request the next page of a list.

use super::value::Scalar;

/// The options of `page(..)`.
pub(crate) struct Page {
    pub(crate) step: PageStep,
    /// A path into the body.
    pub(crate) items: Vec<String>,
    pub(crate) more: Option<Flag>,
    pub(crate) size: Option<PageParam>,
    /// The values of a cursor that mean the end.
    pub(crate) ends: Vec<Scalar>,
    /// Whether a missing list is an empty one.
    pub(crate) may_be_absent: bool,
}

/// A boolean in the body: whether there are more pages, or whether this is the last one.
pub(crate) struct Flag {
    pub(crate) path: Vec<String>,
    pub(crate) is_negated: bool,
}

/// How the next page is requested.
pub(crate) enum PageStep {
    Cursor { param: PageParam, next: PageCursor },
    Offset { param: PageParam, start: u64 },
    Number { param: PageParam, start: u64, last_page: Option<PagePlace> },
    Link { next: Option<Vec<String>>, keeps_host: bool },
}

/// A parameter of the request.
pub(crate) enum PageParam {
    Query(String),
    /// In lower case.
    Header(String),
    Body(Vec<String>),
}

/// Where a response has a number.
pub(crate) enum PagePlace {
    Body(Vec<String>),
    /// In lower case.
    Header(String),
}

/// Where the next cursor is.
pub(crate) enum PageCursor {
    Body(Vec<String>),
    /// In lower case.
    Header(String),
    LastItem(Vec<String>),
}

impl Page {
    /// The parameters that requests for pages set.
    pub(crate) fn params(&self) -> impl Iterator<Item = &PageParam> {
        let step = match &self.step {
            PageStep::Cursor { param, .. }
            | PageStep::Offset { param, .. }
            | PageStep::Number { param, .. } => Some(param),
            PageStep::Link { .. } => None,
        };
        step.into_iter().chain(&self.size)
    }
}
