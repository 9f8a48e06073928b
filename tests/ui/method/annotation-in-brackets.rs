use perennial::{Result, api_client};

#[api_client]
trait Shop {
    [Get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<String>;
}

fn main() {}
