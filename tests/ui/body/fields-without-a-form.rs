use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/token", fields("grant_type" = "client_credentials"))]
    async fn token(&self, #[json] scope: &str) -> Result<String>;
}

fn main() {}
