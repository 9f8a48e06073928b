use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    async fn order(
        &self,
        /// The number of the order.
        id: u64,
    ) -> Result<String>;
}

fn main() {}
