use perennial::{Bytes, Result, api_client};

#[api_client]
trait Shop {
    #[post("/token", fields("grant_type" = "client_credentials"))]
    async fn token(&self, #[body] scope: Bytes) -> Result<String>;
}

fn main() {}
