use perennial::{Result, api_client};

#[api_client(timout = "10s", auth(bearer, expired(status = 4011)))]
trait Shop {
    #[get("/orders/{oder}")]
    async fn order(&self, order: u64) -> Result<String>;

    #[get("users")]
    async fn users(&self) -> Result<String>;

    #[get("/items")]
    async fn items(&self, page: u32) -> Result<String>;

    #[get("/stock")]
    async fn stock(&self, #[qurey] of: &str) -> Result<String>;

    #[gte("/prices")]
    async fn prices(&self) -> Result<String>;

    #[get("/offers")]
    fn offers(&self) -> Result<String>;

    #[delete("/cart")]
    async fn clear(&self);

    #[post("/cart", retry(3))]
    async fn add(&self, #[json] item: &str) -> Result<()>;
}

async fn use_it(shop: ShopClient) -> Result<()> {
    shop.order(1).await?;
    shop.users().await?;
    shop.items(2).await?;
    shop.stock("apples").await?;
    shop.prices().await?;
    shop.offers().await?;
    shop.clear().await?;
    shop.add("apple").await
}

async fn use_any(shop: &impl Shop) -> Result<String> {
    shop.order(1).await
}

fn main() {}
