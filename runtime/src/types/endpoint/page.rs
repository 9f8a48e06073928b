//! How to read a list page by page.

use crate::types::JsonPath;
use crate::types::envelope::Scalar;

/// How to read a list page by page, as declared with `page(..)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// How the next page is requested.
    pub step: PageStep,
    /// Where a response has the items; empty if the response is the list.
    pub items: JsonPath,
    /// A boolean in the response: whether there is another page.
    pub more: Option<JsonPath>,
    /// A boolean in the response: whether this page is the last.
    pub is_last: Option<JsonPath>,
    /// The parameter for the size of a page. A page with fewer items than the others is the last.
    pub size: Option<PageParam>,
    /// The values of a cursor that mean the end of the list.
    pub ends: &'static [Scalar],
    /// Whether a response without the list, or without a body, is an empty page.
    pub may_be_absent: bool,
}

/// How the next page is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageStep {
    /// By a cursor.
    Cursor {
        /// The parameter for the cursor.
        param: PageParam,
        /// Where the response has the next cursor.
        next: PageCursor,
    },
    /// By the number of items before the page.
    Offset {
        /// The parameter for the number of items.
        param: PageParam,
        /// Its value for the first page: 1 if the API counts items from one.
        start: u64,
    },
    /// By the number of the page.
    Number {
        /// The parameter for the number.
        param: PageParam,
        /// The number of the first page.
        start: u64,
        /// Where the response has the number of the last page.
        last_page: Option<PagePlace>,
    },
    /// By a URL.
    Link {
        /// Where the body has the URL; `None` for the `Link` header (RFC 8288).
        next: Option<JsonPath>,
        /// Whether only the path and query of the URL are used, on the host of the client.
        keeps_host: bool,
    },
}

/// A parameter of the request for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageParam {
    /// A query value of this name.
    Query(&'static str),
    /// A header of this name, in lower case.
    Header(&'static str),
    /// A value in the body: at this path of a JSON document, or the form field with this name.
    Body(JsonPath),
}

/// Where a response has the number of the last page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PagePlace {
    /// In the body.
    Body(JsonPath),
    /// In a header of this name, in lower case.
    Header(&'static str),
}

/// Where a response has the cursor of the next page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageCursor {
    /// In the body.
    Body(JsonPath),
    /// In a header of this name, in lower case.
    Header(&'static str),
    /// In the last item of the page, at this path within it.
    LastItem(JsonPath),
}

impl Page {
    #[doc(hidden)]
    pub const fn new(step: PageStep) -> Self {
        Self {
            step,
            items: &[],
            more: None,
            is_last: None,
            size: None,
            ends: &[],
            may_be_absent: false,
        }
    }
}

setters!(Page {
    items: JsonPath,
    more: JsonPath as Some,
    is_last: JsonPath as Some,
    size: PageParam as Some,
    ends: &'static [Scalar],
    may_be_absent: bool,
});
