use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<u64>;
}

struct FakeShop;

#[api_client]
impl Shop for FakeShop {
    async fn orders(&self) -> Result<u64> {
        Ok(1)
    }
}

fn main() {}
