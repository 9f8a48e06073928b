use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[post("/pets", idempotent("X-Request-Key"))]
    async fn add(&self) -> Result<String>;
}

fn main() {}
