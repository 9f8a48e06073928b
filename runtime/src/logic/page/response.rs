//! The statements of a response about the pages after its own.

use http::{HeaderMap, HeaderValue};

use super::{FROM_THE_TOP, astray, link, value};
use crate::logic::json::Scalar;
use crate::types::JsonPath;
use crate::types::endpoint::{Page, PageCursor, PageParam, PagePlace};

/// A response with a page, whose list is at the place `list`.
pub(super) struct Response<'a> {
    pub(super) list: JsonPath,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

impl Response<'_> {
    /// Whether there are more pages, if that is declared to be in the response.
    pub(super) fn more(&self, page: &Page) -> Result<Option<bool>, String> {
        let (path, sign) = match (page.more, page.is_last) {
            (Some(path), _) => (path, true),
            (None, Some(path)) => (path, false),
            (None, None) => return Ok(None),
        };
        let flag = value::flag("more", path, self.body).map_err(|why| self.lead(path, why))?;
        Ok(Some(flag == sign))
    }

    /// The address of the next page: at a place in the body, or in the headers.
    pub(super) fn link(
        &self,
        next: Option<JsonPath>,
        more: Option<bool>,
    ) -> Result<Option<String>, String> {
        let Some(path) = next else { return link::next(self.headers) };
        self.unless_elsewhere("link", path, more, value::address(path, self.body)?)
    }

    /// The cursor of the next page, for this parameter.
    pub(super) fn cursor(
        &self,
        param: PageParam,
        next: PageCursor,
        more: Option<bool>,
        has_items: bool,
    ) -> Result<Option<Scalar>, String> {
        let is_of_body = matches!(param, PageParam::Body(_));
        match next {
            PageCursor::Body(path) => {
                let cursor = value::cursor(path, self.body, is_of_body)?;
                self.unless_elsewhere("next", path, more, cursor)
            }
            PageCursor::Header(name) => header_cursor(name, self.headers),
            PageCursor::LastItem(path) if more != Some(false) && has_items => {
                value::last_item(self.list, path, self.body, is_of_body).map(Some)
            }
            PageCursor::LastItem(_) => Ok(None),
        }
    }

    pub(super) fn last_page(&self, place: PagePlace) -> Result<u64, String> {
        match place {
            PagePlace::Body(path) => {
                value::number("last_page", path, self.body).map_err(|why| self.lead(path, why))
            }
            PagePlace::Header(name) => header_number(name, self.headers),
        }
    }

    /// A value that is missing is the end of the list, unless it is at another place.
    fn unless_elsewhere<T>(
        &self,
        option: &str,
        path: JsonPath,
        more: Option<bool>,
        found: Option<T>,
    ) -> Result<Option<T>, String> {
        if found.is_some() || more == Some(false) {
            return Ok(found);
        }
        self.near(path).map_or(Ok(None), |near| {
            Err(format!("`{option}` is missing, and there is a value at `{near}`: {FROM_THE_TOP}"))
        })
    }

    /// Adds where a value is that is missing.
    fn lead(&self, path: JsonPath, why: String) -> String {
        match self.near(path) {
            Some(found) => format!("{why}; there is a value at `{found}`: {FROM_THE_TOP}"),
            None => why,
        }
    }

    fn near(&self, path: JsonPath) -> Option<String> {
        astray::value_near(self.list, path, self.body)
    }
}

fn header_number(name: &str, headers: &HeaderMap) -> Result<u64, String> {
    let value = only(name, headers)?;
    let number = value.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    number.ok_or_else(|| match value {
        None => format!("`last_page` is a whole number, but the header `{name}` is missing"),
        Some(_) => {
            format!("`last_page` is a whole number, but the header `{name}` has another value")
        }
    })
}

fn header_cursor(name: &str, headers: &HeaderMap) -> Result<Option<Scalar>, String> {
    let Some(value) = only(name, headers)? else { return Ok(None) };
    let text = value.to_str().map_err(|_| format!("the header `{name}` is not visible ASCII"))?;
    Ok((!text.is_empty()).then(|| Scalar::text(text)))
}

/// The value of a header that may come twice, as long as the values are equal.
fn only<'a>(name: &str, headers: &'a HeaderMap) -> Result<Option<&'a HeaderValue>, String> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.find(|value| Some(*value) != first) {
        None => Ok(first),
        Some(_) => Err(format!("the header `{name}` comes more than once, with different values")),
    }
}
