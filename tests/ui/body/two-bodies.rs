use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn create(&self, #[json] order: &str, #[form] price: &str) -> Result<()>;
}

fn main() {}
