use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn create(&self, #[json] order: &str, #[field] price: u32) -> Result<()>;
}

fn main() {}
