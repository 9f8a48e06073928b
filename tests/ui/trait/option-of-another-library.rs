use perennial::{Result, api_client};

#[api_client(base_url = "https://shop.example", token = "abc", retries = 3)]
trait Shop {
    #[get("/orders", skip_auth)]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
