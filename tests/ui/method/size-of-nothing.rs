use perennial::{Pages, api_client};

#[derive(serde::Serialize)]
struct Filter {
    per_page: u32,
}

#[api_client]
trait Shop {
    #[get("/orders", page(number = "page", start = 1, size = "per_page"))]
    fn orders(&self, #[query] perpage: u32) -> Pages<u64>;

    #[get("/items", page(offset = "skip", size = "limit"), queries("limit" = 50))]
    fn items(&self) -> Pages<u64>;

    #[get("/users", page(offset = "skip", size = "per_page"))]
    fn users(&self, #[query(flatten)] filter: Filter) -> Pages<u64>;
}

fn main() {}
