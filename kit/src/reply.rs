//! Handwritten responses.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::chaos::spread;

/// A handwritten response of a test: correct, wrong or broken.
///
/// ```
/// use perennial_test::{Reply, Server};
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let server = Server::declared::<ShopClient>();
/// # server.offer("/stock/{id}", 14.into());
/// # let shop = ShopClient::builder(server.origin()).build()?;
/// # shop.login("ann").await?;
/// server.on("/stock/1").response(Reply::status(503).header("retry-after", "120"));
/// server.on("/stock/2").response(Reply::html()); // as a proxy says it
/// server.on("/stock/3").response(Reply::broken("1", 100)); // ends after 1 of 100 bytes
/// server.on("/stock/4").response(Reply::garbage(64, 7));
/// for id in 1..=4 {
///     assert!(shop.stock(id).await.is_err());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Whole(Bytes),
    /// This many bytes are announced, fewer are sent, and then the connection breaks.
    Broken {
        sent: Bytes,
        announced: u64,
    },
    /// This many zeros are announced and sent, as fast as they are read.
    Zeros(u64),
    /// The bytes are sent one by one, each after this pause.
    Slow {
        bytes: Bytes,
        pause: Duration,
    },
    /// More bytes are announced, but nothing follows these, ever.
    Stuck {
        sent: Bytes,
        announced: u64,
    },
}

impl Reply {
    /// Creates an empty response.
    ///
    /// # Panics
    ///
    /// If `status` is not between 100 and 999.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status lies between 100 and 999");
        Self { status, headers: Vec::new(), body: Content::Whole(Bytes::new()) }
    }

    /// JSON with HTTP status 200.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::text("application/json", value.to_string())
    }

    /// JSON with another status.
    #[must_use]
    pub fn rejection(status: u16, value: &Value) -> Self {
        Self { status: Self::status(status).status, ..Self::json(value) }
    }

    /// Any bytes with HTTP status 200.
    #[must_use]
    pub fn text(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { body: Content::Whole(body.into()), ..Self::status(200) }
            .header(header::CONTENT_TYPE.as_str(), content_type)
    }

    /// Sets the body.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { body: Content::Whole(body.into()), ..self }
            .header(header::CONTENT_TYPE.as_str(), content_type)
    }

    /// An HTML page that a proxy in front of the server sends, with HTTP status 200.
    #[must_use]
    pub fn html() -> Self {
        Self::text("text/html; charset=utf-8", "<!doctype html><title>Please wait</title>")
    }

    /// JSON that announces `announced` bytes, sends `body` and breaks the connection.
    #[must_use]
    pub fn broken(body: impl Into<Bytes>, announced: u64) -> Self {
        Self { body: Content::Broken { sent: body.into(), announced }, ..Self::empty_json() }
    }

    /// JSON of `length` zero bytes. They are created while they are read, so that 1 GiB needs no memory.
    #[must_use]
    pub fn zeros(length: u64) -> Self {
        Self { body: Content::Zeros(length), ..Self::empty_json() }
    }

    /// JSON that announces `announced` bytes, sends `body` and then nothing more.
    #[must_use]
    pub fn stuck(body: impl Into<Bytes>, announced: u64) -> Self {
        Self { body: Content::Stuck { sent: body.into(), announced }, ..Self::empty_json() }
    }

    /// JSON whose bytes are sent one by one, each after this pause on tokio's clock.
    #[must_use]
    pub fn slow(body: impl Into<Bytes>, pause: Duration) -> Self {
        Self { body: Content::Slow { bytes: body.into(), pause }, ..Self::empty_json() }
    }

    /// This many bytes that are not JSON, with the media type of JSON. The same seed gives the same bytes.
    #[must_use]
    pub fn garbage(length: usize, seed: u64) -> Self {
        // The two lowest control characters never begin a value.
        let byte = |at: usize| (spread(seed ^ at as u64) & 1) as u8;
        Self { body: Content::Whole((0..length).map(byte).collect()), ..Self::empty_json() }
    }

    /// Sets the status.
    ///
    /// # Panics
    ///
    /// If `status` is not between 100 and 999.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Self::status(status).status, ..self }
    }

    /// Adds a header; several headers of the same name are all sent.
    ///
    /// # Panics
    ///
    /// If name or value is not valid in an HTTP header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.parse().expect("a header's name is a token");
        let value = value.parse().expect("a header's value is visible text");
        self.headers.push((name, value));
        self
    }

    fn empty_json() -> Self {
        Self::json(&Value::Null)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (body, announced) = match self.body {
            Content::Whole(bytes) => (Body::from(bytes), None),
            Content::Broken { sent, announced } => (cut(sent), Some(announced)),
            Content::Zeros(length) => (zeros(length), Some(length)),
            Content::Slow { bytes, pause } => {
                let bytes = stream::iter(bytes).then(move |byte| async move {
                    tokio::time::sleep(pause).await;
                    Ok::<_, Infallible>(Bytes::copy_from_slice(&[byte]))
                });
                (Body::from_stream(bytes), None)
            }
            Content::Stuck { sent, announced } => {
                let sent = stream::iter([Ok::<_, Infallible>(sent)]);
                (Body::from_stream(sent.chain(stream::pending())), Some(announced))
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        response.headers_mut().extend(announced.map(|n| (header::CONTENT_LENGTH, n.into())));
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// A body that sends these bytes and then breaks the connection.
pub(crate) fn cut(sent: Bytes) -> Body {
    let broken = io::Error::other("the test breaks the connection here");
    // The pause lets the bytes be sent before the connection breaks.
    let end = stream::once(async move {
        tokio::task::yield_now().await;
        Err(broken)
    });
    Body::from_stream(stream::iter([Ok(sent)]).chain(end))
}

fn zeros(length: u64) -> Body {
    const CHUNK: u64 = 64 * 1024;
    static ZEROS: [u8; CHUNK as usize] = [0; CHUNK as usize];
    Body::from_stream(stream::unfold(length, |left| async move {
        let now = left.min(CHUNK);
        let chunk = ZEROS.get(..usize::try_from(now).ok()?)?;
        (now > 0).then(|| (Ok::<_, Infallible>(Bytes::from_static(chunk)), left - now))
    }))
}
