#![deny(deprecated)]

use perennial::{Result, api_client};

#[api_client(base = "https://shop.example")]
trait Shop {
    #[get("/session")]
    async fn session(&self) -> Result<String>;

    #[get("/new")]
    async fn new(&self) -> Result<String>;

    #[get("/clone")]
    async fn clone(&self) -> Result<String>;

    #[get("/builder", allow(replaced_function))]
    async fn builder(&self) -> Result<String>;
}

async fn use_it(shop: ShopClient) -> Result<String> {
    let _ = perennial::ApiClient::session(&shop);
    <ShopClient as perennial::ApiClient>::builder("").build()?.session().await
}

fn main() {}
