//! Kubernetes: lists in chunks, a watch as lines of JSON, merge patches, and a token that the kubelet rotates in a file.

use std::collections::HashMap;

use axum::Json;
use axum::extract::Query;
use axum::response::IntoResponse;
use axum::routing::{get, patch};
use perennial::{Lines, Pages, RefreshFailure, Result, Tokens, api_client};
use perennial_tests::Reply;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, Debug)]
pub struct Pod {
    metadata: Metadata,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    #[serde(default)]
    name: String,
    resource_version: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(tag = "type", content = "object", rename_all = "UPPERCASE")]
pub enum Watched {
    Added(Pod),
    Modified(Pod),
    Deleted(Pod),
    Bookmark(Pod),
    Error(Status),
}

#[derive(Deserialize, Debug)]
pub struct Status {
    code: u16,
    reason: String,
}

#[api_client(
    envelope(code = "reason", message = "message", ok = absent),
    auth(bearer, expired(status = 401)),
    // The program reads the token from a file.
    allow(expiry_without_refresh)
)]
pub trait Kubernetes {
    #[get(
        "/api/v1/namespaces/{namespace}/pods",
        page(cursor = "continue", next = "metadata.continue", items = "items")
    )]
    fn pods(&self, namespace: &str, #[query] limit: u32) -> Pages<Pod>;

    #[get("/api/v1/namespaces/{namespace}/pods?watch=true&allowWatchBookmarks=true")]
    fn watch(&self, namespace: &str, #[query("resourceVersion")] version: &str) -> Lines<Watched>;

    #[patch("/api/v1/namespaces/{namespace}/pods/{name}")]
    async fn change(
        &self,
        namespace: &str,
        name: &str,
        #[json("application/merge-patch+json")] pod: &Value,
    ) -> Result<Pod>;
}

fn pod(name: &str, version: u64) -> Value {
    json!({"metadata": {"name": name, "resourceVersion": version.to_string()}})
}

#[tokio::test]
async fn pods_are_listed_in_chunks_and_watched_from_there() {
    let expired =
        json!({"kind": "Status", "code": 401, "reason": "Unauthorized", "message": "Unauthorized"});
    let server = std::sync::Arc::new(super::server(super::bearer("", 401, &expired)));
    let pods = async |Query(query): Query<HashMap<String, String>>| {
        if query.contains_key("watch") {
            let events = [
                json!({"type": "ADDED", "object": pod("c", 13)}),
                json!({"type": "MODIFIED", "object": pod("b", 14)}),
                json!({"type": "DELETED", "object": pod("a", 15)}),
                json!({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "16"}}}),
                json!({"type": "ERROR", "object": {"code": 410, "reason": "Expired"}}),
            ];
            return events.map(|event| event.to_string() + "\n").concat().into_response();
        }
        Json(match query.get("continue").map(String::as_str) {
            None => json!({"metadata": {"continue": "c1"}, "items": [pod("a", 11)]}),
            Some(_) => json!({"metadata": {}, "items": [pod("b", 12)]}),
        })
        .into_response()
    };
    server.route("/api/v1/namespaces/{namespace}/pods", get(pods));
    let changed = async || Json(pod("a", 17));
    server.route("/api/v1/namespaces/{namespace}/pods/{name}", patch(changed));
    // The token of the service account, read anew where it has been rotated.
    let issuer = std::sync::Arc::clone(&server);
    let kubernetes = KubernetesClient::builder(server.origin())
        .refresh(move |_| {
            let token = issuer.issue("account").access;
            async move { Ok::<_, RefreshFailure>(Tokens::new(token)) }
        })
        .build()
        .unwrap();

    let mut list = kubernetes.pods("default", 1);
    let first = list.next().await.unwrap().unwrap();
    server.expire_all();
    let rest: Vec<Pod> = list.try_collect().await.unwrap();
    assert_eq!((&*first.metadata.name, &*rest[0].metadata.name, rest.len()), ("a", "b", 1));

    server.expire_all();
    let version = rest[0].metadata.resource_version.clone().unwrap();
    let events: Vec<_> = kubernetes.watch("default", &version).try_collect().await.unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| match event {
            Watched::Added(pod) => format!("+{}", pod.metadata.name),
            Watched::Modified(pod) => format!("~{}", pod.metadata.name),
            Watched::Deleted(pod) => format!("-{}", pod.metadata.name),
            Watched::Bookmark(pod) => format!("at {:?}", pod.metadata.resource_version),
            Watched::Error(Status { code, reason }) => format!("{code} {reason}"),
        })
        .collect();
    assert_eq!(told, ["+c", "~b", "-a", "at Some(\"16\")", "410 Expired"]);
    let last = server.recorded().pop().unwrap();
    assert!(
        last.target.ends_with("?watch=true&allowWatchBookmarks=true&resourceVersion=12"),
        "{}",
        last.target
    );

    kubernetes.change("default", "a", &json!({"spec": {}})).await.unwrap();
    let sent = server.recorded().pop().unwrap();
    assert_eq!(sent.header("content-type"), Some("application/merge-patch+json"));
    let gone = json!({"kind": "Status", "code": 404, "reason": "NotFound", "message": "pods \"x\" not found"});
    server.on("PATCH /api/v1/namespaces/default/pods/x").response(Reply::rejection(404, &gone));
    let error = kubernetes.change("default", "x", &json!({})).await.unwrap_err();
    assert!(error.has_code("NotFound"), "{error}");
    assert_eq!(error.message(), Some("pods \"x\" not found"));
}
