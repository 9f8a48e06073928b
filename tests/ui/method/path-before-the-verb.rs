use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[http("/orders", "REPORT")]
    async fn orders(&self) -> Result<String>;

    #[http("GET /users/{id}")]
    async fn user(&self, id: u64) -> Result<String>;

    #[http("REPORT")]
    async fn report(&self) -> Result<String>;
}

fn main() {}
