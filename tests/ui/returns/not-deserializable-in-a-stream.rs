use perennial::{Events, Lines, Pages, api_client};

struct Order;

#[api_client]
trait Shop {
    #[get("/orders", page(link))]
    fn orders(&self) -> Pages<Order>;

    #[get("/events")]
    fn events(&self) -> Events<Order>;

    #[get("/lines")]
    fn lines(&self) -> Lines<Order>;
}

fn main() {}
