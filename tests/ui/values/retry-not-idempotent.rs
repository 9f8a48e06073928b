use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders", retry(3))]
    async fn create(&self) -> Result<()>;
}

fn main() {}
