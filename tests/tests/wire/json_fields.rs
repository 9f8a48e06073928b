//! Fields of a form whose value is JSON.

use std::collections::BTreeMap;

use perennial::{Result, api_client};
use perennial_test::Server;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
pub struct Markup {
    keyboard: Vec<Vec<String>>,
    resize: bool,
}

#[api_client(serve)]
pub trait Bot {
    #[post("/send")]
    async fn send(
        &self,
        #[field] chat: u64,
        #[field("reply_markup", json)] markup: &Markup,
        #[field(json)] entities: Option<Vec<u8>>,
        #[field(json)] labels: &BTreeMap<String, u8>,
    ) -> Result<String>;
}

pub struct Fake;

impl Bot for Fake {
    async fn send(
        &self,
        chat: u64,
        markup: &Markup,
        entities: Option<Vec<u8>>,
        labels: &BTreeMap<String, u8>,
    ) -> Result<String> {
        Ok(format!("{chat} {markup:?} {entities:?} {labels:?}"))
    }
}

#[tokio::test]
async fn a_field_may_be_in_json_beside_plain_ones() {
    let server = Server::serve::<BotClient, _>(Fake);
    let bot = BotClient::builder(server.origin()).build().unwrap();
    let markup = Markup { keyboard: vec![vec!["a&b".to_owned(), "ü".to_owned()]], resize: true };
    let labels = BTreeMap::from([("x".to_owned(), 1)]);
    for entities in [None, Some(vec![1, 2])] {
        let said = bot.send(7, &markup, entities.clone(), &labels).await.unwrap();
        assert_eq!(said, format!("7 {markup:?} {entities:?} {labels:?}"));
    }
    let command = bot.send(7, &markup, None, &BTreeMap::new()).to_curl();
    assert!(command.contains("chat=7&reply_markup=%7B%22keyboard%22%3A"), "{command}");
    assert!(command.contains("&labels=%7B%7D") && !command.contains("entities"), "{command}");
}
