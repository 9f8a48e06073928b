use perennial::{Result, api_client};

#[api_client("https://shop.example")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
