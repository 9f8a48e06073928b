use perennial::{Result, api_client};

#[api_client(serve)]
trait Shop {
    #[get("/files/{*path}/meta")]
    async fn orders(&self, path: &str) -> Result<String>;
}

fn main() {}
