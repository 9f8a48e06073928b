use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, number: u64) -> Result<String>;
}

fn main() {}
