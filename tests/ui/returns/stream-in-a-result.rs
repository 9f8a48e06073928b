use perennial::{Events, Result, api_client};

#[api_client]
trait Shop {
    #[get("/events")]
    async fn events(&self) -> Result<Events<String>>;
}

fn main() {}
