//! Server-sent events.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::stream;
use http::HeaderValue;
use http::header::{ACCEPT, CACHE_CONTROL};
use serde::de::DeserializeOwned;

use super::event_source::{EventSource, Identified, MEDIA_TYPE};
use super::item_error::item_error;
use super::{ItemSource, LazyStream, NextItem};
use crate::call::decode::Text as TextKind;
use crate::call::output::StreamItem;
use crate::call::parts::Parts;
use crate::logic::envelope;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, Result};

/// A stream of server-sent events. The data of each event is decoded from JSON as a `T`; `Events<String>` yields the
/// data as plain text.
///
/// The call is made when the stream is first polled. If the connection ends, a `GET` reconnects after the time that the
/// server requested (3 seconds by default), with the id of the last event, so that the server can resume there. If the
/// token has expired by then, it is refreshed. A server ends the stream for good with status 204.
///
/// The delay that a server requests with `retry:` is clamped to 100 ms..60 s. It doubles with each failure, and up to
/// half of it is added as jitter, so that clients do not reconnect all at once; it never exceeds a minute. If a server
/// requests more than a minute with `Retry-After`, its response is the error of the stream. Ten connections in a row
/// that fail, or that end before an event arrives, end the stream with an error.
///
/// Data that cannot be decoded as `T` is an error, whose `bytes()` and `body()` return the data. If the data is an
/// error of the server, its text is the message. The stream then continues.
///
/// If the server ends a stream with a final event, such as `data: [DONE]`, declare `events(end = "[DONE]")`: this event
/// is the end of the stream, and a connection that ends before it is an error, with one exception: a `GET` whose events
/// have ids reconnects, as long as each connection gets further than the one before.
///
/// ```
/// use perennial::{Events, Result, api_client};
///
/// #[derive(serde::Deserialize)]
/// pub struct Price { symbol: String, price: f64 }
///
/// #[api_client]
/// pub trait Market {
///     #[get("/prices")]
///     fn prices(&self, #[query] symbol: &[&str]) -> Events<Price>;
/// }
///
/// # async fn run() -> Result<()> {
/// let market = MarketClient::builder("http://market.example").build()?;
/// let mut prices = market.prices(&["YHOO"]);
/// while let Some(event) = prices.next().await {
///     let event = event?;
///     println!("{} {}: {}", event.name, event.data.symbol, event.data.price);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing until they are polled"]
pub struct Events<T, E = Error> {
    events: ItemSource<Identified, ServerEvent<T>, E>,
}

/// One event of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerEvent<T> {
    /// The type of the event; `"message"` if the server does not name one.
    pub name: String,
    /// The id of the most recent event that had one.
    pub id: Option<String>,
    /// The decoded data.
    pub data: T,
}

impl<T> ServerEvent<T> {
    /// Creates an event with this data, the name `"message"` and no id, for a fake of an API.
    #[must_use]
    pub fn new(data: T) -> Self {
        Self { name: MESSAGE.to_owned(), id: None, data }
    }

    /// Sets the name of the event.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the id of the event.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
}

item_stream!(Events(events) of ServerEvent<T>);
returned_stream!(Events(events));
given_stream!(Events of ServerEvent<T>, |events| Self::from_stream(stream::iter(events.into_iter().map(Ok))));

impl<T, E> Events<T, E> {
    /// Creates a stream of these events, for a fake of an API. Adjusting it has no effect.
    ///
    /// ```
    /// use futures_util::stream;
    /// use perennial::{Events, api_client};
    /// use perennial::stream::ServerEvent;
    ///
    /// #[api_client]
    /// pub trait Market {
    ///     #[get("/prices")]
    ///     fn prices(&self) -> Events<f64>;
    /// }
    ///
    /// struct Fake;
    ///
    /// impl Market for Fake {
    ///     fn prices(&self) -> Events<f64> {
    ///         Events::from_stream(stream::iter([
    ///             Ok(ServerEvent::new(1.5)),
    ///             Ok(ServerEvent::new(0.0).with_name("close").with_id("2")),
    ///         ]))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut prices = Fake.prices();
    /// assert_eq!(prices.next().await.unwrap().unwrap().data, 1.5);
    /// assert_eq!(prices.next().await.unwrap().unwrap().name, "close");
    /// assert!(prices.next().await.is_none());
    /// # }
    /// ```
    pub fn from_stream(
        events: impl Stream<Item = Result<ServerEvent<T>, E>> + Send + 'static,
    ) -> Self
    where
        Result<ServerEvent<T>, E>: 'static,
    {
        Self { events: ItemSource::given(events) }
    }

    /// Sets whether the client reconnects when the connection ends. By default it does, for a `GET`.
    pub fn reconnect(mut self, reconnects: bool) -> Self {
        if let Some(parts) = self.parts_mut() {
            parts.extras().stays_disconnected = !reconnects;
        }
        self
    }
}

impl<T, E> Events<T, E> {
    fn of_call(
        mut parts: Box<Parts>,
        make: fn(&'static Endpoint, Identified) -> Result<ServerEvent<T>>,
        error: fn(Error) -> E,
    ) -> Self {
        let headers = &mut parts.extras().headers;
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static(MEDIA_TYPE));
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        let call = LazyStream::new(parts, |parts| EventSource::new(parts).into_boxed_stream());
        Self { events: ItemSource::Call { call, make, error } }
    }
}

/// Text is not decoded.
#[diagnostic::do_not_recommend]
impl<E> StreamItem<Events<Self, E>, TextKind> for String {
    fn streamed(parts: Box<Parts>, error: fn(Error) -> E) -> Events<Self, E> {
        Events::of_call(parts, |_, raw| Ok(event(raw, |data| data)), error)
    }
}

fn event<T>(
    Identified { raw, id, .. }: Identified,
    data: impl FnOnce(String) -> T,
) -> ServerEvent<T> {
    let name = if raw.name.is_empty() { MESSAGE.to_owned() } else { raw.name };
    ServerEvent { name, id, data: data(raw.data) }
}

fn from_json<T: DeserializeOwned>(
    endpoint: &'static Endpoint,
    raw: Identified,
) -> Result<ServerEvent<T>> {
    match envelope::item(endpoint.envelope, raw.raw.data.as_bytes()) {
        Ok(data) => Ok(event(raw, |_| data)),
        Err(broken) => Err(item_error(endpoint, raw.raw.data, &broken, &raw.secrets)),
    }
}

json_stream!(Events: |parts, error| Events::of_call(parts, from_json, error));

/// The name of an event to which the server gives none.
const MESSAGE: &str = "message";
