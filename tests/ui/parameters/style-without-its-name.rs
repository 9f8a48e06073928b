use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query(csv)] id: &[u64]) -> Result<String>;
}

fn main() {}
