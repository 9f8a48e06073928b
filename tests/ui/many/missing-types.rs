use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<Order>;

    #[post("/users")]
    async fn create(&self, #[json] user: &NewUser) -> Result<()>;

    #[get("/offers")]
    async fn offers(&self) -> Result<String>;
}

async fn use_it(shop: ShopClient) -> Result<String> {
    shop.offers().await
}

fn main() {}
