use perennial::{Result, api_client};

#[api_client(redirect = none)]
trait Shop {
    #[get("/orders", redirect = "follow")]
    async fn orders(&self) -> Result<String>;
    #[get("/files", follow_redirects = false)]
    async fn files(&self) -> Result<String>;
}

fn main() {}
