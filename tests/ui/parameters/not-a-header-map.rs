use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[headers] more: &[(&str, &str)]) -> Result<String>;
}

fn main() {}
