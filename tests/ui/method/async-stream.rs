use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(link))]
    async fn orders(&self) -> Pages<String>;
}

fn main() {}
