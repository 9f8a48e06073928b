//! Where tokens travel, and where they do not. A layer responds in place of a server.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use perennial::layer::{HttpRequest, HttpResponse, HttpService};
use perennial::{Error, ErrorKind, Result, Tokens, api_client};
use tower::util::BoxCloneSyncService;

/// Responds to every request itself, and keeps the headers of those that it saw.
#[derive(Clone, Default)]
struct Answering {
    seen: Arc<Mutex<Vec<HttpRequest>>>,
    location: Option<&'static str>,
}

impl tower::Layer<HttpService> for Answering {
    type Service = HttpService;

    fn layer(&self, _: HttpService) -> HttpService {
        let answering = self.clone();
        BoxCloneSyncService::new(tower::service_fn(move |request: HttpRequest| {
            answering.seen.lock().unwrap().push(request);
            let mut response = http::Response::builder();
            if let Some(location) = answering.location {
                response = response.status(302).header("location", location);
            }
            let response: HttpResponse = response.body(r#"{"token":"next"}"#.into()).unwrap();
            std::future::ready(Ok(response))
        }))
    }
}

impl Answering {
    fn header(&self, name: &str) -> Option<String> {
        let seen = self.seen.lock().unwrap();
        let value = seen.last()?.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }
}

pub struct Secret(String);

impl From<&Tokens> for Secret {
    fn from(tokens: &Tokens) -> Self {
        Self(tokens.refresh().unwrap_or_default().to_owned())
    }
}

impl std::fmt::Display for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[api_client(auth(header = "X-Token", expired(status = 401)))]
pub trait Shop {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[header("X-Refresh-Token")] with: Secret) -> Result<Tokens>;

    #[get("/by-header")]
    async fn by_header(&self) -> Result<()>;

    #[get("/by-bearer", auth(bearer, expired(status = 401)))]
    async fn by_bearer(&self) -> Result<()>;

    #[get("/by-query", auth(query = "access_token", expired(status = 401)), allow(token_in_query))]
    async fn by_query(&self) -> Result<()>;
}

#[api_client]
pub trait Open {
    #[get("/")]
    async fn home(&self) -> Result<()>;
}

async fn shop(answering: &Answering) -> ShopClient {
    let shop = ShopClient::builder("http://shop.example").layer(answering.clone()).build().unwrap();
    shop.session().login(Tokens::new("abc").with_refresh("def")).await.unwrap();
    shop
}

#[tokio::test]
async fn a_method_that_replaces_auth_says_where_the_token_goes() {
    let answering = Answering::default();
    let shop = shop(&answering).await;
    shop.by_header().await.unwrap();
    assert_eq!(answering.header("x-token").as_deref(), Some("abc"));
    shop.by_bearer().await.unwrap();
    assert_eq!(answering.header("authorization").as_deref(), Some("Bearer abc"));
    assert_eq!(answering.header("x-token"), None);
    shop.by_query().await.unwrap();
    let seen = answering.seen.lock().unwrap();
    assert_eq!(seen.last().unwrap().uri().query(), Some("access_token=abc"));
}

#[tokio::test]
async fn a_public_refresh_takes_its_refresh_token_to_no_other_host() {
    let answering =
        Answering { location: Some("http://elsewhere.example/"), ..Answering::default() };
    let shop = shop(&answering).await;
    let error: Error = shop.session().refresh().await.unwrap_err();
    assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
    assert_eq!(answering.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn signing_out_where_nobody_can_sign_in_changes_nothing() {
    let open = OpenClient::builder("http://open.example").build().unwrap();
    open.session().logout().await.unwrap();
    assert!(
        open.session().login(Tokens::new("abc")).await.unwrap_err().kind() == ErrorKind::Argument
    );
    assert!(open.session().refresh().await.unwrap_err().kind() == ErrorKind::Argument);
}
