use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("https://shop.example/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
