use perennial::{Result, api_client};

#[api_client(base = "https://shop.example/api?key=1")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
