use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/pets")]
    async fn pets(&self, #[query] limit: &[u32], #[query(style = csv)] tags: &str) -> Result<String>;
}

fn main() {}
