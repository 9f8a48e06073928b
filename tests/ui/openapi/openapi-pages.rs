use perennial::{Pages, api_client};

#[api_client(openapi = "pets.json", base = "https://pets.example/v1", auth(bearer, logout(status = 401)))]
trait Pets {
    #[get("/pets?limit=1", page(cursor = "aftr", next = "next"))]
    fn pets(&self) -> Pages<String>;
}

fn main() {}
