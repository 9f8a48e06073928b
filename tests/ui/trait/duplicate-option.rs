use perennial::{Result, api_client};

#[api_client(timeout = "10s", base = "/api", timeout = "20s")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
