use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

async fn run(shop: ShopClient) -> Result<String> {
    let orders = shop.orders().unwrap();
    let orders = shop.orders().json(&["tea"]).await?;
    let orders = shop.orders().bearer_auth("token").await?;
    shop.orders().await
}

fn main() {}
