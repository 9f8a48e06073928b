use perennial::{Result, api_client};

#[api_client(auth(header = "X-Token"))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[header("X-Token")] token: &str) -> Result<String>;
}

fn main() {}
