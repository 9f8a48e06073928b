use perennial::{Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[put("/pets/{id}/photo")]
    async fn photo(&self, id: u64, #[part] title: &str) -> Result<()>;

    #[post("/sessions", public)]
    async fn sign_in(&self, #[field] name: &str) -> Result<String>;
}

fn main() {}
