use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn orders(&self, #[header("Content-Type")] kind: &str, #[json] text: &str) -> Result<String>;
}

fn main() {}
