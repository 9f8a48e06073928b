//! A part of the GitHub REST API: pages by `Link`, errors as the documentation lists them, a personal
//! access token that nobody renews.
//!
//! `cargo run -p perennial-examples --bin github` speaks to a server in this program that answers as
//! GitHub documents.

#![allow(missing_docs, reason = "the API documents its fields")]

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::{StreamExt, TryStreamExt};
use perennial::{Error, Pages, Tokens, api_client};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub struct Issue {
    pub number: u64,
    pub title: String,
}

#[derive(Debug, Serialize)]
pub struct NewIssue<'a> {
    pub title: &'a str,
    pub labels: &'a [&'a str],
}

/// What GitHub says of a request that it could not process.
#[derive(Debug, Deserialize)]
pub struct Invalid {
    pub message: String,
    pub errors: Vec<Value>,
}

#[derive(Debug)]
pub enum GitHubError {
    NotFound,
    Invalid(Invalid),
    Other(Error),
}

impl From<Error> for GitHubError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Issues on GitHub.
#[api_client(
    base = "https://api.github.com",
    auth(bearer),
    headers("Accept" = "application/vnd.github+json", "X-GitHub-Api-Version" = "2022-11-28"),
    retry(2, on = [502, 503], backoff = "10ms..1s")
)]
pub trait GitHub {
    /// The issues of a repository, newest first.
    #[get("/repos/{owner}/{repo}/issues", optional, page(link))]
    fn issues(&self, owner: &str, repo: &str, #[query] per_page: u8) -> Pages<Issue>;

    /// One issue.
    #[get("/repos/{owner}/{repo}/issues/{number}", optional)]
    #[errors(404 => NotFound)]
    async fn issue(&self, owner: &str, repo: &str, number: u64) -> Result<Issue, GitHubError>;

    /// Opens an issue.
    #[post("/repos/{owner}/{repo}/issues")]
    #[errors(404 => NotFound, 422 => Invalid)]
    async fn open_issue(
        &self,
        owner: &str,
        repo: &str,
        #[json] issue: &NewIssue<'_>,
    ) -> Result<Issue, GitHubError>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let github = GitHubClient::builder(perennial_examples::serve(server()).await?).build()?;
    let titles: Vec<_> =
        github.issues("rust-lang", "rust", 2).map_ok(|issue| issue.title).try_collect().await?;
    println!("issues: {}", titles.join(", "));
    let pages = github.issues("rust-lang", "rust", 2).pages().count().await;
    println!("pages: {pages}");
    match github.issue("rust-lang", "rust", 99).await {
        Err(GitHubError::NotFound) => println!("issue 99: not found"),
        other => println!("issue 99: {other:?}"),
    }
    github.session().login(Tokens::new("ghp_example")).await?;
    let labels = ["bug"];
    match github.open_issue("rust-lang", "rust", &NewIssue { title: "", labels: &labels }).await {
        Err(GitHubError::Invalid(invalid)) => println!("refused: {}", invalid.message),
        other => println!("opened: {other:?}"),
    }
    let opened =
        github.open_issue("rust-lang", "rust", &NewIssue { title: "ICE", labels: &labels });
    match opened.await {
        Ok(issue) => println!("opened: #{} {}", issue.number, issue.title),
        Err(error) => println!("refused: {error:?}"),
    }
    Ok(())
}

/// Five issues, and what GitHub documents about the rest.
fn server() -> Router {
    let issue = |number: u64| json!({"number": number, "title": format!("issue {number}")});
    let list = move |Path((owner, repo)): Path<(String, String)>,
                     Query(query): Query<std::collections::HashMap<String, u64>>| async move {
        let asked = |name: &str, otherwise| query.get(name).copied().unwrap_or(otherwise);
        let (page, size) = (asked("page", 1), asked("per_page", 30));
        let numbers = (1..=5_u64).skip(((page - 1) * size) as usize).take(size as usize);
        let body = Json(numbers.map(issue).collect::<Value>());
        if page * size >= 5 {
            return body.into_response();
        }
        let next = format!("/repos/{owner}/{repo}/issues?per_page={size}&page={}", page + 1);
        ([("link", format!("<{next}>; rel=\"next\""))], body).into_response()
    };
    let open = |headers: HeaderMap, Json(new): Json<Value>| async move {
        if headers.get("authorization").is_none_or(|it| it != "Bearer ghp_example") {
            return failed(StatusCode::UNAUTHORIZED, "Bad credentials");
        }
        if new["title"] == "" {
            return failed(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed");
        }
        (StatusCode::CREATED, Json(json!({"number": 6, "title": new["title"]}))).into_response()
    };
    let one = || async { failed(StatusCode::NOT_FOUND, "Not Found") };
    Router::new()
        .route("/repos/{owner}/{repo}/issues", get(list).post(open))
        .route("/repos/{owner}/{repo}/issues/{number}", get(one))
}

fn failed(status: StatusCode, message: &str) -> Response {
    let errors = json!([{"resource": "Issue", "field": "title", "code": "missing_field"}]);
    (status, Json(json!({"message": message, "errors": errors}))).into_response()
}
