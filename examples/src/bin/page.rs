//! Serves a built page and the article's API on one address: what `examples/browser/serve.sh` starts.

use std::error::Error;
use std::future::pending;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Parser;
use perennial_examples::say;
use perennial_examples::server::{Options, Server};

/// Serves a page with the article's server behind it.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder of the built page
    page: PathBuf,
    /// Where to listen; port 0 takes any free one
    #[arg(default_value = "127.0.0.1:8080")]
    address: SocketAddr,
    /// How long a token lives, in seconds
    #[arg(long, default_value_t = 10)]
    ttl: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { page, address, ttl } = Arguments::parse();
    let files = Router::new()
        .route("/", get(|page| file(page, Path("index.html".to_owned()))))
        .route("/{file}", get(file))
        .with_state(page);
    let options = Options {
        ttl: Duration::from_secs(ttl),
        work: (Duration::from_millis(20), Duration::from_millis(120)),
        refresh_work: Duration::from_millis(300),
        ..Options::default()
    };
    let server = Server::start_beside(files, address, options).await?;
    say!("The page is at {}/", server.url());
    pending().await
}

/// One file of the page. Only names that a build writes are served.
async fn file(State(page): State<PathBuf>, Path(name): Path<String>) -> Response {
    let kind = match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "js")) => "text/javascript",
        Some((_, "wasm")) => "application/wasm",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match tokio::fs::read(page.join(name.replace(['/', '\\'], ""))).await {
        Ok(content) => ([(CONTENT_TYPE, kind)], content).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
