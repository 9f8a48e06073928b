use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders//new")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
