use perennial::{Events, api_client};

#[api_client]
trait Shop {
    #[get("/ticks", events)]
    fn ticks(&self) -> Events<String>;

    #[get("/log", stream)]
    fn log(&self) -> Events<String>;
}

fn main() {}
