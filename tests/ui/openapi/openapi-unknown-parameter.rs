use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/pets?limit=1")]
    async fn pets(&self, #[query] limt: Option<u32>, #[header("X-Shops")] shop: &str) -> Result<String>;
}

fn main() {}
