use perennial::{Result, api_client};

#[api_client(retry(3, after = "X-Reset-After"))]
trait Shop {
    #[get("/orders", retry(3, after = header("X-Reset-After"), unit = "ms"))]
    async fn orders(&self) -> Result<String>;
    #[get("/files", retry(3, unit = ms))]
    async fn files(&self) -> Result<String>;
    #[get("/photos", retry(3, after = body("retry_after", "ms")))]
    async fn photos(&self) -> Result<String>;
}

fn main() {}
