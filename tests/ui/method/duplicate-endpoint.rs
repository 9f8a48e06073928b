#![deny(warnings)]

use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/users/{id}")]
    async fn user(&self, id: u64) -> Result<String>;

    #[get("/users/{name}")]
    async fn by_name(&self, name: &str) -> Result<String>;
}

fn main() {}
