use perennial::{Result, api_client};

struct Order;

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<Vec<Order>>;
}

fn main() {}
