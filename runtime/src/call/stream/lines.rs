//! Newline-delimited JSON.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::source::Source;
use super::{Lazy, Piecewise, Supply};
use crate::call::Returned;
use crate::call::adjust::adjustments;
use crate::call::output::{Flowing, StreamItem};
use crate::call::parts::Parts;
use crate::call::sink::ReadMode;
use crate::logic::envelope;
use crate::types::error::{Error, ErrorKind, Result};

/// A stream of values, each a line of JSON of its own (NDJSON, JSON Lines).
///
/// The call is made when the stream is first asked. A token that is over by then is renewed; once the
/// stream flows, nothing looks at the token any more. A connection that breaks ends the stream with
/// an error, since nothing says where it could go on. A line that is no `T` is an error as well, and
/// the stream goes on after it.
///
/// ```
/// use futures_util::StreamExt;
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
    lines: Supply<Bytes, T, E>,
}

adjustments!(Lines);

impl<T, E> Lines<T, E> {
    /// What a fake of an API returns: these values. Nothing that is adjusted about it has an effect.
    ///
    /// ```
    /// use futures_util::{StreamExt, stream};
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
    ///         Lines::from_stream(stream::iter([Ok("begun".to_owned()), Err(broken)]))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut lines = Fake.follow();
    /// assert_eq!(lines.next().await.unwrap().unwrap(), "begun");
    /// assert!(lines.next().await.unwrap().unwrap_err().is_transport());
    /// assert!(lines.next().await.is_none());
    /// # }
    /// ```
    pub fn from_stream(values: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self
    where
        Result<T, E>: 'static,
    {
        Self { lines: Supply::given(values) }
    }

    fn parts_mut(&mut self) -> Option<&mut Parts> {
        self.lines.parts_mut()
    }
}

impl<T, E> Stream for Lines<T, E> {
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().lines.poll(context)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E> Returned for Lines<T, E> {
    type Value = T;
    type Error = E;
    type Call = Self;
    type Way = Flowing;
}

#[diagnostic::do_not_recommend]
impl<K, T: DeserializeOwned, E> StreamItem<Lines<T, E>, K> for T {
    fn streamed(parts: Box<Parts>, error: fn(Error) -> E) -> Lines<T, E> {
        let begin = |parts| Reading { parts, source: None, cut: Cut::default() }.streamed();
        Lines { lines: Supply::Call { call: Lazy::new(parts, begin), make: decode, error } }
    }
}

impl<T, E> fmt::Debug for Lines<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lines").field(&self.lines).finish()
    }
}

fn decode<T: DeserializeOwned>(line: Bytes) -> Result<T> {
    envelope::piece(&line)
        .map_err(|broken| Error::new(ErrorKind::Decode).with_message(broken.to_string()))
}

struct Reading {
    parts: Box<Parts>,
    source: Option<Source>,
    cut: Cut,
}

impl Piecewise for Reading {
    type Item = Bytes;

    async fn next(&mut self) -> Result<Option<Bytes>> {
        let limit = self.parts.client.core().body_limit;
        let endpoint = self.parts.endpoint;
        if self.source.is_none() {
            self.source = Some(Source::open(&mut self.parts, ReadMode::Line, None).await?);
        }
        let Some(source) = &mut self.source else { return Ok(None) };
        loop {
            if let Some(line) = self.cut.next() {
                return Ok(Some(line));
            }
            match source.chunk().await.map_err(|error| error.with_endpoint(endpoint))? {
                Some(piece) => {
                    self.cut.feed(&piece, limit).map_err(|error| error.with_endpoint(endpoint))?
                }
                None => return Ok(self.cut.end()),
            }
        }
    }
}

/// Cuts pieces into lines. Blank ones are left out: some servers send them to keep a stream alive.
#[derive(Default)]
struct Cut {
    begun: BytesMut,
    lines: VecDeque<Bytes>,
}

impl Cut {
    fn feed(&mut self, piece: &[u8], limit: usize) -> Result<()> {
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let line = self.begun.split().freeze();
            self.lines.extend((!line.trim_ascii().is_empty()).then_some(line));
        }
        self.begun.extend_from_slice(rest);
        if self.begun.len() > limit {
            return Err(Error::new(ErrorKind::TooLarge)
                .with_message(format!("a line is longer than {limit} bytes")));
        }
        Ok(())
    }

    fn next(&mut self) -> Option<Bytes> {
        self.lines.pop_front()
    }

    /// The last line need not end in a break.
    fn end(&mut self) -> Option<Bytes> {
        let line = self.begun.split().freeze();
        (!line.trim_ascii().is_empty()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_are_the_same_however_the_pieces_fall() {
        let body = b"{\"n\":1}\r\n\n  \n{\"n\":2}\n{\"n\":3}";
        for size in 1..=body.len() {
            let mut cut = Cut::default();
            let mut lines = Vec::new();
            for piece in body.chunks(size) {
                cut.feed(piece, 100).unwrap();
                lines.extend(std::iter::from_fn(|| cut.next()));
            }
            lines.extend(cut.end());
            let lines: Vec<_> = lines.iter().map(|line| line.trim_ascii()).collect();
            assert_eq!(lines, [b"{\"n\":1}", b"{\"n\":2}", b"{\"n\":3}"]);
        }
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_memory() {
        let mut cut = Cut::default();
        assert!(cut.feed(&[b'x'; 100], 100).is_ok());
        assert!(cut.feed(b"x", 100).is_err());
    }
}
