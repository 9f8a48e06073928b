use perennial::{Result, api_client};

#[api_client(auth(name = "csrf", header = "X-CSRF-Token", logout(status = 403)), auth("csrf" = off))]
trait OData {
    #[get("/products")]
    async fn products(&self) -> Result<String>;
}

fn main() {}
