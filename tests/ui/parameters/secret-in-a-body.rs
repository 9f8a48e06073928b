use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/password", secret(password))]
    async fn change(&self, #[field] password: &str) -> Result<()>;
}

fn main() {}
