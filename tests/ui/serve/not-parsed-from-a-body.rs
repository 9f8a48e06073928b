use perennial::{Result, api_client};

#[derive(serde::Serialize)]
struct Order {
    id: u64,
}

#[api_client(serve)]
trait Shop {
    #[post("/orders")]
    async fn place(&self, #[json] order: &Order) -> Result<()>;
    #[put("/orders")]
    async fn replace(&self, #[form] order: Order) -> Result<()>;
}

fn main() {}
