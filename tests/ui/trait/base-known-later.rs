use perennial::{Result, api_client};

#[api_client(base = "$SHOP_URL")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client(base = "https://{region}.shop.example/v1")]
trait Stock {
    #[get("/items")]
    async fn items(&self) -> Result<String>;
}

fn main() {}
