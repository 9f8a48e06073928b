//! How a stream of events is listened to, and goes on when its connection ends.

use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};

use super::Piecewise;
use super::parse::{Parser, Raw};
use super::resume::is_passing;
use super::source::Source;
use crate::call::parts::Parts;
use crate::call::retries::LONGEST_RETRY_AFTER;
use crate::call::sink::ReadMode;
use crate::ports::random::jitter;
use crate::types::error::{Error, ErrorKind, Result};

pub(super) const MEDIA_TYPE: &str = "text/event-stream";

/// How long a client waits before it connects again, if the server does not say.
const PAUSE: Duration = Duration::from_secs(3);
/// The bounds of what a server may ask for: it is not stormed, and nobody waits for ever.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// An event as it came, and the id of the last one that had any.
pub(super) type Piece = (Raw, Option<String>);

/// A connection that is listened to, and made again when it ends.
pub(super) struct EventSource {
    parts: Box<Parts>,
    source: Option<Source>,
    parser: Parser,
    pause: Duration,
    /// Failures since the last piece that came.
    failures: u32,
    limit: u32,
}

impl EventSource {
    pub(super) fn new(mut parts: Box<Parts>) -> Self {
        let stays = parts.extras().stays_disconnected;
        let is_get = parts.endpoint.method == "GET" && parts.body.is_repeatable();
        let limit = if is_get && !stays { 10 } else { 0 };
        let parser = Parser::default();
        Self { parts, source: None, parser, pause: PAUSE, failures: 0, limit }
    }

    /// Keeps the id from which the server is to go on. One that cannot travel in a header is none that
    /// it could go on from, and an empty one takes the last one back.
    fn remember(&mut self, id: Option<&str>) {
        let headers = &mut self.parts.extras().headers;
        match id.map(|id| HeaderValue::from_bytes(id.as_bytes())) {
            Some(Ok(id)) if id.is_empty() => drop(headers.remove(LAST_EVENT_ID)),
            Some(Ok(id)) => drop(headers.insert(LAST_EVENT_ID, id)),
            Some(Err(_)) | None => {}
        }
    }

    /// Waits, and connects again. `Ok(false)` is the end.
    async fn reconnect(&mut self, mut broken: Option<Error>) -> Result<bool> {
        self.source = None;
        self.pause = self.parser.retry.unwrap_or(self.pause).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.parser.again();
        while self.failures < self.limit {
            let longer = self.pause.saturating_mul(1 << self.failures.min(16));
            let spread = 1.0 + jitter() * 0.2;
            let pause = longer.min(LONGEST_PAUSE).mul_f64(spread);
            let asked = broken.as_ref().and_then(Error::retry_after).unwrap_or_default();
            if asked > LONGEST_RETRY_AFTER {
                break;
            }
            self.failures += 1;
            self.parts.client.session().policy().clock.sleep(pause.max(asked)).await;
            self.parts.begin_again();
            match self.connect().await {
                Ok(connected) => return Ok(connected),
                Err(error) if is_passing(&error) => broken = Some(error),
                Err(error) => return Err(error),
            }
        }
        match broken {
            Some(error) => Err(error),
            // Without leave to connect again, the end of a connection is the end.
            None if self.limit == 0 => Ok(false),
            None => Err(Error::new(ErrorKind::Transport).with_message(format!(
                "{} connections in a row ended before anything came",
                self.limit
            ))),
        }
    }

    async fn connect(&mut self) -> Result<bool> {
        let source = Source::open(&mut self.parts, ReadMode::Stream, Some(MEDIA_TYPE)).await?;
        let goes_on = source.status != StatusCode::NO_CONTENT;
        self.source = goes_on.then_some(source);
        Ok(goes_on)
    }
}

impl Piecewise for EventSource {
    type Item = Piece;

    async fn next(&mut self) -> Result<Option<Self::Item>> {
        let limit = self.parts.client.core().body_limit;
        let endpoint = self.parts.endpoint;
        if self.source.is_none() && !self.connect().await? {
            return Ok(None);
        }
        loop {
            if let Some((raw, id)) = self.parser.next() {
                self.remember(id.as_deref());
                return Ok(Some((raw, id)));
            }
            let Some(source) = &mut self.source else { return Ok(None) };
            let broken = match source.chunk().await {
                Ok(Some(piece)) => {
                    self.failures = 0;
                    self.parser.feed(&piece);
                    if self.parser.pending() > limit {
                        return Err(Error::new(ErrorKind::TooLarge)
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
