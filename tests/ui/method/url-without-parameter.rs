use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get(url)]
    async fn follow(&self) -> Result<String>;
}

fn main() {}
