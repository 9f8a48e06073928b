use std::collections::HashMap;

use perennial::{Lines, Result, api_client};

#[derive(serde::Deserialize)]
struct Order<'a> {
    title: &'a str,
}

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<Vec<Order<'static>>>;
}

#[api_client]
trait News {
    #[get("/title")]
    async fn title(&self) -> Result<&'static str>;

    #[get("/names")]
    async fn names(&self) -> Result<HashMap<u64, Option<&'static str>>>;

    #[get("/lines")]
    fn lines(&self) -> Lines<&str>;
}

fn main() {}
