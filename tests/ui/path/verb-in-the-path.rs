use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("GET /orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
