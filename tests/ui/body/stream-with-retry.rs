use perennial::{Result, StreamBody, api_client};

#[api_client]
trait Shop {
    #[put("/recordings", retry(3))]
    async fn record(&self, #[body] content: StreamBody) -> Result<()>;

    #[put("/scans")]
    async fn scan(&self, #[body] content: StreamBody) -> Result<()>;
}

fn main() {}
