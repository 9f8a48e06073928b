use std::rc::Rc;

use perennial::{Result, api_client};

struct Local(Rc<str>);

impl<'de> serde::Deserialize<'de> for Local {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(text.into()))
    }
}

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<Local>;
}

fn main() {}
