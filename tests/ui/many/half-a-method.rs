use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;

    #[get("/users/{id}")]
    async fn user(&self, id: ) -> Result<String>;

    #[get("/items/{id")]
    async fn item(&self, id: u64) -> Result<String>;

    #[get("/offers")]
    async fn offers(&self) -> Result<String>;
}

async fn use_it(shop: ShopClient) -> Result<String> {
    shop.orders().await?;
    shop.item(1).await?;
    shop.offers().await
}

fn main() {}
