use perennial::{Result, api_client, body::Part};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[put("/pets/{id}/photo")]
    async fn photo(&self, id: u64, #[part] titel: &str, #[part] title: &str, #[part] image: Part) -> Result<()>;
}

fn main() {}
