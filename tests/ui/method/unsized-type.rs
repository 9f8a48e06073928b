use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, id: str, #[query] tags: [u64]) -> Result<str>;

    #[post("/orders")]
    async fn add(&self, #[json] order: dyn std::fmt::Display) -> Result<[u64]>;
}

async fn use_it(shop: ShopClient) -> Result<()> {
    let _ = shop.order("7", &[1, 2]).await?;
    Ok(())
}

fn main() {}
