//! Connects to a stream of events, and reconnects when the connection ends.

use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};

use super::NextItem;
use super::body_reader::{BodyReader, ItemSecrets};
use super::parse::{Parser, Raw};
use super::resume::is_transient;
use crate::call::parts::Parts;
use crate::call::sink::ReadMode;
use crate::logic::backoff::Backoff;
use crate::logic::retry::LONGEST_RETRY_AFTER;
use crate::ports::random::jitter;
use crate::types::error::{Error, ErrorKind, Result};

pub(super) const MEDIA_TYPE: &str = "text/event-stream";

/// The reconnection time, unless the server gives one.
const DEFAULT_DELAY: Duration = Duration::from_secs(3);
/// The bounds of the reconnection time that a server may request.
const SHORTEST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(60);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// An event, and the last event id at that point.
pub(super) struct Identified {
    pub(super) raw: Raw,
    pub(super) id: Option<String>,
    /// The secrets that it may quote.
    pub(super) secrets: ItemSecrets,
}

/// A connection to a stream of events, reopened when it ends.
pub(super) struct EventSource {
    parts: Box<Parts>,
    body: Option<BodyReader>,
    parser: Parser,
    delay: Duration,
    /// Failures since the last chunk, or since the last event if the end of the stream is declared.
    failures: u32,
    limit: u32,
    /// Whether the current connection has delivered an event.
    has_event: bool,
    /// The id after which the current connection was to continue.
    after: Option<HeaderValue>,
}

impl EventSource {
    pub(super) fn new(mut parts: Box<Parts>) -> Self {
        let stays = parts.extras().stays_disconnected;
        let is_get = parts.endpoint.method == "GET" && parts.body.is_repeatable();
        let limit = if is_get && !stays { 10 } else { 0 };
        Self {
            parts,
            body: None,
            parser: Parser::default(),
            delay: DEFAULT_DELAY,
            failures: 0,
            limit,
            has_event: false,
            after: None,
        }
    }

    /// Stores the id for `Last-Event-ID`. An empty id removes it, and so does one that cannot be a header value: with
    /// an older one, the server would send earlier events once more.
    fn remember(&mut self, id: Option<&str>) {
        let headers = &mut self.parts.extras().headers;
        match id.map(|id| HeaderValue::from_bytes(id.as_bytes())) {
            Some(Ok(id)) if !id.is_empty() => drop(headers.insert(LAST_EVENT_ID, id)),
            Some(_) => drop(headers.remove(LAST_EVENT_ID)),
            None => {}
        }
    }

    fn last_id(&mut self) -> Option<HeaderValue> {
        self.parts.extras().headers.get(LAST_EVENT_ID).cloned()
    }

    /// Whether a new connection may deliver what is missing. If the end is declared, the stream continues only
    /// after an id, since without one the server would start again. If events arrived and the id did not change,
    /// the server would start again as well.
    fn may_continue(&mut self) -> bool {
        let id = self.last_id();
        let is_further = id.is_some() && (!self.has_event || id != self.after);
        self.parts.endpoint.events_end.is_none() || is_further
    }

    /// Waits, and reconnects. `Ok(false)` means the end of the stream.
    async fn reconnect(&mut self, mut broken: Option<Error>) -> Result<bool> {
        self.body = None;
        self.delay = self.parser.retry.unwrap_or(self.delay).clamp(SHORTEST_DELAY, LONGEST_DELAY);
        self.parser.reset();
        let may_continue = self.may_continue();
        while may_continue && self.failures < self.limit {
            let backoff = Backoff::new(self.delay, LONGEST_DELAY);
            let delay = backoff.pause(self.failures, jitter());
            let asked = broken.as_ref().and_then(Error::retry_after).unwrap_or_default();
            if asked > LONGEST_RETRY_AFTER {
                break;
            }
            self.failures += 1;
            self.parts.client.session().policy().clock.sleep(delay.max(asked)).await;
            self.parts.begin_again();
            match self.connect().await {
                Ok(connected) => return Ok(connected),
                Err(error) if is_transient(&error) => broken = Some(error),
                Err(error) => return Err(error),
            }
        }
        match broken {
            Some(error) => Err(error),
            None if self.limit == 0 || !may_continue => match self.parts.endpoint.events_end {
                Some(end) => Err(Error::of_kind(ErrorKind::Transport)
                    .with_message(format!("the connection ended before the event `{end}`"))),
                // Without reconnection, the end of the connection is the end of the stream.
                None => Ok(false),
            },
            None => Err(Error::of_kind(ErrorKind::Transport).with_message(format!(
                "{} connections in a row ended before an event arrived",
                self.limit
            ))),
        }
    }

    async fn connect(&mut self) -> Result<bool> {
        let body = BodyReader::open(&mut self.parts, ReadMode::Stream, Some(MEDIA_TYPE)).await?;
        let continues = body.status != StatusCode::NO_CONTENT;
        (self.has_event, self.after) = (false, self.last_id());
        self.body = continues.then_some(body);
        Ok(continues)
    }
}

impl NextItem for EventSource {
    type Item = Identified;

    async fn next(&mut self) -> Result<Option<Self::Item>> {
        let limit = self.parts.client.core().body_limit;
        let endpoint = self.parts.endpoint;
        if self.body.is_none() && !self.connect().await? {
            return Ok(None);
        }
        loop {
            if let Some((raw, id)) = self.parser.next() {
                if endpoint.events_end.is_some_and(|end| raw.data == end) {
                    self.body = None;
                    return Ok(None);
                }
                self.remember(id.as_deref());
                self.has_event = true;
                self.failures = 0;
                let secrets = self.body.as_ref().and_then(|body| body.secrets.clone());
                return Ok(Some(Identified { raw, id, secrets }));
            }
            let Some(body) = &mut self.body else { return Ok(None) };
            let broken = match body.chunk().await {
                Ok(Some(chunk)) => {
                    if endpoint.events_end.is_none() {
                        self.failures = 0;
                    }
                    self.parser.feed(&chunk);
                    if self.parser.pending() > limit {
                        return Err(Error::of_kind(ErrorKind::TooLarge)
                            .with_message(format!("an event is longer than {limit} bytes"))
                            .with_endpoint(endpoint));
                    }
                    continue;
                }
                Ok(None) => None,
                Err(error) => Some(error.with_endpoint(endpoint)),
            };
            if !self.reconnect(broken).await? {
                return Ok(None);
            }
        }
    }
}
