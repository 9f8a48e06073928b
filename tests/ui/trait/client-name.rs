#![deny(deprecated)]

use perennial::{Result, api_client};

#[api_client]
trait ShopClient {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client(allow(client_name))]
trait StockClient {
    #[get("/items")]
    async fn items(&self) -> Result<String>;
}

fn main() {}
