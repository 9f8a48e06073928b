use perennial::{Bytes, Result, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/report")]
    async fn report(&self) -> Result<Bytes>;
}

fn main() {}
