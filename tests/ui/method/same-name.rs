use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;

    #[get("/orders/by-state")]
    async fn orders(&self, #[query] state: &str) -> Result<String>;
}

async fn all(shop: &ShopClient) -> Result<String> {
    shop.orders().await
}

fn main() {}
