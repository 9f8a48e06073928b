//! A container registry: a token for each repository, names with slashes, links to the next page, blobs at another host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use bytes::Bytes;
use futures::TryStreamExt;
use futures::future::join_all;
use http::{HeaderMap, StatusCode, header};
use perennial::{BasicAuth, ErrorKind, Pages, RefreshCause, Result, TokenKey, Tokens, api_client};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    schema_version: u32,
}

/// The service that the challenge names, or that of the first token.
#[derive(Debug)]
pub struct Service(String);

impl From<&RefreshCause> for Service {
    fn from(cause: &RefreshCause) -> Self {
        Self(cause.challenge("service").unwrap_or_else(|| "registry.example".to_owned()))
    }
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[api_client(
    base = "/v2",
    envelope(code = "errors.0.code", message = "errors.0.message", ok = absent("errors")),
    auth(
        bearer,
        key = "repository:{name}:pull",
        expired(status = 401, header("WWW-Authenticate", contains = "Bearer"))
    )
)]
pub trait Registry {
    #[get("/token", refresh, host = "auth")]
    async fn token(
        &self,
        #[header("Authorization")] user: BasicAuth,
        #[query] service: Service,
        #[query] scope: TokenKey,
    ) -> Result<Tokens>;

    #[get("/{*name}/manifests/{reference}")]
    async fn manifest(&self, name: &str, reference: &str) -> Result<Manifest>;

    #[put("/{*name}/manifests/{reference}", key = "repository:{name}:pull,push")]
    async fn put_manifest(
        &self,
        name: &str,
        reference: &str,
        #[json("application/vnd.oci.image.manifest.v1+json")] manifest: &serde_json::Value,
    ) -> Result<()>;

    #[get("/{*name}/tags/list", page(link, items = "tags"))]
    fn tags(&self, name: &str, #[query] n: u32) -> Pages<String>;

    #[get("/{*name}/blobs/{digest}")]
    async fn blob(&self, name: &str, digest: &str) -> Result<Bytes>;

    #[get("/", key = off)]
    async fn check(&self) -> Result<()>;
}

/// The good token of each scope, and how often each was fetched.
#[derive(Default)]
struct Issuer {
    tokens: Mutex<HashMap<String, String>>,
    fetched: Mutex<Vec<String>>,
}

impl Issuer {
    fn fetched(&self) -> Vec<String> {
        self.fetched.lock().unwrap().clone()
    }

    fn expire(&self, scope: &str) {
        self.tokens.lock().unwrap().remove(scope);
    }
}

async fn token(
    State(issuer): State<Arc<Issuer>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if headers[header::AUTHORIZATION] != "Basic YW5uOnNlY3JldA==" {
        let refused =
            json!({"errors": [{"code": "UNAUTHORIZED", "message": "incorrect password"}]});
        return (StatusCode::UNAUTHORIZED, Json(refused)).into_response();
    }
    assert_eq!(query["service"], "registry.example");
    let scope = query["scope"].clone();
    let mut fetched = issuer.fetched.lock().unwrap();
    let token = format!("{scope}#{}", fetched.len());
    issuer.tokens.lock().unwrap().insert(scope.clone(), token.clone());
    fetched.push(scope);
    let issued = json!({"token": token, "expires_in": 300, "issued_at": "2040-01-01T00:00:00Z"});
    Json(issued).into_response()
}

async fn registry(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/v2/").to_owned();
    let cut = ["/manifests/", "/tags/", "/blobs/"].iter().find_map(|it| path.find(it));
    let Some(cut) = cut else { return challenge("") };
    let action = if request.method() == http::Method::PUT { "pull,push" } else { "pull" };
    let scope = format!("repository:{}:{action}", &path[..cut]);
    let good = issuer.tokens.lock().unwrap().get(&scope).cloned();
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    if good.is_none() || sent != good.map(|good| format!("Bearer {good}")).as_deref() {
        return challenge(&scope);
    }
    match &path[cut..] {
        "/tags/list" if request.uri().query() == Some("n=2") => {
            let next = format!("</v2/{}/tags/list?n=2&last=b>; rel=\"next\"", &path[..cut]);
            ([(header::LINK, next)], Json(json!({"tags": ["a", "b"]}))).into_response()
        }
        "/tags/list" => Json(json!({"tags": ["c"]})).into_response(),
        "/manifests/missing" => {
            let error = json!({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "no such tag"}]});
            (StatusCode::NOT_FOUND, Json(error)).into_response()
        }
        blob if blob.starts_with("/blobs/") => {
            let at =
                request.headers()[header::HOST].to_str().unwrap().replace("127.0.0.1", "localhost");
            let at = format!("http://{at}/storage?sig=x");
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, at)]).into_response()
        }
        _ if action == "pull" => Json(json!({"schemaVersion": 2})).into_response(),
        _ => StatusCode::CREATED.into_response(),
    }
}

fn challenge(scope: &str) -> Response {
    let challenge = format!(
        r#"Bearer realm="https://auth.example/token",service="registry.example",scope="{scope}""#
    );
    let error = json!({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]});
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], Json(error)).into_response()
}

async fn storage(headers: HeaderMap) -> &'static str {
    assert!(!headers.contains_key(header::AUTHORIZATION));
    "layer"
}

async fn started(password: &str) -> (Arc<Issuer>, RegistryClient) {
    let issuer = Arc::new(Issuer::default());
    let router = axum::Router::new()
        .route("/token", get(token))
        .route("/storage", get(storage))
        .route("/v2/{*path}", any(registry))
        .with_state(Arc::clone(&issuer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = RegistryClient::builder(&origin)
        .host("auth", &origin)
        .value(BasicAuth::new("ann", password))
        .build()
        .unwrap();
    (issuer, client)
}

const ALPINE: &str = "repository:library/alpine:pull";
const TOOLS: &str = "repository:acme/team/tools:pull";

#[tokio::test]
async fn a_registry_gives_a_token_for_each_repository_and_each_is_fetched_once() {
    let (issuer, registry) = started("secret").await;
    let all = || {
        let calls = ["library/alpine", "acme/team/tools"].into_iter().cycle().take(20);
        join_all(calls.map(|name| registry.manifest(name, "latest").into_future()))
    };
    assert!(all().await.into_iter().all(|it| it.unwrap() == Manifest { schema_version: 2 }));
    let mut fetched = issuer.fetched();
    fetched.sort();
    assert_eq!(fetched, [TOOLS, ALPINE]);

    // One expires in the middle of many calls; the other stays.
    issuer.expire(TOOLS);
    assert!(all().await.into_iter().all(|it| it.is_ok()));
    assert_eq!(issuer.fetched()[2..], [TOOLS]);

    let manifest = json!({"schemaVersion": 2});
    registry.put_manifest("library/alpine", "next", &manifest).await.unwrap();
    assert_eq!(issuer.fetched()[3..], ["repository:library/alpine:pull,push"]);

    let error = registry.manifest("library/alpine", "missing").await.unwrap_err();
    assert!(
        error.has_code("MANIFEST_UNKNOWN") && error.message() == Some("no such tag"),
        "{error}"
    );
    assert_eq!(registry.session().stats().refreshes, 4);
}

#[tokio::test]
async fn tags_and_blobs_of_a_registry_continue_after_an_expiry() {
    let (issuer, registry) = started("secret").await;
    let mut tags = registry.tags("library/alpine", 2);
    assert_eq!(tags.try_next().await.unwrap().as_deref(), Some("a"));
    issuer.expire(ALPINE);
    assert_eq!(tags.try_collect::<Vec<_>>().await.unwrap(), ["b", "c"]);
    issuer.expire(ALPINE);
    assert_eq!(registry.blob("library/alpine", "sha256:00").await.unwrap(), "layer");
    assert_eq!(issuer.fetched(), [ALPINE; 3]);
}

#[tokio::test]
async fn the_token_of_a_key_can_be_inspected_and_is_discarded_at_a_logout() {
    let (issuer, registry) = started("secret").await;
    registry.manifest("library/alpine", "latest").await.unwrap();
    let of_alpine = registry.session().credential("").unwrap().of_key(ALPINE).unwrap();
    assert_eq!(of_alpine.tokens().unwrap().access(), format!("{ALPINE}#0"));
    of_alpine.expire_now();
    registry.manifest("library/alpine", "latest").await.unwrap();
    assert_eq!(issuer.fetched(), [ALPINE; 2]);
    of_alpine.logout().await.unwrap();
    registry.session().logout().await.unwrap();
    assert!(!of_alpine.is_signed_in());
}

#[tokio::test]
async fn a_registry_that_rejects_the_password_says_so_for_each_repository() {
    let (issuer, registry) = started("wrong").await;
    for name in ["library/alpine", "acme/team/tools"] {
        let error = registry.manifest(name, "latest").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshFailed);
        assert!(error.to_string().contains("incorrect password"), "{error}");
    }
    assert_eq!(issuer.fetched(), [""; 0]);
}
