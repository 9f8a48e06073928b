use perennial::{Result, api_client};

#[api_client(retry(3, backoff = "5s..100ms"))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
