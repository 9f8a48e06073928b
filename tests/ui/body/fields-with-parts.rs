use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn create(&self, #[field] name: &str, #[part] photo: Vec<u8>) -> Result<()>;
}

fn main() {}
