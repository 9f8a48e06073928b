use perennial::{Result, api_client};

#[api_client(openapi = "pest.json")]
trait Pets {
    #[get("/pets")]
    async fn pets(&self) -> Result<String>;
}

fn main() {}
