use perennial::{Events, Pages, api_client};

#[api_client]
trait Shop {
    #[get("/events")]
    async fn events(&self) -> perennial::Result<Events<String>>;

    #[get("/orders", page(link))]
    fn orders(&self) -> perennial::Result<Pages<String>>;
}

fn main() {}
