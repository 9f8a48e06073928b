use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] tags: &mut Vec<String>) -> Result<String>;
}

fn main() {}
