use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("orders")]
    async fn orders(&self) -> Result<String>;

    #[get("{link}")]
    async fn follow(&self, link: &str) -> Result<String>;
}

fn main() {}
