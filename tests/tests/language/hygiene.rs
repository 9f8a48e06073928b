//! The generated code names nothing but the runtime and the user's own types: it compiles where every
//! name that it could lean on means something else.

#![deny(warnings, missing_docs, unreachable_pub, unused)]
#![allow(clippy::unwrap_used)]

use std::future::Future;

use perennial::{Result, Session, Tokens, api_client};

/// No name comes from the prelude.
mod no_prelude {
    #![no_implicit_prelude]

    #[::perennial::api_client(base = "http://shop.example", auth(bearer, early = "30s"), dyn)]
    pub(crate) trait Shop {
        #[post("/login", login)]
        async fn login(&self, #[json] name: &str) -> ::perennial::Result<::perennial::Tokens>;

        #[post("/refresh", refresh)]
        async fn refresh(&self) -> ::perennial::Result<::perennial::Tokens>;

        #[get("/orders/{id?}")]
        async fn order(
            &self,
            id: ::std::option::Option<u64>,
            #[header] if_match: ::std::option::Option<&str>,
        ) -> ::perennial::Result<::std::vec::Vec<u8>>;
    }
}

/// Every name that generated code might use means something else.
mod other_names {
    #![allow(dead_code, non_snake_case, unused_macros)]

    pub(crate) struct Option;
    pub(crate) struct String;
    pub(crate) struct Vec;
    pub(crate) struct Box;
    pub(crate) struct Client;
    pub(crate) struct Endpoint;
    pub(crate) struct Draft;
    pub(crate) struct Call;
    pub(crate) struct Session;
    pub(crate) trait Future {}
    pub(crate) trait Send {}
    pub(crate) trait Clone {}
    pub(crate) trait From {}
    pub(crate) fn Some() {}
    pub(crate) fn None() {}
    pub(crate) fn Ok() {}
    macro_rules! unreachable {
        () => {
            compile_error!("not this one")
        };
    }
    mod core {}
    mod std {}
    mod perennial {}

    #[::perennial::api_client(auth(bearer, expired(status = 401)), allow(replaced_function))]
    pub(crate) trait Shop {
        /// The parameters have the names of the generated locals.
        #[post("/refresh/{client}/{tokens}", refresh)]
        async fn refresh(
            &self,
            client: crate::hygiene::Presented,
            tokens: crate::hygiene::Presented,
            #[query] owned: crate::hygiene::Presented,
            #[query] error: &crate::hygiene::Presented,
        ) -> ::perennial::Result<::perennial::Tokens>;

        #[get("/a")]
        async fn builder(
            &self,
            #[query] client: u8,
            #[query] session: u8,
        ) -> ::perennial::Result<()>;

        #[get("/b")]
        async fn with_session(&self) -> ::perennial::Result<()>;

        #[get("/c")]
        async fn session(&self) -> ::perennial::Result<()>;

        #[get("/d")]
        async fn clone(&self) -> ::perennial::Result<()>;

        #[get("/e")]
        async fn call(&self, #[query] r#type: &str) -> ::perennial::Result<()>;

        #[get("/f/{type}")]
        async fn r#match(&self, r#type: u8) -> ::perennial::Result<()>;
    }
}

/// The body of a refresh.
pub struct Presented(String);

impl From<&Tokens> for Presented {
    fn from(tokens: &Tokens) -> Self {
        Self(tokens.access().to_owned())
    }
}

impl std::fmt::Display for Presented {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A trait that another macro makes.
macro_rules! api {
    ($(#[$meta:meta])* $name:ident { $($path:literal $method:ident($arg:ident: $ty:ty) -> $response:ty;)* }) => {
        $(#[$meta])*
        #[api_client(base = "/api")]
        trait $name {
            $(#[get($path)] async fn $method(&self, $arg: $ty) -> Result<$response>;)*
            #[get("/made")]
            async fn made(&self, #[query] tags: &[&str]) -> Result<()>;
        }
    };
}

api! {
    /// Made.
    Made {
        "/orders/{id}" order(id: u64) -> Vec<u8>;
        "/users/{name}" user(name: &str) -> String;
    }
}

/// Types and a trait that nobody else sees.
mod private {
    #[derive(serde::Serialize)]
    struct New {
        name: u8,
    }

    #[derive(serde::Deserialize)]
    struct Made {
        id: u8,
    }

    #[super::api_client]
    trait Hidden {
        #[post("/things")]
        async fn create(&self, #[json] new: &New) -> super::Result<Made>;
    }

    pub(super) fn is_there(session: &super::Session) -> bool {
        let client = HiddenClient::with_session("http://things.example", session).unwrap();
        let _call = client.create(&New { name: 1 });
        let read = |made: Made| made.id;
        read(Made { id: 1 }) == 1
    }
}

/// Lifetimes, generic arguments, `impl Trait`, supertraits and methods with a body.
#[api_client]
pub trait Generic: Send + Sync {
    /// A named lifetime and a type parameter with a clause.
    #[post("/a")]
    async fn create<'a, T>(&self, #[json] new: &'a T, #[query] tag: &'a str) -> Result<String>
    where
        T: serde::Serialize + Sync + ?Sized;

    /// An argument of any type.
    #[post("/b")]
    async fn any(
        &self,
        #[json] new: impl serde::Serialize + Send,
        #[query] tag: &(impl std::fmt::Display + Sync),
    ) -> Result<()>;

    /// A response of any type.
    #[get("/c")]
    async fn read<T: serde::de::DeserializeOwned + Send + 'static>(&self) -> Result<Option<T>>;

    /// Stays as it is.
    async fn both(&self) -> Result<String> {
        self.any(1, &2).await?;
        self.create("a", "b").await
    }
}

/// A fake by hand, with plain `async fn`.
struct Fake;

impl Generic for Fake {
    async fn create<'a, T>(&self, _: &'a T, tag: &'a str) -> Result<String>
    where
        T: serde::Serialize + Sync + ?Sized,
    {
        Ok(tag.to_owned())
    }

    async fn any(
        &self,
        _: impl serde::Serialize + Send,
        _: &(impl std::fmt::Display + Sync),
    ) -> Result<()> {
        Ok(())
    }

    async fn read<T: serde::de::DeserializeOwned + Send + 'static>(&self) -> Result<Option<T>> {
        Ok(None)
    }
}

fn spawned<F: Future + Send + 'static>(_: F) {}

#[tokio::test]
async fn a_fake_replaces_the_client() {
    async fn tag_of(api: &impl Generic) -> Result<String> {
        api.both().await
    }
    assert_eq!(tag_of(&Fake).await.unwrap(), "b");
}

#[test]
fn every_call_can_be_spawned_though_its_arguments_are_gone() {
    let shop = no_prelude::ShopClient::new().unwrap();
    let generic = GenericClient::with_session("http://a.example", shop.session()).unwrap();
    {
        let name = String::from("me");
        spawned(shop.login(&name));
        spawned(shop.order(Some(1), Some(&name)));
        spawned(generic.create(&name, &name));
        spawned(generic.any(&name, &name));
    }
    spawned(shop.refresh());
    spawned(generic.read::<String>());
    let made = MadeClient::with_session("http://b.example", shop.session()).unwrap();
    spawned(made.order(1));
    spawned(made.user("me"));
    spawned(made.made(&["a"]));
    assert!(private::is_there(shop.session()));
}

#[test]
fn a_method_of_the_user_wins_over_one_of_ours() {
    let names: Vec<_> = other_names::ShopClient::ENDPOINTS.iter().map(|it| it.name).collect();
    assert_eq!(names, ["refresh", "builder", "with_session", "session", "clone", "call", "match"]);
}

#[tokio::test]
async fn the_dyn_trait_is_a_trait_object() {
    struct Two;

    impl no_prelude::Shop for Two {
        async fn login(&self, _: &str) -> Result<Tokens> {
            Ok(Tokens::new("a"))
        }

        async fn refresh(&self) -> Result<Tokens> {
            Ok(Tokens::new("b"))
        }

        async fn order(&self, _: Option<u64>, _: Option<&str>) -> Result<Vec<u8>> {
            Ok(vec![2])
        }
    }

    async fn order_of(shop: &(impl no_prelude::Shop + ?Sized)) -> Result<Vec<u8>> {
        shop.order(None, None).await
    }

    let shop: Box<dyn no_prelude::DynShop> = Box::new(Two);
    assert_eq!(order_of(&*shop).await.unwrap(), [2]);
}
