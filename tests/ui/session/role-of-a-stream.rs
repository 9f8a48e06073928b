use perennial::{Pages, api_client};

#[api_client(auth(bearer))]
trait Shop {
    #[get("/login", login, page(link))]
    fn sign_in(&self) -> Pages<String>;
}

fn main() {}
