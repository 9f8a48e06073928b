//! How to get from one page of a list to the next.
//!
//! Reading never ends before the list does: if the declared place of the next page holds something impossible, that
//! is an error and not the end.

mod address;
mod astray;
mod link;
mod response;
mod value;

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::envelope::{self, Broken, Opened};
use super::json::{self, Scalar};
use crate::types::JsonPath;
use crate::types::endpoint::{Page, PageCursor, PageParam, PagePlace, PageStep};
use crate::types::envelope::Envelope;
use crate::types::error::ADVISES;
pub(crate) use address::next_address;
use astray::Named;
use response::Response;

/// The request for a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same request with another value for a parameter.
    Param(PageParam, Scalar),
    /// A request to an address, which may be relative to that of the page before.
    Link { address: String, keeps_host: bool },
}

/// How to continue after a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// There is no further page.
    End,
    /// The next page.
    To(Next),
    /// The page was shorter than requested, so the next one may not exist.
    Maybe(Next),
}

/// The current position in a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// The number of the page, or the number of items before it.
    at: u64,
    /// The number of items that were requested per page.
    size: Option<u64>,
    /// The number of items on the first page.
    first: Option<u64>,
}

/// The envelope of an API without one. Its code has a path that no response contains.
const NONE: Envelope = Envelope::new(&["\0"]).ok(&[], true);

/// The remark about a page without a list.
const MAY_BE_EMPTY: &str = "if that means an empty list, add `empty = absent` to `page(..)`";

/// The remark about a place that was declared as if it began within the body.
const FROM_THE_TOP: &str = "the places in `page(..)` start at the top of the body";

/// Decodes the items of a page. Null in the place of the list is an empty list, and leaves `items` empty. Null instead
/// of the whole body is one only if the list may be absent: it may be the response of a server that is not ready.
pub(crate) fn items<'de, T: DeserializeOwned>(
    declared: Option<&Envelope>,
    page: &Page,
    body: &'de [u8],
    items: &mut Option<Vec<T>>,
) -> Opened<'de> {
    let place = page.items;
    let mut envelope = *declared.unwrap_or(&NONE);
    if !place.is_empty() {
        envelope.data = Some(place);
    }
    let opened = envelope::open(&envelope, body, &mut envelope::decoding(|it| *items = it));
    match envelope.data {
        // Null is an empty list. A place that does not exist was declared wrongly, or as one that may be absent.
        Some(place) if matches!(opened, Opened::Taken) && items.is_none() => {
            let data = declared.and_then(|it| it.data).unwrap_or_default();
            match json::find(place, body) {
                Ok(Some(_)) => opened,
                Ok(None) => match astray::list_in_data(data, place, body) {
                    Some(found) => Opened::Broken(elsewhere(place, &found, body)),
                    None if page.may_be_absent => opened,
                    None => Opened::Broken(absent(place, body)),
                },
                Err(_) => Opened::Broken(absent(place, body)),
            }
        }
        None if matches!(opened, Opened::Taken) && items.is_none() && !page.may_be_absent => {
            Opened::Broken(absent(place, body))
        }
        data => match opened {
            // An object was found, and `items` was forgotten.
            Opened::Broken(mut broken) if ADVISES && place.is_empty() => {
                if let Some(found) = astray::list_below(data.unwrap_or_default(), body) {
                    broken.note(&format!(
                        "there is a list at `{found}`: write `items = \"{found}\"`"
                    ));
                }
                Opened::Broken(broken)
            }
            opened => opened,
        },
    }
}

/// The list is missing, and a list of that name is at the place `found`.
fn elsewhere(place: JsonPath, found: &str, body: &[u8]) -> Broken {
    let mut broken = Broken::absent(place, body);
    broken.note(&format!(
        "there is a list at `{found}`: {FROM_THE_TOP}, write `items = \"{found}\"`"
    ));
    broken
}

fn absent(place: JsonPath, body: &[u8]) -> Broken {
    match astray::list_anywhere(place, body) {
        Some((found, Named::Alike)) => elsewhere(place, &found, body),
        Some((found, Named::Otherwise)) => {
            let mut broken = Broken::absent(place, body);
            broken.note(&format!("there is a list at `{found}`; {MAY_BE_EMPTY}"));
            broken
        }
        None => {
            let mut broken = Broken::absent(place, body);
            broken.note(MAY_BE_EMPTY);
            broken
        }
    }
}

impl Position {
    /// The position of the first page, and the request for it if a parameter has to be added. `value` reads a
    /// parameter of the call.
    pub(crate) fn start(
        page: &Page,
        value: impl Fn(PageParam) -> Option<String>,
    ) -> Result<(Self, Option<Next>), String> {
        let number = |param: PageParam| match value(param) {
            None => Ok(None),
            Some(text) => text
                .parse::<u64>()
                .map(Some)
                .map_err(|_| format!("{}: expected a whole number", shown(param))),
        };
        let size = page.size.map_or(Ok(None), number)?.filter(|size| *size > 0);
        let (at, first) = match page.step {
            // An API assumes an offset of zero by default.
            PageStep::Offset { param, start: 0 } => (number(param)?.unwrap_or(0), None),
            PageStep::Offset { param, start } | PageStep::Number { param, start, .. } => {
                match number(param)? {
                    Some(at) => (at, None),
                    None => (start, Some(Next::Param(param, Scalar::from(start)))),
                }
            }
            PageStep::Cursor { .. } | PageStep::Link { .. } => (0, None),
        };
        Ok((Self { at, size, first: None }, first))
    }

    /// The next step after a page with this many items, whose response had these headers and this body.
    pub(crate) fn turn(
        &mut self,
        page: &Page,
        list: JsonPath,
        headers: &HeaderMap,
        body: &[u8],
        count: usize,
    ) -> Result<Turn, String> {
        let response = Response { list, headers, body };
        let (more, count) = (response.more(page)?, count as u64);
        match page.step {
            PageStep::Link { next, keeps_host } => {
                let address = response.link(next, more)?;
                let next = address.map(|address| Next::Link { address, keeps_host });
                by_flag(more, next, "the address of the next page")
            }
            PageStep::Cursor { param, next } => {
                let cursor = response.cursor(param, next, more, count > 0)?;
                let cursor = cursor.filter(|it| !is_end(page, it));
                let next = cursor.map(|it| Next::Param(param, it));
                by_flag(more, next, "the cursor of the next page")
            }
            PageStep::Offset { param, .. } => {
                let at = self.at.checked_add(count).ok_or("the offset is too large")?;
                Ok(self.count_on(param, at, more, count))
            }
            PageStep::Number { param, last_page, start } => {
                let last = last_page.map(|place| response.last_page(place)).transpose()?;
                let more = last.map_or(more, |last| Some(self.at < last));
                let at = self.at.checked_add(1).ok_or("the page number is too large")?;
                Ok(match self.count_on(param, at, more, count) {
                    // If numbers begin at 0, servers state the count of pages, which is one more than the last
                    // number.
                    Turn::To(next) if start == 0 && last == Some(at) => Turn::Maybe(next),
                    turn => turn,
                })
            }
        }
    }

    /// The next step after a page without a body, as far as the headers of its response say.
    pub(crate) fn turn_without_body(
        &mut self,
        page: &Page,
        headers: &HeaderMap,
    ) -> Result<Turn, String> {
        let is_in_headers = match page.step {
            PageStep::Link { next, .. } => next.is_none(),
            PageStep::Cursor { next, .. } => matches!(next, PageCursor::Header(_)),
            PageStep::Number { last_page: Some(PagePlace::Header(name)), .. } => {
                headers.contains_key(name)
            }
            PageStep::Number { .. } | PageStep::Offset { .. } => false,
        };
        match (page.more, page.is_last) {
            (None, None) if is_in_headers => self.turn(page, &[], headers, b"", 0),
            _ => Ok(Turn::End),
        }
    }

    /// The next page by counting. The server's statement decides; without one, a page that is empty or shorter than
    /// the first one is the last.
    fn count_on(&mut self, param: PageParam, at: u64, more: Option<bool>, count: u64) -> Turn {
        self.at = at;
        let is_first = self.first.is_none();
        let first = *self.first.get_or_insert(count);
        let next = Next::Param(param, Scalar::from(at));
        match (more, self.size) {
            (Some(false), _) => Turn::End,
            (Some(true), _) => Turn::To(next),
            (None, _) if count == 0 => Turn::End,
            (None, Some(_)) if !is_first && count < first => Turn::End,
            // Either the list ends here, or the server limits the page size: only the next page can tell.
            (None, Some(size)) if is_first && count < size => Turn::Maybe(next),
            (None, _) => Turn::To(next),
        }
    }
}

/// Whether a failure of a page that may not exist means the end of the list.
pub(crate) fn is_past_the_end(status: Option<StatusCode>) -> bool {
    status == Some(StatusCode::NOT_FOUND)
}

fn by_flag(more: Option<bool>, next: Option<Next>, what: &str) -> Result<Turn, String> {
    match (more, next) {
        (Some(false), _) | (None, None) => Ok(Turn::End),
        (Some(true), None) => Err(format!("`more` is true, and {what} is missing")),
        (_, Some(next)) => Ok(Turn::To(next)),
    }
}

/// Whether the cursor was declared to mean the end. A number and its text are equal.
fn is_end(page: &Page, cursor: &Scalar) -> bool {
    page.ends.iter().any(|end| Scalar::from(end).as_str() == cursor.as_str())
}

fn shown(param: PageParam) -> Cow<'static, str> {
    match param {
        PageParam::Query(name) => format!("query parameter `{name}`").into(),
        PageParam::Header(name) => format!("header `{name}`").into(),
        PageParam::Body(path) => format!("`{}` in the body", path.join(".")).into(),
    }
}

#[cfg(test)]
mod tests;
