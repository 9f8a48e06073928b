use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[head("/orders")]
    async fn exists(&self) -> Result<bool>;

    #[head("/items")]
    async fn status(&self) -> Result<perennial::http::StatusCode>;
}

fn main() {}
