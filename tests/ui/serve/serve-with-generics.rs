use perennial::{Result, api_client};

#[api_client(serve)]
trait Shop {
    #[get("/orders")]
    async fn orders<T: std::fmt::Display + Send + Sync>(&self, #[query] tag: T) -> Result<String>;
    #[get("/items")]
    async fn items(&self, #[query] tag: impl std::fmt::Display + Send + Sync) -> Result<String>;
}

fn main() {}
