use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders?sort=new")]
    async fn orders(&self, #[query] sort: &str) -> Result<String>;
}

fn main() {}
