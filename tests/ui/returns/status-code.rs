use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/status")]
    async fn status(&self) -> Result<http::StatusCode>;

    #[get("/orders")]
    async fn orders(&self) -> Result<http::Response<String>>;
}

fn main() {}
