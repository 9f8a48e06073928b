//! What the README shows, compiled, and compared with it word for word.

#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use serde::{Deserialize, Serialize};

const README: &str = include_str!("../../README.md");

#[derive(Serialize)]
pub struct Credentials {
    name: String,
}

#[derive(Deserialize)]
pub struct Order {
    id: u64,
}

// The README, from here
use perennial::{Result, Tokens, api_client};

/// The shop's API.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234))
)]
pub trait Shop {
    /// Signs in. The tokens that come back become the session's.
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;

    /// Renews the session. Carries the old token, waits for nothing.
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// One order.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;

    /// Orders, newest first.
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32, #[query] tag: &[&str]) -> Result<Vec<Order>>;
}
// to here,

pub async fn run(credentials: Credentials) -> Result<[u64; 3]> {
    // and from here
    let shop = ShopClient::builder("https://shop.example").build()?;
    shop.login(&credentials).await?;
    let (a, b) = tokio::join!(shop.order(1), shop.orders(1, &["new"])); // one refresh, if any
    let c = shop.order(7).timeout(Duration::from_secs(2)).header("X-Trace", "1").await?;
    // to here.
    Ok([a?.id, b?.len() as u64, c.id])
}

/// The blocks of code in Rust.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The lines that say something, without their indentation.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[test]
fn the_first_example_of_the_readme_is_what_is_compiled_here() {
    let here = include_str!("readme.rs");
    let between = |start: &str, end: &str| {
        let (_, rest) = here.split_once(start).unwrap();
        lines(rest.split_once(end).unwrap().0)
    };
    let mut compiled = between("// The README, from here\n", "// to here,\n");
    compiled.extend(between("// and from here\n", "// to here.\n"));
    assert_eq!(lines(blocks(README)[0]), compiled);
}

#[test]
fn the_generated_code_in_the_readme_is_what_is_generated() {
    let bare = |text: &str| {
        let text = text.replace("::perennial::__private::", "");
        let text: String = text.split_whitespace().collect();
        text.replace(",)", ")").replace(",>", ">")
    };
    let generated = bare(include_str!("../../macros/snapshots/article.rs"));
    for item in blocks(README)[1].split("\n\n") {
        assert!(generated.contains(&bare(item)), "{item}");
    }
}
