//! The page, served by the test server beside its API.

use axum::extract::Path;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use perennial_tests::{Protocol, Server};
use serde_json::Value;

use crate::driver::{Browser, Tab};

const INDEX: &str = "<!doctype html><title>perennial</title><script type=module>\
    import init, * as page from './page.js'; await init(); window.page = page;</script>";

const EXAMPLE: &str = include_str!("../../../examples/browser/index.html");

/// Starts a server that serves the page below its base.
pub(crate) fn serve(protocol: Protocol) -> Server {
    let server = Server::start(protocol);
    server.route("/page/{page}/{file}", get(file));
    server.open("/page/{page}/{file}");
    server
}

async fn file(Path((page, file)): Path<(String, String)>) -> Response {
    let types = [("js", "text/javascript"), ("wasm", "application/wasm")];
    let kind = types.iter().find(|(ending, _)| file.ends_with(ending));
    let pages = std::env::var("PAGES").expect("PAGES is the folder of the built pages");
    match (kind, std::fs::read(format!("{pages}/{page}/{file}"))) {
        (Some((_, kind)), Ok(content)) => ([(CONTENT_TYPE, *kind)], content).into_response(),
        _ if page == "tests" && file == "index.html" => Html(INDEX).into_response(),
        _ if file == "index.html" => Html(EXAMPLE).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Opens the page in a tab of its own, with this kind of store.
pub(crate) async fn open<'a>(browser: &'a Browser, server: &Server, store: &str) -> Tab<'a> {
    let tab = browser.tab(&server.url("/page/tests/index.html")).await;
    tab.call(&format!("open('', '{store}')")).await;
    tab
}

/// The events of a kind that the hook of a page was told.
pub(crate) async fn events(tab: &Tab<'_>, kind: &str) -> usize {
    let told = tab.call("told()").await;
    let events = told["events"].as_array().unwrap();
    events.iter().filter(|event| event.as_str().unwrap().starts_with(kind)).count()
}

/// How often the hook for the end of a session was called.
pub(crate) async fn logouts(tab: &Tab<'_>) -> usize {
    tab.call("told()").await["logouts"].as_array().unwrap().len()
}

/// That so many calls were good and none bad.
pub(crate) fn all_good(outcome: &Value, count: u64) {
    assert_eq!(outcome["good"], count, "{outcome}");
}
