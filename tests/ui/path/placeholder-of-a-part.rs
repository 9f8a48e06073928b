use perennial::{Result, api_client};

#[derive(serde::Serialize, serde::Deserialize)]
pub struct Order {
    title: String,
}

#[api_client(base = "https://shop.example")]
trait Shop {
    // The last word is the parameter, and not the first.
    #[put("/orders/{order_id}")]
    async fn replace(&self, id: u64, #[json] order: &Order) -> Result<Order>;

    #[get("/customers/{id}")]
    async fn customer(&self, customerId: u64) -> Result<String>;
}

fn main() {}
