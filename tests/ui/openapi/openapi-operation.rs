use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/pets/{id}", spec = "gtPet")]
    async fn pet(&self, id: u64) -> Result<String>;

    #[get("/health", spec = "getPet")]
    async fn health(&self) -> Result<String>;
}

fn main() {}
