//! The generated code leans on no name that a user could have taken: types called as those of the
//! prelude and of the runtime, methods called as those of a client, parameters called as its locals.
//! Another macro may make the trait, with any piece of an attribute as a fragment of its own.

#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]
#![allow(clippy::unwrap_used)]

use std::fmt::Debug;

use futures::stream;
use perennial::body::StreamBody;
use perennial::{Download, Error, Events, Lines, Pages, Result, api_client};

/// Every name that generated code might use means something else, primitive types included.
mod taken {
    #![allow(dead_code, non_camel_case_types, non_snake_case)]

    macro_rules! types {
        ($($name:ident)*) => {$( pub(crate) struct $name; )*};
    }

    types! {
        Result Option String Vec Box Future Call Endpoint Session Error Clone Debug Send Sync From Into
        AsRef Some Ok None Err Probe Draft Client Api Credential Rule Renewal Paths u8 u64 str bool
    }

    pub(crate) mod core {}
    pub(crate) mod std {}
    pub(crate) mod serde {}
    pub(crate) mod perennial {}

    pub(crate) fn id() -> &'static ::core::primitive::str {
        "x"
    }

    #[::perennial::api_client(
        base = "http://shop.example",
        envelope(code = "code", ok = 0),
        auth(bearer, expired(status = 401)),
        headers("X-Id" = id),
        retry(2),
        dyn,
        allow(replaced_function)
    )]
    pub(crate) trait Shop {
        #[post("/refresh", refresh, rejected(status = 400))]
        async fn refresh(&self) -> ::perennial::Result<::perennial::Tokens>;
        #[get("/new")]
        async fn new(&self) -> ::perennial::Result<()>;
        #[get("/client")]
        async fn client(&self) -> ::perennial::Result<()>;
        #[get("/session")]
        async fn session(&self) -> ::perennial::Result<()>;
        #[get("/builder")]
        async fn builder(&self) -> ::perennial::Result<()>;
        #[get("/in_session")]
        async fn in_session(&self) -> ::perennial::Result<()>;
        #[get("/with_session")]
        async fn with_session(&self) -> ::perennial::Result<()>;
        #[get("/clone")]
        async fn clone(&self) -> ::perennial::Result<()>;
        #[get("/fmt")]
        async fn fmt(&self) -> ::perennial::Result<()>;
        #[get("/as_client")]
        async fn as_client(&self) -> ::perennial::Result<()>;
        #[get("/from_client")]
        async fn from_client(&self) -> ::perennial::Result<()>;
        #[get("/call")]
        async fn call(
            &self,
            #[query] self_: ::core::primitive::u8,
            #[query] client: ::core::primitive::u8,
            #[query] __x: ::core::primitive::u8,
            #[query] error: ::core::primitive::u8,
            #[query] private: ::core::primitive::u8,
        ) -> ::perennial::Result<()>;
        #[get("/type/{type}/{r}")]
        async fn r#type(
            &self,
            r#type: ::core::primitive::u64,
            r: ::core::primitive::u64,
        ) -> ::perennial::Result<()>;
        #[get("/async")]
        async fn r#async(&self, #[query] r#fn: ::core::primitive::u64) -> ::perennial::Result<()>;
        #[get("/credentials")]
        async fn credentials(&self) -> ::perennial::Result<()>;
        #[get("/envelope")]
        async fn envelope(&self) -> ::perennial::Result<()>;
        #[get("/endpoint")]
        async fn endpoint(&self) -> ::perennial::Result<()>;
        #[get("/endpoints")]
        async fn endpoints(&self) -> ::perennial::Result<()>;
        #[get("/endpoint_call")]
        async fn endpoint_call(&self) -> ::perennial::Result<()>;
        #[get("/open")]
        async fn open(&self) -> ::perennial::Result<()>;
        #[get("/kind")]
        async fn kind(&self) -> ::perennial::Result<()>;
        #[get("/end")]
        async fn end(&self) -> ::perennial::Result<()>;
        #[get("/send")]
        async fn send(&self) -> ::perennial::Result<()>;
        #[get("/future")]
        async fn future(&self) -> ::perennial::Result<()>;
        #[get("/renewal")]
        async fn renewal(&self) -> ::perennial::Result<()>;
        #[get("/draft")]
        async fn draft(&self) -> ::perennial::Result<()>;
    }
}

/// Every piece of the attributes is a fragment.
macro_rules! made {
    (
        $name:ident, $base:literal, $timeout:expr, $ok:literal, $header:literal = $function:path,
        $verb:ident $path:literal $method:ident($argument:ident: $ty:ty), $variant:ident
    ) => {
        #[api_client(base = $base, timeout = $timeout, headers($header = $function), envelope(code = "code", ok = $ok))]
        trait $name {
            #[$verb($path, timeout = $timeout)]
            #[errors(404 => $variant)]
            async fn $method(
                &self,
                $argument: $ty,
                #[query($header)] query: $ty,
            ) -> std::result::Result<$ty, Failure>;
        }
    };
}

made!(Made, "/api", "10s", 0, "X-Id" = taken::id, get "/a/{id}" one(id: u64), Missing);

/// The failures of the API.
#[derive(Debug)]
pub enum Failure {
    /// 404.
    Missing,
    /// Anything else.
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Above the trait.
pub trait Named: Debug {
    /// A name.
    fn named(&self) -> String {
        format!("{self:?}")
    }
}

impl Named for KitchenClient {}

/// Attributes, generics, supertraits, methods with a body, and each kind of call.
#[api_client(base = "/api")]
#[must_use]
#[doc(alias = "kitchen")]
pub trait Kitchen: Named + Send + Sync
where
    Self: Sized,
{
    /// Not there, so that its type need not be.
    #[cfg(any())]
    #[get("/gone")]
    async fn gone(&self) -> Missing;
    /// One of two.
    #[cfg(not(any()))]
    #[get("/either")]
    async fn either(&self, #[query] page: u8) -> Result<()>;
    /// The other one.
    #[cfg(any())]
    #[get("/either")]
    async fn either(&self) -> Result<()>;
    /// Old.
    #[deprecated(note = "use `either`")]
    #[get("/old")]
    async fn old(&self) -> Result<()>;
    /// A lint that is expected here is not reported elsewhere.
    #[expect(non_snake_case)]
    #[get("/lints")]
    async fn lints(&self, #[query] camelCase: u8) -> Result<()>;
    /// More parameters than a linter likes.
    #[get("/many")]
    async fn many(
        &self,
        #[query] a: u8,
        #[query] b: u8,
        #[query] c: u8,
        #[query] d: u8,
        #[query] e: u8,
        #[query] f: u8,
        #[query] g: u8,
        #[query] h: u8,
    ) -> Result<()>;
    /// Lifetimes, types, constants and `dyn`.
    #[post("/generic")]
    async fn generic<'a, T, const N: usize>(
        &self,
        #[json] body: &'a T,
        #[query] list: [u8; N],
        #[query] shown: &(dyn std::fmt::Display + Sync),
    ) -> Result<()>
    where
        T: serde::Serialize + Sync + ?Sized;
    /// A body of its own.
    fn plain(&self) -> String {
        self.named()
    }
    /// The same with `async`.
    async fn twice(&self) -> Result<()> {
        self.either(1).await?;
        self.either(2).await
    }
    /// Pages.
    #[get("/pages", page(link))]
    fn pages(&self) -> Pages<u8>;
    /// Events.
    #[get("/events")]
    #[errors(404 => Missing)]
    fn events(&self) -> Events<String, Failure>;
    /// Lines.
    #[get("/lines")]
    fn lines(&self, #[query] tag: Option<&str>) -> Lines<u8>;
    /// Parts, one of which can be sent once, and a download.
    #[post("/parts")]
    async fn parts(
        &self,
        #[part] bytes: Option<Vec<u8>>,
        #[part] stream: StreamBody,
    ) -> Result<Download>;
}

fn spawned<T: Send + 'static>(_: T) {}

/// Code that is generic over the trait can spawn as well.
fn spawned_by_the_trait<K: Kitchen + 'static>(kitchen: K) {
    spawned(async move { kitchen.many(1, 2, 3, 4, 5, 6, 7, 8).await });
}

#[test]
fn each_kind_of_call_can_be_spawned_though_its_arguments_are_gone() {
    let shop = taken::ShopClient::ENDPOINTS;
    assert_eq!(shop[12].path, "/type/{type}/{r}");
    let kitchen = KitchenClient::builder("http://kitchen.example").build().unwrap();
    {
        let text = String::from("x");
        let stream = stream::iter([Ok::<_, std::io::Error>("x")]);
        spawned(kitchen.generic(&text, [1, 2], &text));
        spawned(kitchen.lines(Some(&text)));
        spawned(kitchen.parts(None, StreamBody::new(stream)));
    }
    spawned(kitchen.pages());
    spawned(kitchen.events());
    spawned(kitchen.lints(1));
    assert!(kitchen.plain().contains("Kitchen"));
    spawned_by_the_trait(kitchen);
}

#[test]
fn a_trait_made_of_fragments_declares_what_they_say() {
    let [one] = MadeClient::ENDPOINTS else { panic!("one endpoint") };
    assert_eq!((one.method, one.path, one.name), ("GET", "/a/{id}", "one"));
    assert_eq!(one.timeouts.total, Some(std::time::Duration::from_secs(10)));
    let made = MadeClient::builder("http://made.example").build().unwrap();
    let curl = made.one(7, 8).to_curl();
    assert!(curl.contains("/api/a/7?X-Id=8"), "{curl}");
}

#[test]
fn methods_of_the_user_win_over_those_of_every_client() {
    // Where each way to a client has another meaning, the one of the generated code is left.
    let shop = perennial::__private::builder::<taken::ShopClient>("").build().unwrap();
    assert_eq!(shop.new().endpoint().name, "new");
    assert_eq!(shop.session().endpoint().name, "session");
    assert_eq!(shop.clone().endpoint().name, "clone");
    spawned(shop.client());
    spawned(shop.r#type(1, 2));
    spawned(shop.call(1, 2, 3, 4, 5));
}

/// Every type has methods of all sorts of names where these are in scope.
mod in_a_scope_with_blanket_methods {
    use perennial::{Result, api_client};

    pub(crate) trait Everything {
        fn kind(&self) -> &'static str {
            "everything"
        }

        fn open(&self) -> bool {
            true
        }
    }

    impl<T: ?Sized> Everything for T {}

    #[api_client]
    pub(super) trait Plain {
        #[get("/orders/{id}")]
        async fn order(&self, id: u64) -> Result<Vec<String>>;
    }
}

#[test]
fn blanket_methods_in_scope_capture_nothing() {
    use in_a_scope_with_blanket_methods::{Everything, PlainClient};
    let client = PlainClient::builder("http://127.0.0.1:1").build().unwrap();
    assert_eq!(client.order(1).endpoint().name, "order");
    assert!(client.kind() == "everything" && client.open());
}
