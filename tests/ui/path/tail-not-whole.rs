use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/files/all{*path}")]
    async fn orders(&self, path: &str) -> Result<String>;
}

fn main() {}
