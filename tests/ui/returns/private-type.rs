#![deny(private_bounds, private_interfaces)]

use perennial::{Result, api_client};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

#[api_client]
pub trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;
}

fn main() {}
