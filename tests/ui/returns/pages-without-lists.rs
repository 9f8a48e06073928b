use perennial::{Pages, api_client};

#[api_client(codec = perennial::codec::Xml)]
trait Shop {
    #[get("/orders", page(number = "page", start = 1, items = "orders"))]
    fn orders(&self) -> Pages<u64>;
}

fn main() {}
