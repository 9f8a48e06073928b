use perennial::{Events, Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/pets/{id}/steps")]
    async fn steps(&self, id: u64) -> Result<Vec<String>>;

    #[get("/pets/{id}")]
    fn pet(&self, id: u64) -> Events<String>;
}

fn main() {}
