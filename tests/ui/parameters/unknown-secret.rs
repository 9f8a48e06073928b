use perennial::{Result, api_client};

#[api_client(secret(tokn))]
trait Bot {
    #[get("/bot{token}/me", secret(key))]
    async fn me(&self, token: &str) -> Result<String>;
}

fn main() {}
