use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn use_it() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").layer(|request| request).build()
}

fn main() {}
