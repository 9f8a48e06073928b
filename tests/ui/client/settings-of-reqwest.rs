use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn use_it() -> Result<ShopClient> {
    let http = reqwest::Client::builder().build()?;
    ShopClient::builder("https://shop.example").http(http).build()
}

fn main() {}
