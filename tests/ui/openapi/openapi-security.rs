use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/pets/{id}", public)]
    async fn pet(&self, id: u64) -> Result<String>;

    #[post("/sessions")]
    async fn sign_in(&self, #[field] name: &str, #[field] password: &str) -> Result<String>;

    #[delete("/pets/{id}", optional)]
    async fn delete(&self, id: u64) -> Result<()>;
}

fn main() {}
