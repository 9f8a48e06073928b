use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

async fn use_it(shop: &dyn Shop) -> Result<String> {
    shop.orders().await
}

fn main() {}
