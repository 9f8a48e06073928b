use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/pets")]
    async fn pets(&self, #[query] limit: Option<u32>) -> Result<String>;
}

fn main() {}
