use perennial::{Result, api_client};

#[api_client(timeout(total = "5s", attempt = "10s"))]
trait Shop {
    #[get("/orders", timeout(attempt = "5s", total = "5s"))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
