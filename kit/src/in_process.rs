//! A server without its socket.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, to_bytes};
use perennial::layer::{HttpBody, HttpRequest, HttpResponse, HttpService};
use tower::{Layer, Service};

use crate::Server;
use crate::conduct::{Closed, conduct};
use crate::server::Shared;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Passes the requests of a client to a server without a socket; created by [`Server::layer`].
///
/// ```
/// use perennial_test::Server;
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
/// let shop = ShopClient::builder("http://anywhere.test").layer(server.layer()).build()?;
/// shop.login("ann").await?;
/// assert_eq!(shop.stock(7).await?, 14);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct InProcess {
    shared: Arc<Shared>,
}

impl Server {
    /// Creates a layer for [`ClientBuilder::layer`](perennial::ClientBuilder::layer) that passes requests to this
    /// server without a socket, whatever their host is. With paused time, a test is then deterministic.
    ///
    /// A response is passed on as a whole; if it breaks off, the request fails.
    #[must_use]
    pub fn layer(&self) -> InProcess {
        InProcess { shared: self.shared() }
    }
}

impl Layer<HttpService> for InProcess {
    type Service = Self;

    fn layer(&self, _: HttpService) -> Self {
        self.clone()
    }
}

impl Service<HttpRequest> for InProcess {
    type Response = HttpResponse;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        // On its own task, since a real server continues to process a request after the client hangs up.
        let conducted = tokio::spawn(async move {
            let response = conduct(&shared, request.map(Body::new)).await?;
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.map_err(|_| Closed)?;
            Ok::<_, Closed>(http::Response::from_parts(parts, HttpBody::from(body)))
        });
        Box::pin(async move { Ok(conducted.await??) })
    }
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}
