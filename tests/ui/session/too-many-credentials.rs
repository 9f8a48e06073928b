//! A session keeps the tokens of at most four credentials.

use perennial::{Result, api_client};

#[api_client(
    auth(bearer),
    auth(name = "a", header = "X-A"),
    auth(name = "b", header = "X-B"),
    auth(name = "c", header = "X-C"),
    auth(name = "d", header = "X-D")
)]
pub trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<Vec<u64>>;
}

fn main() {}
