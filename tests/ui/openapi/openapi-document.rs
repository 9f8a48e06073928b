use perennial::{Result, api_client};

#[api_client(openapi = "pest.json")]
trait Pets {
    #[get("/pets")]
    async fn pets(&self) -> Result<String>;
}

#[api_client(openapi = "https://pets.example/openapi.json")]
trait Cats {
    #[get("/cats")]
    async fn cats(&self) -> Result<String>;
}

fn main() {}
