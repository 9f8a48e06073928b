use std::collections::HashMap;
use std::time::Duration;

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
    let orders = shop.orders().headers(HashMap::from([("X-App", "shop")])).await?;
    let orders = shop.orders().deadline(Duration::from_secs(10)).await?;
    shop.orders().cancel();
    shop.orders().await
}

fn blocking(shop: &ShopClient) -> Result<String> {
    shop.orders().block()
}

fn main() {}
