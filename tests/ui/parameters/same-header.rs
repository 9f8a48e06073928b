use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[header("If-Match")] a: &str, #[header("if-match")] b: &str) -> Result<String>;
}

fn main() {}
