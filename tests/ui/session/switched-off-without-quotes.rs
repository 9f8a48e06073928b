use perennial::{Result, Tokens, api_client};

#[api_client(
    auth(name = "session", bearer, logout(status = 401)),
    auth(name = "csrf", header = "X-CSRF-Token", expired(status = 403)),
)]
trait OData {
    #[get("/odata", refresh("csrf", with = "session"))]
    async fn fetch(&self) -> Result<Tokens>;

    #[get("/products", auth(csrf = off))]
    async fn products(&self) -> Result<String>;
}

fn main() {}
