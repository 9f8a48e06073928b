#![deny(deprecated)]

use perennial::{Result, Tokens, api_client};

#[api_client(auth(field = "api_token", expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
