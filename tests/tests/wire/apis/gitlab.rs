//! GitLab: OAuth tokens of two hours, keyset pagination by `Link`, limits with a point in time, logs of jobs.

use std::collections::HashMap;

use axum::Json;
use axum::extract::Query;
use axum::response::IntoResponse;
use axum::routing::get;
use futures::TryStreamExt;
use perennial::{Lines, Pages, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Carrier, Protocol, Reply};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    AssignedToMe,
}

#[derive(Deserialize, Debug)]
pub struct Issue {
    iid: u64,
}

#[api_client(
    auth(bearer, expired(status = 401, body("error" = "invalid_token"))),
    retry(3, on = [429, 502, connect], after = header("RateLimit-Reset"), unit = epoch)
)]
pub trait GitLab {
    #[post("/oauth/token", refresh, public, fields("grant_type" = "refresh_token", "client_id" = "app"))]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;

    /// `project` is an id, or a path whose slashes are encoded.
    #[get("/api/v4/projects/{project}/issues?pagination=keyset&order_by=created_at", page(link))]
    fn issues(
        &self,
        project: &str,
        #[query(style = csv)] labels: &[&str],
        #[query] scope: Option<Scope>,
        #[query] per_page: u32,
    ) -> Pages<Issue>;

    #[get("/api/v4/projects/{project}/jobs/{job}/trace")]
    fn trace(&self, project: &str, job: u64) -> Lines<String>;
}

fn protocol() -> Protocol {
    let expired = json!({"error": "invalid_token", "error_description": "Token is expired."});
    Protocol {
        renewal: Carrier::Form("refresh_token"),
        ..super::bearer("POST /oauth/token", 401, &expired)
    }
}

#[tokio::test(start_paused = true)]
async fn issues_of_gitlab_are_walked_by_links_within_its_limits() {
    let server = super::server(protocol());
    let origin = server.origin();
    let issues = async move |Query(query): Query<HashMap<String, String>>| {
        let after = query.get("cursor").map_or(0, |cursor| cursor.parse::<u64>().unwrap());
        let link =
            format!("<{origin}/api/v4/projects/group%2Fproject/issues?cursor=2>; rel=\"next\"");
        let page = Json(json!([{"iid": after + 1}, {"iid": after + 2}]));
        match after {
            0 => ([("link", link)], page).into_response(),
            _ => page.into_response(),
        }
    };
    server.route("/api/v4/projects/{project}/issues", get(issues));
    let gitlab = GitLabClient::builder(server.origin()).build().unwrap();
    super::sign_in(&server, gitlab.session()).await;

    let issues = gitlab.issues("group/project", &["bug", "ui"], Some(Scope::AssignedToMe), 2);
    let mut issues = issues.map_ok(|issue| issue.iid);
    assert_eq!(issues.try_next().await.unwrap(), Some(1));
    server.expire_all();
    assert_eq!(issues.try_collect::<Vec<_>>().await.unwrap(), [2, 3, 4]);
    let first = &server.recorded()[0].target;
    assert_eq!(
        first,
        "/api/v4/projects/group%2Fproject/issues?pagination=keyset&order_by=created_at&labels=bug,ui&scope=assigned_to_me&per_page=2"
    );
    assert_eq!(server.refreshes(), 1);

    let limited = Reply::text("text/plain", "Retry later")
        .header("ratelimit-reset", "784111787")
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    server.on("GET /api/v4/projects/7/issues").nth(1).response(limited.with_status(429));
    let count = gitlab.issues("7", &[], None, 2).try_collect::<Vec<_>>().await.unwrap().len();
    assert_eq!(count, 4);
    let sent = server.recorded_on("GET /api/v4/projects/7/issues");
    assert!(sent[1].at - sent[0].at >= std::time::Duration::from_secs(10));
}

#[tokio::test]
async fn the_trace_of_a_job_is_lines_of_text() {
    let server = super::server(protocol());
    let trace = "Running with gitlab-runner\n$ cargo test\nok\n";
    server.route("/api/v4/projects/7/jobs/1/trace", get(async move || trace));
    let gitlab = GitLabClient::builder(server.origin()).build().unwrap();
    super::sign_in(&server, gitlab.session()).await;
    server.expire_all();
    let lines: Vec<_> = gitlab.trace("7", 1).try_collect().await.unwrap();
    assert_eq!(lines, ["Running with gitlab-runner", "$ cargo test", "ok"]);
    assert_eq!(server.refreshes(), 1);
}
