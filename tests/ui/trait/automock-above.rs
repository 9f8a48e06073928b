use mockall::automock;
use perennial::{Result, api_client};

#[automock]
#[api_client(base = "https://shop.example")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
