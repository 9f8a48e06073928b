use perennial::{Result, api_client};

#[api_client]
trait Shop {
    @GET("/orders/{id}")
    async fn order(&self, id: u64) -> Result<String>;
}

async fn use_it(shop: ShopClient) -> Result<String> {
    shop.order(7).await
}

fn main() {}
