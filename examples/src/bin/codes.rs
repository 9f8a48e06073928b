//! A backend that always responds with 200 and a code in the body: 50014 for an expired token, 50008 and
//! 50012 for an expired session, 20000 for success.
//!
//! `cargo run -p perennial-examples --bin codes` calls a server in this program.

#![allow(missing_docs, reason = "the API documents its fields")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use perennial::{Error, Result, Tokens, api_client};
use perennial_examples::say;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub struct Article {
    pub id: u64,
    pub title: String,
}

#[derive(Debug)]
pub enum Failure {
    /// The article is being edited by another user, who is named.
    Locked(Locked),
    Other(Error),
}

/// The details in the body of such a response.
#[derive(Debug, Deserialize)]
pub struct Locked {
    pub data: Editor,
}

#[derive(Debug, Deserialize)]
pub struct Editor {
    pub editor: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// The backend of an admin panel.
#[api_client(
    base = "/vue-admin",
    envelope(code = "code", message = "message", data = "data", ok = 20000),
    auth(header = "X-Token", expired(code = 50014), logout(code = [50008, 50012]))
)]
pub trait Admin {
    /// Signs in.
    #[post("/user/login", login)]
    async fn login(&self, #[field] username: &str, #[field] password: &str) -> Result<Tokens>;

    /// Renews the token with the old one.
    #[post("/user/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// Articles, in pages counted by their items.
    #[get("/article/list", page(offset = "skip", items = "data.items"))]
    fn articles(&self) -> perennial::Pages<Article>;

    /// Opens an article for editing.
    #[post("/article/{id}/edit")]
    #[errors(code 40901 => Locked)]
    async fn edit(&self, id: u64) -> Result<Article, Failure>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let newest = Arc::new(AtomicU64::new(0));
    let base = perennial_examples::serve(server(Arc::clone(&newest))).await?;
    let admin = AdminClient::builder(base)
        .on_logout(|why| say!("please sign in again: code {}", why.code().unwrap_or_default()))
        .build()?;
    admin.login("admin", "111111").await?;
    let mut articles = admin.articles();
    while let Some(article) = articles.next().await {
        let Article { id, title } = article?;
        say!("{id}: {title}");
        // The token expires after every article.
        newest.fetch_add(1, Ordering::Relaxed);
    }
    match admin.edit(2).await {
        Err(Failure::Locked(Locked { data })) => say!("{} edits article 2", data.editor),
        other => say!("article 2: {other:?}"),
    }
    say!("refreshes: {}", admin.session().stats().refreshes);
    newest.store(u64::MAX, Ordering::Relaxed);
    if let Some(Err(error)) = admin.articles().next().await {
        say!("signed out: {}", error.is_signed_out());
    }
    Ok(())
}

fn server(newest: Arc<AtomicU64>) -> Router {
    let issue = |State(newest): State<Arc<AtomicU64>>| async move {
        let number = newest.fetch_add(1, Ordering::Relaxed) + 1;
        Json(json!({"code": 20000, "data": {"token": format!("token-{number}")}}))
    };
    Router::new()
        .route("/vue-admin/user/login", post(issue))
        .route("/vue-admin/user/refresh", post(issue))
        .route("/vue-admin/article/list", get(list))
        .route("/vue-admin/article/{id}/edit", post(edit))
        .with_state(newest)
}

async fn list(
    State(newest): State<Arc<AtomicU64>>,
    axum::extract::Query(query): axum::extract::Query<Value>,
    headers: HeaderMap,
) -> Json<Value> {
    if let Some(rejection) = rejects(&newest, &headers) {
        return rejection;
    }
    let skip = query["skip"].as_str().and_then(|skip| skip.parse().ok()).unwrap_or(0);
    let items = (1..=3_u64).skip(skip).take(1);
    let items: Vec<_> =
        items.map(|id| json!({"id": id, "title": format!("article {id}")})).collect();
    Json(json!({"code": 20000, "data": {"total": 3, "items": items}}))
}

async fn edit(State(newest): State<Arc<AtomicU64>>, headers: HeaderMap) -> Json<Value> {
    rejects(&newest, &headers).unwrap_or_else(|| {
        Json(json!({"code": 40901, "message": "the article is locked", "data": {"editor": "Ben"}}))
    })
}

fn rejects(newest: &AtomicU64, headers: &HeaderMap) -> Option<Json<Value>> {
    let newest = newest.load(Ordering::Relaxed);
    if newest == u64::MAX {
        return Some(Json(json!({"code": 50012, "message": "other clients logged in"})));
    }
    let wanted = format!("token-{newest}");
    let is_good = headers.get("x-token").is_some_and(|it| *it == *wanted);
    (!is_good).then(|| Json(json!({"code": 50014, "message": "token expired"})))
}
