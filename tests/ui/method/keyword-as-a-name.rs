use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] type: &str) -> Result<String>;

    #[get("/kinds")]
    async fn type(&self) -> Result<String>;
}

async fn use_it(shop: ShopClient) -> Result<String> {
    shop.r#type().await?;
    shop.orders("new").await
}

fn main() {}
