use perennial::{Result, api_client};

#[api_client(headers(X-Trace = "1"))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[header("If Match")] tag: &str) -> Result<String>;
}

fn main() {}
