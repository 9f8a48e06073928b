//! Lines of JSON or of text.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::stream;
use http::HeaderValue;
use http::header::ACCEPT;
use serde::de::DeserializeOwned;

use super::body_reader::{BodyReader, ItemSecrets};
use super::item_error::item_error;
use super::{BoxStream, ItemSource, LazyStream, NextItem};
use crate::call::decode::Text as TextKind;
use crate::call::output::StreamItem;
use crate::call::parts::Parts;
use crate::call::sink::ReadMode;
use crate::logic::envelope;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind, Result};

/// A stream of values, one JSON value per line (NDJSON, JSON Lines); `Lines<String>` yields lines of text without their
/// line breaks.
///
/// The call is made when the stream is first polled. If the token has expired by then, it is refreshed; it is not
/// checked again while the stream runs. A broken connection ends the stream with an error, since there is no position
/// to resume at. A line that cannot be decoded as `T` is an error too, whose `bytes()` return the line; the stream then
/// continues.
///
/// The timeouts of the endpoint apply until the response starts. The wait for the next line has no limit, unless
/// the connections have one: a `read_timeout`, set with `http_with` of the builder.
///
/// ```
/// use perennial::{Lines, Result, api_client};
///
/// #[derive(serde::Deserialize)]
/// pub struct Entry { text: String }
///
/// #[api_client]
/// pub trait Journal {
///     #[get("/journal")]
///     fn follow(&self) -> Lines<Entry>;
/// }
///
/// # async fn run() -> Result<()> {
/// let journal = JournalClient::builder("http://journal.example").build()?;
/// let mut entries = journal.follow();
/// while let Some(entry) = entries.next().await {
///     println!("{}", entry?.text);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing until they are polled"]
pub struct Lines<T, E = Error> {
    lines: ItemSource<Line, T, E>,
}

item_stream!(Lines(lines) of T);
returned_stream!(Lines(lines));
given_stream!(Lines of T, |lines| Self::from_stream(stream::iter(lines.into_iter().map(Ok))));

impl<T, E> Lines<T, E> {
    /// Creates a stream of these values, for a fake of an API. Adjusting it has no effect.
    ///
    /// ```
    /// use futures_util::stream;
    /// use perennial::{Error, ErrorKind, Lines, api_client};
    ///
    /// #[api_client]
    /// pub trait Journal {
    ///     #[get("/journal")]
    ///     fn follow(&self) -> Lines<String>;
    /// }
    ///
    /// struct Fake;
    ///
    /// impl Journal for Fake {
    ///     fn follow(&self) -> Lines<String> {
    ///         let broken = Error::of_kind(ErrorKind::Transport);
    ///         Lines::from_stream(stream::iter([Ok("started".to_owned()), Err(broken)]))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut lines = Fake.follow();
    /// assert_eq!(lines.next().await.unwrap().unwrap(), "started");
    /// assert!(lines.next().await.unwrap().unwrap_err().kind() == ErrorKind::Transport);
    /// assert!(lines.next().await.is_none());
    /// # }
    /// ```
    pub fn from_stream(values: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self
    where
        Result<T, E>: 'static,
    {
        Self { lines: ItemSource::given(values) }
    }
}

/// Text is not decoded.
#[diagnostic::do_not_recommend]
impl<E> StreamItem<Lines<Self, E>, TextKind> for String {
    fn streamed(parts: Box<Parts>, error: fn(Error) -> E) -> Lines<Self, E> {
        let start = |parts| LineReader::new(parts, LineSplitter::text()).into_boxed_stream();
        Lines::of_call(parts, start, text, error)
    }
}

fn json_lines(parts: Box<Parts>) -> BoxStream<Result<Line>> {
    LineReader::new(parts, LineSplitter::default()).into_boxed_stream()
}

json_stream!(Lines: |parts, error| Lines::of_call(parts, json_lines, from_json, error));

impl<T, E> Lines<T, E> {
    fn of_call(
        mut parts: Box<Parts>,
        start: fn(Box<Parts>) -> BoxStream<Result<Line>>,
        make: fn(&'static Endpoint, Line) -> Result<T>,
        error: fn(Error) -> E,
    ) -> Self {
        // The declared format is that of the API's errors, not that of the lines.
        if parts.endpoint.codec.is_some() {
            let headers = &mut parts.extras().headers;
            headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        }
        Self { lines: ItemSource::Call { call: LazyStream::new(parts, start), make, error } }
    }
}

/// A line, and the secrets that it may quote.
type Line = (Bytes, ItemSecrets);

/// The remark about a line that may be a whole body.
const A_LIST: &str = "each line is one value: for a body that is one list, return `Result<Vec<_>>`";

fn from_json<T: DeserializeOwned>(endpoint: &'static Endpoint, (line, secrets): Line) -> Result<T> {
    envelope::item(endpoint.envelope, &line).map_err(|mut broken| {
        if line.starts_with(b"[") {
            broken.note(A_LIST);
        }
        item_error(endpoint, line, &broken, &secrets)
    })
}

fn text(_: &'static Endpoint, (line, _): Line) -> Result<String> {
    String::from_utf8(line.into()).map_err(|error| {
        let source = error.utf8_error();
        Error::of_kind(ErrorKind::Decode)
            .with_message("the line is not UTF-8")
            .with_body(error.into_bytes())
            .with_source(source)
    })
}

struct LineReader {
    parts: Box<Parts>,
    body: Option<BodyReader>,
    lines: LineSplitter,
}

impl LineReader {
    const fn new(parts: Box<Parts>, lines: LineSplitter) -> Self {
        Self { parts, body: None, lines }
    }
}

impl NextItem for LineReader {
    type Item = Line;

    async fn next(&mut self) -> Result<Option<Line>> {
        let limit = self.parts.client.core().body_limit;
        let endpoint = self.parts.endpoint;
        if self.body.is_none() {
            self.body = Some(BodyReader::open(&mut self.parts, ReadMode::Line, None).await?);
        }
        let Some(body) = &mut self.body else { return Ok(None) };
        loop {
            if let Some(line) = self.lines.next() {
                return Ok(Some((line, body.secrets.clone())));
            }
            match body.chunk().await.map_err(|error| error.with_endpoint(endpoint))? {
                Some(chunk) => {
                    self.lines.feed(&chunk, limit).map_err(|error| error.with_endpoint(endpoint))?
                }
                None => return Ok(self.lines.end().map(|line| (line, body.secrets.clone()))),
            }
        }
    }
}

/// Splits chunks into lines. Blank lines between values are skipped, since some servers send them to keep a stream
/// alive. In text they are kept.
#[derive(Default)]
struct LineSplitter {
    is_text: bool,
    partial: BytesMut,
    lines: VecDeque<Bytes>,
}

impl LineSplitter {
    fn text() -> Self {
        Self { is_text: true, ..Self::default() }
    }

    /// A line without its break; `None` if it is skipped.
    fn line(&mut self) -> Option<Bytes> {
        let mut line = self.partial.split();
        if line.ends_with(b"\r") {
            line.truncate(line.len() - 1);
        }
        (self.is_text || !line.trim_ascii().is_empty()).then(|| line.freeze())
    }

    fn feed(&mut self, chunk: &[u8], limit: usize) -> Result<()> {
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let line = self.line();
            self.lines.extend(line);
        }
        self.partial.extend_from_slice(rest);
        if self.partial.len() > limit {
            return Err(Error::of_kind(ErrorKind::TooLarge)
                .with_message(format!("a line is longer than {limit} bytes")));
        }
        Ok(())
    }

    fn next(&mut self) -> Option<Bytes> {
        self.lines.pop_front()
    }

    /// The last line, which need not end with a line break.
    fn end(&mut self) -> Option<Bytes> {
        if self.partial.is_empty() { None } else { self.line() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_are_the_same_in_chunks_of_any_size() {
        let body = b"{\"n\":1}\r\n\n  \n{\"n\":2}\n{\"n\":3}";
        for size in 1..=body.len() {
            let mut splitter = LineSplitter::default();
            let mut lines = Vec::new();
            for chunk in body.chunks(size) {
                splitter.feed(chunk, 100).unwrap();
                lines.extend(std::iter::from_fn(|| splitter.next()));
            }
            lines.extend(splitter.end());
            let lines: Vec<_> = lines.iter().map(|line| line.trim_ascii()).collect();
            assert_eq!(lines, [b"{\"n\":1}", b"{\"n\":2}", b"{\"n\":3}"]);
        }
    }

    #[test]
    fn blank_lines_of_a_text_are_lines() {
        for size in 1..=8 {
            let mut splitter = LineSplitter::text();
            let mut lines = Vec::new();
            for chunk in b"a\r\n\n  \nb\n".chunks(size) {
                splitter.feed(chunk, 100).unwrap();
                lines.extend(std::iter::from_fn(|| splitter.next()));
            }
            lines.extend(splitter.end());
            assert_eq!(lines, ["a", "", "  ", "b"]);
        }
    }

    #[test]
    fn a_line_without_a_break_is_bounded() {
        let mut splitter = LineSplitter::default();
        assert!(splitter.feed(&[b'x'; 100], 100).is_ok());
        assert!(splitter.feed(b"x", 100).is_err());
    }
}
