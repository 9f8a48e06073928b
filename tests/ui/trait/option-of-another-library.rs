use perennial::{Result, api_client};

#[api_client(
    base_url = "https://shop.example",
    baseURL = "https://shop.example",
    token = "abc",
    retries = 3,
    name = "MyShop",
    user_agent = "shop/1",
    accept = "application/json",
    proxy = "http://localhost:3128",
    deny_unknown_fields,
)]
trait Shop {
    #[get("/orders", skip_auth)]
    async fn orders(&self) -> Result<String>;

    #[get("/users", no_auth)]
    async fn users(&self) -> Result<String>;
}

fn main() {}
