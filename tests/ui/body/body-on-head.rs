use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[head("/orders")]
    async fn create(&self, #[json] filter: &str) -> Result<()>;
}

fn main() {}
