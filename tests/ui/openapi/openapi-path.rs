use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/pest/{id}")]
    async fn pet(&self, id: u64) -> Result<String>;
}

fn main() {}
