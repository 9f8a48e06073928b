use perennial::{Result, api_client};

#[api_client(base = "/api")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

async fn use_it() -> Result<String> {
    let shop = ShopClient::new("https://shop.example");
    shop.orders().await
}

async fn use_it_by_name() -> Result<String> {
    let shop = ShopClient::new()?;
    shop.orders().await
}

fn main() {}
