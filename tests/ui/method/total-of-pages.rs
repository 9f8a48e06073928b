use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(number = "page", start = 1, total = "data.total"))]
    fn orders(&self) -> Pages<String>;
}

fn main() {}
