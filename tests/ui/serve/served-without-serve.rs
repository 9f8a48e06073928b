use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

struct FakeShop;

impl Shop for FakeShop {
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

fn main() {
    let _ = perennial::serve::service::<ShopClient, FakeShop>(FakeShop);
}
