use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn create(&self, #[body] order: u64) -> Result<()>;
}

fn main() {}
