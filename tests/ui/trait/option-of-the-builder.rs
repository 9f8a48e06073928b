use perennial::{Result, api_client};

#[api_client(
    base = "https://shop.example",
    error = ShopError,
    user_agent = "shop/1.0",
    middleware = [log],
    rate_limit = 10,
    proxy = "http://proxy.example",
    storage = "file",
    blocking = true
)]
pub trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
