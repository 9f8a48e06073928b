//! How to request the next page of a list.

/// The options of `page(..)`.
pub(crate) struct Page {
    pub(crate) step: PageStep,
    /// A path into the body.
    pub(crate) items: Vec<String>,
    pub(crate) more: Option<Vec<String>>,
    pub(crate) size: Option<PageParam>,
}

/// How the next page is requested.
pub(crate) enum PageStep {
    Cursor { param: PageParam, next: PageCursor },
    Offset { param: PageParam },
    Number { param: PageParam, start: u64, last_page: Option<Vec<String>> },
    Link { next: Option<Vec<String>>, keeps_host: bool },
}

/// A parameter of the request.
pub(crate) enum PageParam {
    Query(String),
    /// In lower case.
    Header(String),
    Body(Vec<String>),
}

/// Where the next cursor is.
pub(crate) enum PageCursor {
    Body(Vec<String>),
    /// In lower case.
    Header(String),
    LastItem(Vec<String>),
}

impl Page {
    /// The parameters that a walk sets.
    pub(crate) fn params(&self) -> impl Iterator<Item = &PageParam> {
        let step = match &self.step {
            PageStep::Cursor { param, .. }
            | PageStep::Offset { param }
            | PageStep::Number { param, .. } => Some(param),
            PageStep::Link { .. } => None,
        };
        step.into_iter().chain(&self.size)
    }
}
