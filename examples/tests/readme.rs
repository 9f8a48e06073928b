//! The quick start of the README, compiled and run word for word.

#![allow(missing_docs, clippy::unwrap_used)]

use perennial_examples::server::{Options, Server};

// The README, from here
use perennial::{Result, Tokens, api_client};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct Credentials {
    name: String,
    password: String,
}

#[derive(Debug, Deserialize)]
pub struct Order {
    pub id: u64,
    pub title: String,
}

/// The shop's API. Every response is `{"code": .., "message": .., "data": ..}`.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234))
)]
pub trait Shop {
    /// Signs in. The session keeps the returned tokens.
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;

    /// Refreshes the token. The request carries the old one.
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// One order.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;

    /// Orders, newest first.
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32, #[query] tag: &[&str]) -> Result<Vec<Order>>;
}
// to here.

#[tokio::test]
async fn the_quick_start_prints_what_the_readme_says() -> Result<()> {
    let server = Server::start(Options::default()).await.unwrap();
    let shop = ShopClient::builder(server.url()).build()?;
    shop.login(&Credentials { name: "ann".into(), password: "secret".into() }).await?;

    let (order, orders) = tokio::join!(shop.order(7), shop.orders(1, &["new"]));
    let printed = format!("{:?}, and {} more", order?, orders?.len());
    assert!(english().contains(&format!("$ cargo run\n{printed}\n")), "{printed}");
    Ok(())
}

fn english() -> &'static str {
    include_str!("../../README.md")
}

/// The blocks of code of a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&*fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_declaration_in_the_readme_is_compiled_here() {
    let here = include_str!("readme.rs");
    let (_, rest) = here.split_once("// The README, from here\n").unwrap();
    let (declared, _) = rest.split_once("// to here.\n").unwrap();
    let shown = blocks(english(), "rust")[0];
    assert!(shown.starts_with(declared), "the README and examples/tests/readme.rs differ");
}

#[test]
fn both_readmes_show_the_same_code_and_commands() {
    let chinese = include_str!("../../README.zh-CN.md");
    for language in ["rust", "toml", "console"] {
        assert_eq!(blocks(english(), language), blocks(chinese, language), "{language}");
    }
}
