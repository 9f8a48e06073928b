use std::time::Duration;

use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn of_reqwest() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example")
        .user_agent("shop/1")
        .timeout(Duration::from_secs(10))
        .build()
}

fn of_timeouts() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").timeout(Duration::from_secs(10)).build()
}

fn of_retries() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").retries(3).build()
}

fn of_headers() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").default_header("X-App", "shop").build()
}

fn of_tokens() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").bearer_auth("token").build()
}

fn of_axios() -> Result<ShopClient> {
    ShopClient::builder("").base_url("https://shop.example").build()
}

fn of_middleware() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").interceptor(|request| request).build()
}

fn of_hooks() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").on_refresh(|tokens| ()).build()
}

fn of_logins() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").login("ann", "password").build()
}

fn of_oauth2() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").dpop().build()
}

fn of_lists() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").layer_for(2, tower::layer::util::Identity::new()).build()
}

fn main() {}
