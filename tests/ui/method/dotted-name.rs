use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(link = "@odata.nextLink", items = "value"))]
    fn orders(&self) -> Pages<u64>;
}

fn main() {}
