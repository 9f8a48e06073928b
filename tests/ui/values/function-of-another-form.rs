use std::env::{VarError, var};

use perennial::{Result, api_client};

fn named(name: &str) -> String {
    name.into()
}

async fn later() -> String {
    "key".into()
}

fn uncertain() -> std::result::Result<String, VarError> {
    var("KEY")
}

#[api_client]
trait Shop {
    #[get("/a", headers("X-Key" = named))]
    async fn a(&self) -> Result<String>;

    #[get("/b", headers("X-Key" = later))]
    async fn b(&self) -> Result<String>;

    #[get("/c", headers("X-Key" = uncertain))]
    async fn c(&self) -> Result<String>;
}

fn main() {}
