use perennial::{Events, Pages, Result, api_client};

#[api_client]
trait Shop {
    #[get("/events")]
    async fn events(&self) -> Result<Events<String>>;

    #[get("/orders", page(link))]
    fn orders(&self) -> Result<Pages<String>>;
}

fn main() {}
