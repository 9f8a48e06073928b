use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[delete("/pets/{id}")]
    async fn delete(&self, id: u64, #[json] pet: &str) -> Result<()>;
}

fn main() {}
