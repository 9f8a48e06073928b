use perennial::{Result, api_client};
use perennial::body::StreamBody;

#[api_client]
trait Shop {
    #[put("/recordings", retry(3))]
    async fn record(&self, #[body] content: StreamBody) -> Result<()>;

    #[put("/scans")]
    async fn scan(&self, #[body] content: StreamBody) -> Result<()>;
}

fn main() {}
