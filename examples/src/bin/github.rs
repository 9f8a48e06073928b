//! A part of the GitHub REST API: pages by `Link`, errors and rate limits as documented, and a personal access token
//! that is never renewed.
//!
//! `cargo run -p perennial-examples --bin github` calls a server in this program that responds as GitHub
//! documents.

#![allow(missing_docs, reason = "the API documents its fields")]

use std::collections::HashMap;

use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response as RawResponse};
use axum::routing::get;
use axum::{Json, Router};
use futures::TryStreamExt;
use perennial::{Error, Pages, Response, Tokens, api_client};
use perennial_examples::say;
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

/// GitHub's response to a request that it could not process.
#[derive(Debug, Deserialize)]
pub struct Invalid {
    pub message: String,
    pub errors: Vec<Value>,
}

#[derive(Debug)]
pub enum GitHubError {
    NotFound,
    Invalid(Invalid),
    /// The requests of this hour are used up; it ends at this time, in seconds since 1970.
    RateLimited {
        reset: u64,
    },
    Other(Error),
}

/// Errors that `#[errors]` does not name are converted here. GitHub reports a rate limit in headers, with 403
/// as well as with 429.
impl From<Error> for GitHubError {
    fn from(error: Error) -> Self {
        match error.headers().and_then(|headers| header(headers, "x-ratelimit-remaining")) {
            Some(0)
                if matches!(
                    error.status(),
                    Some(StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS)
                ) =>
            {
                let reset =
                    error.headers().and_then(|headers| header(headers, "x-ratelimit-reset"));
                Self::RateLimited { reset: reset.unwrap_or_default() }
            }
            _ => Self::Other(error),
        }
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// Issues on GitHub.
#[api_client(
    base = "https://api.github.com",
    auth(bearer),
    headers("Accept" = "application/vnd.github+json", "X-GitHub-Api-Version" = "2022-11-28"),
    timeout = "30s",
    retry(2, on = [502, 503], backoff = "10ms..1s")
)]
pub trait GitHub {
    /// The issues of a repository, newest first.
    #[get("/repos/{owner}/{repo}/issues", optional, page(link))]
    fn issues(&self, owner: &str, repo: &str, #[query] per_page: u8) -> Pages<Issue>;

    /// One issue, with the headers of the rate limit.
    #[get("/repos/{owner}/{repo}/issues/{number}", optional)]
    #[errors(404 => NotFound)]
    async fn issue(
        &self,
        owner: &str,
        repo: &str,
        number: u64,
    ) -> Result<Response<Issue>, GitHubError>;

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
    // GitHub wants to know who asks.
    let http = perennial::reqwest::Client::builder().user_agent("perennial-example");
    let base = perennial_examples::serve(server()).await?;
    let github = GitHubClient::builder(base).http(http).build()?;

    let titles: Vec<_> =
        github.issues("rust-lang", "rust", 2).map_ok(|issue| issue.title).try_collect().await?;
    say!("issues: {}", titles.join(", "));
    let mut pages = github.issues("rust-lang", "rust", 2).pages();
    while let Some(page) = pages.next().await {
        say!("a page of {}", page?.len());
    }

    let issue = github.issue("rust-lang", "rust", 2).await.map_err(|error| format!("{error:?}"))?;
    let left = header(issue.headers(), "x-ratelimit-remaining").unwrap_or_default();
    say!("issue 2: {}, {left} requests left", issue.value().title);
    for number in [99, 3] {
        match github.issue("rust-lang", "rust", number).await {
            Err(GitHubError::NotFound) => say!("issue {number}: not found"),
            Err(GitHubError::RateLimited { reset }) => {
                say!("issue {number}: ask after {reset}")
            }
            other => say!("issue {number}: {other:?}"),
        }
    }

    // Who signs in has a rate of their own.
    github.session().login(Tokens::new("ghp_example")).await?;
    for title in ["", "ICE"] {
        match github.open_issue("rust-lang", "rust", &NewIssue { title, labels: &["bug"] }).await {
            Ok(issue) => say!("opened: #{} {}", issue.number, issue.title),
            Err(GitHubError::Invalid(invalid)) => {
                say!("rejected: {}, {}", invalid.message, invalid.errors[0]["code"]);
            }
            Err(error) => say!("failed: {error:?}"),
        }
    }
    Ok(())
}

/// Five issues, and the rest of GitHub's documented behavior.
fn server() -> Router {
    Router::new()
        .route("/repos/{owner}/{repo}/issues", get(list).post(open))
        .route("/repos/{owner}/{repo}/issues/{number}", get(one))
        .layer(axum::middleware::from_fn(rules))
}

/// Rejects requests without a user agent, and allows 8 requests without a token.
async fn rules(request: Request, next: Next) -> RawResponse {
    static LEFT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(8);
    if !request.headers().contains_key("user-agent") {
        return failed(
            StatusCode::FORBIDDEN,
            "Please make sure your request has a User-Agent header",
        );
    }
    if request.headers().contains_key("authorization") {
        return next.run(request).await;
    }
    let one_less = |left: u64| left.checked_sub(1);
    let order = std::sync::atomic::Ordering::Relaxed;
    let (response, left) = match LEFT.fetch_update(order, order, one_less) {
        Ok(left) => (next.run(request).await, left - 1),
        Err(_) => (failed(StatusCode::FORBIDDEN, "API rate limit exceeded"), 0),
    };
    let headers =
        [("x-ratelimit-remaining", left.to_string()), ("x-ratelimit-reset", "1800000000".into())];
    (headers, response).into_response()
}

async fn list(
    Path((owner, repo)): Path<(String, String)>,
    Query(query): Query<HashMap<String, usize>>,
    headers: HeaderMap,
) -> RawResponse {
    let asked = |name: &str, otherwise| query.get(name).copied().unwrap_or(otherwise);
    let (page, size) = (asked("page", 1), asked("per_page", 30));
    let numbers = (1..=5_u64).skip((page - 1) * size).take(size);
    let body = Json(numbers.map(issue).collect::<Value>());
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let at =
        |page| format!("<http://{host}/repos/{owner}/{repo}/issues?per_page={size}&page={page}>");
    let last = 5_usize.div_ceil(size);
    if page >= last {
        return ([("link", format!("{}; rel=\"first\"", at(1)))], body).into_response();
    }
    let link = format!("{}; rel=\"next\", {}; rel=\"last\"", at(page + 1), at(last));
    ([("link", link)], body).into_response()
}

async fn open(headers: HeaderMap, Json(new): Json<Value>) -> RawResponse {
    if headers.get("authorization").is_none_or(|it| it != "Bearer ghp_example") {
        return failed(StatusCode::UNAUTHORIZED, "Bad credentials");
    }
    if new["title"] == "" {
        return failed(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed");
    }
    (StatusCode::CREATED, Json(json!({"number": 6, "title": new["title"]}))).into_response()
}

async fn one(Path((_, _, number)): Path<(String, String, u64)>) -> RawResponse {
    match number {
        1..=5 => Json(issue(number)).into_response(),
        _ => failed(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn issue(number: u64) -> Value {
    json!({"number": number, "title": format!("issue {number}")})
}

fn failed(status: StatusCode, message: &str) -> RawResponse {
    let errors = json!([{"resource": "Issue", "field": "title", "code": "missing_field"}]);
    let documentation = "https://docs.github.com/rest/issues/issues";
    let body = json!({"message": message, "errors": errors, "documentation_url": documentation});
    (status, Json(body)).into_response()
}
