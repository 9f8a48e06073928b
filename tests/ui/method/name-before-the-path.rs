use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get(path = "/orders")]
    async fn orders(&self) -> Result<String>;

    #[http("REPORT", uri = "/users")]
    async fn users(&self) -> Result<String>;
}

fn main() {}
