//! The request for one page, made from the request for the page before.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use crate::call::carrier::Carrier;
use crate::call::parts::{Body, MediaType, Parts};
use crate::logic::json::{self, Scalar};
use crate::logic::page::{Next, next_address};
use crate::logic::query;
use crate::types::JsonPath;
use crate::types::endpoint::PageParam;
use crate::types::error::{Error, ErrorKind, Result};

impl Parts {
    /// The current value of a parameter for paging.
    pub(super) fn page_value(&self, param: PageParam) -> Option<String> {
        match param {
            PageParam::Query(name) => query::value(&self.url, name),
            PageParam::Header(name) => {
                let value = self.extras.as_ref()?.headers.get(name)?;
                Some(value.to_str().ok()?.to_owned())
            }
            PageParam::Body(path) => match &self.body {
                Body::Bytes { bytes, media_type: Some(MediaType::Form) } => {
                    let form = format!("?{}", String::from_utf8_lossy(bytes));
                    query::value(&form, path.last()?)
                }
                Body::Bytes { bytes, .. } => json::scalar_at(path, bytes),
                _ => None,
            },
        }
    }

    /// Changes the request to that of another page.
    pub(super) fn turn_to(&mut self, next: &Next) -> Result<()> {
        match next {
            Next::Link { address, keeps_host } => self.follow_link(address, *keeps_host),
            Next::Param(PageParam::Query(name), value) => {
                self.url = query::with_value(&self.url, name, value.as_str());
                self.has_query = true;
                Ok(())
            }
            Next::Param(PageParam::Header(name), value) => {
                let value = HeaderValue::from_str(value.as_str()).map_err(|error| {
                    Error::of_kind(ErrorKind::Argument)
                        .with_message(format!("the cursor for the header `{name}` cannot be sent"))
                        .with_source(error)
                })?;
                self.extras().headers.insert(HeaderName::from_static(name), value);
                Ok(())
            }
            Next::Param(PageParam::Body(path), value) => self.set_body_value(path, value),
        }
    }

    fn set_body_value(&mut self, path: JsonPath, value: &Scalar) -> Result<()> {
        let refused = |why: String| Error::of_kind(ErrorKind::Argument).with_message(why);
        let (text, media_type) = match &self.body {
            Body::None => (Cow::Borrowed(""), MediaType::Json),
            Body::Bytes { bytes, media_type } => {
                (String::from_utf8_lossy(bytes), media_type.unwrap_or(MediaType::Json))
            }
            Body::Multipart(_) | Body::Built(_) => {
                return Err(refused("a cursor in the body needs a JSON or form body".to_owned()));
            }
        };
        let changed = match media_type {
            MediaType::Form => {
                let name = path.last().copied().unwrap_or_default();
                query::with_field(&text, name, value.as_str())
            }
            MediaType::Json | MediaType::Other(_) => {
                json::with_value(&text, path, value).map_err(refused)?
            }
        };
        self.body = Body::Bytes { bytes: Bytes::from(changed), media_type: Some(media_type) };
        Ok(())
    }

    /// Continues at an address that a response named.
    fn follow_link(&mut self, link: &str, keeps_host: bool) -> Result<()> {
        let mut url = next_address(&self.url, link, keeps_host)
            .map_err(|why| Error::of_kind(ErrorKind::Redirect).with_message(why))?;
        // A server that quotes the address of the call also quotes a token in its query.
        for (.., carrier) in &self.client.core().carriers {
            if let Carrier::Query { name } | Carrier::Field { name } = carrier {
                url = query::without_value(&url, name);
            }
        }
        self.has_query = url.contains('?');
        self.go_to(url);
        Ok(())
    }
}
