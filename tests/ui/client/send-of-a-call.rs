use perennial::{Result, api_client};

#[api_client(base = "https://shop.example")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

async fn run(shop: ShopClient) -> Result<String> {
    shop.orders().send().await?.error_for_status()?.text().await
}

fn main() {}
