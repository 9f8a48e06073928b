//! Encodes a stream that a method returns as a response.

use std::any::{Any, TypeId};
use std::fmt::Write;

use bytes::Bytes;
use futures_util::StreamExt;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue, LINK};
use serde::Serialize;
use serde_json::{Value, json};

use super::encode::{Reply, insert, wrapped};
use super::extract::Request;
use crate::call::stream::{Events, Lines, Pages};
use crate::ports::BoxFuture;
use crate::types::endpoint::{Endpoint, Page, PageCursor, PageParam, PagePlace, PageStep};

/// The query value that identifies a page if pages are requested by a link.
const PAGE: &str = "perennial-page";

/// A stream that a method returns. It is collected, so it has to end.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be encoded as a response",
    label = "`serve` encodes the items of a stream with serde",
    note = "derive `serde::Serialize` for the items"
)]
pub trait EncodeStream<E>: Sized {
    /// Encodes it, up to the first item that is an error.
    fn encode(self, request: &Request) -> BoxFuture<'_, Result<Reply, E>>;
}

#[diagnostic::do_not_recommend]
impl<T, E> EncodeStream<E> for Events<T, E>
where
    T: Serialize + Send + 'static,
    E: Send + 'static,
{
    fn encode(mut self, request: &Request) -> BoxFuture<'_, Result<Reply, E>> {
        Box::pin(async move {
            let mut text = String::new();
            while let Some(event) = StreamExt::next(&mut self).await {
                let event = event?;
                if let Some(id) = &event.id {
                    let _ = writeln!(text, "id: {id}");
                }
                if event.name != "message" {
                    let _ = writeln!(text, "event: {}", event.name);
                }
                let data = text_of(&event.data);
                let fields = [Some(event.name.as_str()), event.id.as_deref()];
                if data.contains('\r') || fields.into_iter().flatten().any(is_broken) {
                    return Ok(unsendable(
                        "an event with a carriage return, or with a name or an id of several lines",
                    ));
                }
                for line in data.split('\n') {
                    let _ = writeln!(text, "data: {line}");
                }
                text.push('\n');
            }
            if let Some(end) = request.endpoint.events_end {
                let _ = writeln!(text, "data: {end}\n");
            }
            Ok(Reply::new(StatusCode::OK, "text/event-stream", text.into()))
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T, E> EncodeStream<E> for Lines<T, E>
where
    T: Serialize + Send + 'static,
    E: Send + 'static,
{
    fn encode(mut self, _: &Request) -> BoxFuture<'_, Result<Reply, E>> {
        Box::pin(async move {
            let mut text = String::new();
            while let Some(line) = StreamExt::next(&mut self).await {
                let line = text_of(&line?);
                if is_broken(&line) {
                    return Ok(unsendable("a line with a line break in it"));
                }
                let _ = writeln!(text, "{line}");
            }
            let is_text = TypeId::of::<T>() == TypeId::of::<String>();
            let media_type =
                if is_text { "text/plain; charset=utf-8" } else { "application/x-ndjson" };
            Ok(Reply::new(StatusCode::OK, media_type, text.into()))
        })
    }
}

/// An item as a client reads it: text unchanged, any other value in JSON.
fn text_of<T: Serialize + 'static>(item: &T) -> String {
    match (item as &dyn Any).downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => json!(item).to_string(),
    }
}

fn is_broken(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

/// The client would read something else.
fn unsendable(what: &str) -> Reply {
    let text = format!("the implementation returned {what}, which cannot be sent");
    Reply::text(StatusCode::INTERNAL_SERVER_ERROR, text)
}

/// The requested page, among those that the implementation returned.
#[diagnostic::do_not_recommend]
impl<T, E> EncodeStream<E> for Pages<T, E>
where
    T: Serialize + Send + 'static,
    E: Send + 'static,
{
    fn encode(self, request: &Request) -> BoxFuture<'_, Result<Reply, E>> {
        Box::pin(async move {
            let mut pages: Vec<Vec<Value>> = Vec::new();
            let mut stream = self.pages();
            while let Some(page) = StreamExt::next(&mut stream).await {
                pages.push(page?.iter().map(|item| json!(item)).collect());
            }
            if pages.is_empty() {
                pages.push(Vec::new());
            }
            Ok(page(request, &pages))
        })
    }
}

fn page(request: &Request, pages: &[Vec<Value>]) -> Reply {
    let endpoint = request.endpoint;
    let Some(page) = endpoint.page else {
        return Reply::value(endpoint, pages.concat().into());
    };
    let recut = recut(request, &page, pages);
    let pages = recut.as_deref().unwrap_or(pages);
    let number = index(request, &page.step, pages);
    let items = pages.get(number).cloned().unwrap_or_default();
    let has_more = number + 1 < pages.len();
    let mut body = if page.items.is_empty() {
        wrapped(endpoint.envelope, items.into())
    } else {
        placed(endpoint, &page, items)
    };
    if let Some(more) = page.more {
        insert(&mut body, more, has_more.into());
    }
    if let Some(is_last) = page.is_last {
        insert(&mut body, is_last, (!has_more).into());
    }
    let mut reply = Reply::value(endpoint, Value::Null);
    if let Some((name, value)) = next(request, &page.step, number + 1, has_more, pages, &mut body) {
        reply = reply.with_header(name, value);
    }
    reply.with_json(&body)
}

/// The items in pages of the requested size. If only the number of items shows whether a page is the last, a short or
/// empty page in the middle would be taken for the last.
fn recut(request: &Request, page: &Page, pages: &[Vec<Value>]) -> Option<Vec<Vec<Value>>> {
    let counts =
        matches!(page.step, PageStep::Number { last_page: None, .. } | PageStep::Offset { .. });
    if !counts || page.more.is_some() || page.is_last.is_some() {
        return None;
    }
    let items = pages.concat();
    let asked = page.size.as_ref().and_then(|size| param_of(request, size)?.parse::<usize>().ok());
    match (asked.filter(|size| *size > 0), &page.step) {
        (Some(size), PageStep::Offset { param, start }) => {
            let offset = offset(request, param, *start).min(items.len());
            let (before, after) = items.split_at(offset);
            // The items before are one page, so that the requested page is the next.
            let before = (!before.is_empty()).then(|| before.to_vec());
            Some(before.into_iter().chain(after.chunks(size).map(<[_]>::to_vec)).collect())
        }
        (Some(size), _) => Some(items.chunks(size).map(<[_]>::to_vec).collect()),
        (None, _) => Some(pages.iter().filter(|page| !page.is_empty()).cloned().collect()),
    }
}

/// The body of a page, with its items at their path: paths of pages start at the whole body.
fn placed(endpoint: &'static Endpoint, page: &Page, items: Vec<Value>) -> Value {
    let mut body = wrapped(endpoint.envelope, json!({}));
    insert(&mut body, page.items, items.into());
    body
}

/// The number of items before the requested page.
fn offset(request: &Request, param: &PageParam, start: u64) -> usize {
    let start = usize::try_from(start).unwrap_or(0);
    let asked = param_of(request, param).and_then(|offset| offset.parse().ok());
    asked.unwrap_or(start).saturating_sub(start)
}

/// The requested page.
fn index(request: &Request, step: &PageStep, pages: &[Vec<Value>]) -> usize {
    let number = |text: Option<String>| text.and_then(|text| text.parse::<usize>().ok());
    match step {
        PageStep::Cursor { param, next: PageCursor::LastItem(path) } => {
            let Some(cursor) = param_of(request, param) else { return 0 };
            let ends = |page: &Vec<Value>| {
                page.last().and_then(|it| text(it, path)) == Some(cursor.clone())
            };
            pages.iter().position(ends).map_or(pages.len(), |at| at + 1)
        }
        PageStep::Cursor { param, .. } => number(param_of(request, param)).unwrap_or(0),
        PageStep::Offset { param, start } => {
            let mut left = offset(request, param, *start);
            let passed = pages.iter().take_while(|page| {
                let is_passed = left > 0;
                left = left.saturating_sub(page.len());
                is_passed
            });
            passed.count()
        }
        PageStep::Number { param, start, .. } => {
            let start = usize::try_from(*start).unwrap_or(0);
            number(param_of(request, param)).unwrap_or(start).saturating_sub(start)
        }
        PageStep::Link { .. } => number(query(request, PAGE)).unwrap_or(0),
    }
}

fn query(request: &Request, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(request.query.as_bytes());
    pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

fn param_of(request: &Request, param: &PageParam) -> Option<String> {
    match param {
        PageParam::Query(name) => query(request, name),
        PageParam::Header(name) => request.headers.get(*name)?.to_str().ok().map(ToOwned::to_owned),
        PageParam::Body(path) => {
            let body: Value = serde_json::from_slice(&request.body).ok()?;
            text(&body, path)
        }
    }
}

/// The scalar at a path, as text.
fn text(body: &Value, path: &[&str]) -> Option<String> {
    let value = path.iter().try_fold(body, |at, name| at.get(*name))?;
    Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
}

/// States where the next page is: in the body, or in a header that is returned.
fn next(
    request: &Request,
    step: &PageStep,
    number: usize,
    has_more: bool,
    pages: &[Vec<Value>],
    body: &mut Value,
) -> Option<(HeaderName, HeaderValue)> {
    let header = |name: &'static str, value: String| {
        let value = HeaderValue::try_from(value).ok()?;
        Some((HeaderName::from_static(name), value))
    };
    match step {
        PageStep::Cursor { next: PageCursor::Body(path), .. } => {
            let cursor = if has_more { number.to_string().into() } else { Value::Null };
            insert(body, path, cursor);
            None
        }
        PageStep::Cursor { next: PageCursor::Header(name), .. } if has_more => {
            header(name, number.to_string())
        }
        PageStep::Number { start, last_page: Some(place), .. } => {
            let last = *start + pages.len() as u64 - 1;
            match place {
                PagePlace::Body(path) => {
                    insert(body, path, last.into());
                    None
                }
                PagePlace::Header(name) => header(name, last.to_string()),
            }
        }
        PageStep::Link { next, .. } => {
            let link = link(request, number);
            match next {
                Some(path) => {
                    insert(body, path, if has_more { link.into() } else { Value::Null });
                    None
                }
                None if has_more => header(LINK.as_str(), format!("<{link}>; rel=\"next\"")),
                None => None,
            }
        }
        _ => None,
    }
}

fn link(request: &Request, number: usize) -> String {
    let pairs = form_urlencoded::parse(request.query.as_bytes());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.filter(|(name, _)| name != PAGE));
    query.append_pair(PAGE, &number.to_string());
    format!("?{}", query.finish())
}

impl Reply {
    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    fn with_json(mut self, value: &Value) -> Self {
        self.body = Bytes::from(value.to_string());
        self
    }
}
