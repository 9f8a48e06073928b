#![deny(deprecated)]

use perennial::{Result, api_client};

#[api_client(auth(query = "access_token"))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
