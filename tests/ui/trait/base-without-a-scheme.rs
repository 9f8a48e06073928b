use perennial::{Result, api_client};

#[api_client(base = "localhost:8080")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
