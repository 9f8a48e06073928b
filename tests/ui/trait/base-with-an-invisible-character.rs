use perennial::{Result, api_client};

#[api_client(base = "/api​")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
