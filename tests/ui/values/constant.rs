use perennial::{Result, api_client};

const BASE: &str = "https://shop.example";
const LIMIT: &str = "10s";

#[api_client(base = BASE)]
trait Shop {
    #[get("/orders", timeout = LIMIT)]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
