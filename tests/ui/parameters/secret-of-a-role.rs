use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query(secret)] key: &str) -> Result<String>;
}

fn main() {}
