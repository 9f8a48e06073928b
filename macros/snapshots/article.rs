/// The shop's API.
#[allow(dead_code, private_bounds, clippy::too_many_arguments)]
pub trait Shop {
    /// Signs in. The tokens that come back become the session's.
    fn login(
        &self,
        who: &Credentials,
    ) -> impl ::perennial::bounds::Future<Output = Result<Tokens>>;
    /// Renews the session. Carries the old token, waits for nothing.
    fn refresh(&self) -> impl ::perennial::bounds::Future<Output = Result<Tokens>>;
    /// One order.
    fn order(&self, id: u64) -> impl ::perennial::bounds::Future<Output = Result<Order>>;
    /// Orders, newest first.
    fn orders(
        &self,
        page: u32,
        tag: &[&str],
    ) -> impl ::perennial::bounds::Future<Output = Result<Vec<Order>>>;
    /// Needs no token and never waits for one.
    fn health(&self) -> impl ::perennial::bounds::Future<Output = Result<()>>;
}
#[allow(non_snake_case)]
mod client_of_Shop {
    ///A client of [`Shop`](super::Shop). Clones are cheap and share one session.
    pub struct ShopClient {
        pub(super) client: ::perennial::__private::Client,
    }
    #[automatically_derived]
    impl ::core::clone::Clone for ShopClient {
        fn clone(&self) -> Self {
            Self {
                client: ::core::clone::Clone::clone(&self.client),
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for ShopClient {
        fn fmt(
            &self,
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Debug::fmt(&self.client, formatter)
        }
    }
    #[allow(dead_code)]
    impl ShopClient {
        /// Starts building a client for the server at `base`, such as `https://host.example`.
        pub fn builder(
            base: impl ::core::convert::AsRef<str>,
        ) -> ::perennial::ClientBuilder<Self> {
            ::perennial::__private::builder(::core::convert::AsRef::as_ref(&base))
        }
        /// Creates a client for the server at `base` that shares the tokens and the refreshes of a session.
        ///
        /// # Errors
        ///
        /// If `base` is not a URL, or the HTTP client cannot be created.
        pub fn with_session(
            base: impl ::core::convert::AsRef<str>,
            session: &::perennial::Session,
        ) -> ::perennial::Result<Self> {
            ::perennial::__private::with_session(
                ::core::convert::AsRef::as_ref(&base),
                session,
            )
        }
        /// The session that all clones of this client share.
        pub fn session(&self) -> &::perennial::Session {
            self.client.session()
        }
        /// The same client for another session: same host, another user.
        #[must_use]
        pub fn in_session(&self, session: &::perennial::Session) -> Self {
            Self {
                client: self.client.in_session(session),
            }
        }
        #[doc(hidden)]
        pub fn new<Base: ::perennial::bounds::DeclaredHost<Client>, Client>(
            no_host_is_declared_write_builder: Base,
        ) -> Client {
            no_host_is_declared_write_builder.client()
        }
    }
}
#[allow(unused_imports)]
pub use client_of_Shop::ShopClient as ShopClient;
#[allow(unused_qualifications)]
const _: () = {
    #[allow(unused_imports)]
    use ::perennial::__private::kinds::{
        FromBuilder as _, FromRefresh as _, FromSession as _, OpenPlain as _,
        OpenResponse as _, Specific as _, Undecodable as _, ViaJson as _,
        ViaResponse as _,
    };
    #[allow(unused_imports)]
    use ::perennial::__private::value_kinds::{
        OptionalBoth as _, OptionalDisplayed as _, OptionalSerialized as _,
        PathBoth as _, PathDisplayed as _, PathNever as _, PathSerialized as _,
        QueryBoth as _, QueryDisplayed as _, QueryNever as _, QuerySerialized as _,
    };
    #[allow(dead_code)]
    const __CREDENTIALS: &'static [::perennial::__private::Credential] = const {
        &[
            ::perennial::__private::Credential::new(
                    "",
                    ::perennial::__private::Placement::Header {
                        name: "x-token",
                        scheme: ::core::option::Option::None,
                    },
                )
                .expired(const {
                    &[
                        ::perennial::__private::Rule::NEW
                            .codes(&[::perennial::__private::Scalar::Int(1234i64)]),
                    ]
                }),
        ]
    };
    const __ENVELOPE: &'static ::perennial::__private::Envelope = &::perennial::__private::Envelope::new(
            &["code"],
        )
        .message(&["message"])
        .data(&["data"])
        .ok(&[::perennial::__private::Scalar::Int(0i64)], false);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_login: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "login",
            "POST",
            "/login",
        )
        .access(::perennial::__private::Access::Public)
        .role(::perennial::__private::Role::Login, ::core::option::Option::None)
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_refresh: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "refresh",
            "POST",
            "/refreshtoken",
        )
        .role(::perennial::__private::Role::Refresh, ::core::option::Option::None)
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_order: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "order",
            "GET",
            "/orders/{id}",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_orders: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "orders",
            "GET",
            "/orders",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_health: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "health",
            "GET",
            "/health",
        )
        .access(::perennial::__private::Access::Public)
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_snake_case, clippy::too_many_arguments)]
    impl client_of_Shop::ShopClient {
        /// The declared endpoints, one row for each.
        pub const ENDPOINTS: &'static [::perennial::declared::Endpoint] = &[
            *__endpoint_login,
            *__endpoint_refresh,
            *__endpoint_order,
            *__endpoint_orders,
            *__endpoint_health,
        ];
        /// Signs in. The tokens that come back become the session's.
        ///
        ///`POST /login`
        pub fn login(
            &self,
            who: &Credentials,
        ) -> ::perennial::__private::CallOf<Result<Tokens>> {
            self.client
                .call(__endpoint_login)
                .literal("/login")
                .json(<Credentials as ::perennial::bounds::JsonBody>::serialized(&*who))
                .end(
                    <Tokens as ::perennial::bounds::TokensValue<
                        _,
                    >>::end_of_login(
                        <Tokens as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<Tokens>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <Tokens as ::perennial::bounds::SendValue>::SENDABLE,
                        <<Result<
                            Tokens,
                        > as ::perennial::bounds::Returned>::Error as ::perennial::bounds::CallError>::from_call,
                    ),
                )
        }
        /// Renews the session. Carries the old token, waits for nothing.
        ///
        ///`POST /refreshtoken`
        pub fn refresh(&self) -> ::perennial::__private::CallOf<Result<Tokens>> {
            self.client
                .call(__endpoint_refresh)
                .literal("/refreshtoken")
                .end(
                    ::perennial::__private::end::<
                        Tokens,
                        _,
                        _,
                    >(
                        <Tokens as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<Tokens>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <Tokens as ::perennial::bounds::SendValue>::SENDABLE,
                        <<Result<
                            Tokens,
                        > as ::perennial::bounds::Returned>::Error as ::perennial::bounds::CallError>::from_call,
                    ),
                )
        }
        /// One order.
        ///
        ///`GET /orders/{id}`
        pub fn order(&self, id: u64) -> ::perennial::__private::CallOf<Result<Order>> {
            self.client
                .call(__endpoint_order)
                .literal("/orders/")
                .segment(
                    "id",
                    &|each| <u64 as ::perennial::bounds::PathValue<
                        _,
                    >>::text(
                        (&&&&::perennial::__private::probe_of::<u64>()).__path_form(),
                        &id,
                        each,
                    ),
                )
                .end(
                    ::perennial::__private::end::<
                        Order,
                        _,
                        _,
                    >(
                        <Order as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<Order>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <Order as ::perennial::bounds::SendValue>::SENDABLE,
                        <<Result<
                            Order,
                        > as ::perennial::bounds::Returned>::Error as ::perennial::bounds::CallError>::from_call,
                    ),
                )
        }
        /// Orders, newest first.
        ///
        ///`GET /orders`
        pub fn orders(
            &self,
            page: u32,
            tag: &[&str],
        ) -> ::perennial::__private::CallOf<Result<Vec<Order>>> {
            self.client
                .call(__endpoint_orders)
                .literal("/orders")
                .query(
                    "page",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <u32 as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<u32>()).__query_form(),
                        &page,
                        each,
                    ),
                )
                .query(
                    "tag",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <&[&str] as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<&[&str]>())
                            .__query_form(),
                        &tag,
                        each,
                    ),
                )
                .end(
                    ::perennial::__private::end::<
                        Vec<Order>,
                        _,
                        _,
                    >(
                        <Vec<
                            Order,
                        > as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<Vec<Order>>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <Vec<Order> as ::perennial::bounds::SendValue>::SENDABLE,
                        <<Result<
                            Vec<Order>,
                        > as ::perennial::bounds::Returned>::Error as ::perennial::bounds::CallError>::from_call,
                    ),
                )
        }
        /// Needs no token and never waits for one.
        ///
        ///`GET /health`
        pub fn health(&self) -> ::perennial::__private::CallOf<Result<()>> {
            self.client
                .call(__endpoint_health)
                .literal("/health")
                .end(
                    ::perennial::__private::end::<
                        (),
                        _,
                        _,
                    >(
                        <() as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<()>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <() as ::perennial::bounds::SendValue>::SENDABLE,
                        <<Result<
                            (),
                        > as ::perennial::bounds::Returned>::Error as ::perennial::bounds::CallError>::from_call,
                    ),
                )
        }
    }
    #[automatically_derived]
    impl ::perennial::__private::ApiClient for client_of_Shop::ShopClient {
        const API: &'static ::perennial::__private::Api = &::perennial::__private::Api::new(
                "Shop",
                Self::ENDPOINTS,
            )
            .base("/api")
            .credentials(__CREDENTIALS)
            .renewals(const {
                &[
                    ::perennial::__private::Renewal::new(
                        "",
                        |client, tokens| {
                            ::core::result::Result::Ok(
                                client
                                    .call(__endpoint_refresh)
                                    .literal("/refreshtoken")
                                    .renewal(
                                        <Tokens as ::perennial::bounds::TokensValue<
                                            _,
                                        >>::decoder(
                                            (&&&&(&&::perennial::__private::Probe::<Tokens>::NEW)
                                                .__perennial_open())
                                                .__perennial_kind(),
                                        ),
                                    ),
                            )
                        },
                    ),
                ]
            });
        fn from_client(client: ::perennial::__private::Client) -> Self {
            Self { client: client }
        }
        fn as_client(&self) -> &::perennial::__private::Client {
            &self.client
        }
    }
};
#[allow(deprecated, non_snake_case, private_interfaces, unused_qualifications)]
#[automatically_derived]
impl Shop for client_of_Shop::ShopClient {
    fn login(
        &self,
        who: &Credentials,
    ) -> impl ::perennial::bounds::Future<Output = Result<Tokens>> {
        ::perennial::__private::future(Self::login(self, who))
    }
    fn refresh(&self) -> impl ::perennial::bounds::Future<Output = Result<Tokens>> {
        ::perennial::__private::future(Self::refresh(self))
    }
    fn order(
        &self,
        id: u64,
    ) -> impl ::perennial::bounds::Future<Output = Result<Order>> {
        ::perennial::__private::future(Self::order(self, id))
    }
    fn orders(
        &self,
        page: u32,
        tag: &[&str],
    ) -> impl ::perennial::bounds::Future<Output = Result<Vec<Order>>> {
        ::perennial::__private::future(Self::orders(self, page, tag))
    }
    fn health(&self) -> impl ::perennial::bounds::Future<Output = Result<()>> {
        ::perennial::__private::future(Self::health(self))
    }
}
#[allow(unused_imports, unexpected_cfgs)]
const _: () = {
    use ::perennial::reference::option::base as _;
    use ::perennial::reference::option::envelope as _;
    use ::perennial::reference::option::auth as _;
    use ::perennial::reference::envelope::code as _;
    use ::perennial::reference::envelope::message as _;
    use ::perennial::reference::envelope::data as _;
    use ::perennial::reference::envelope::ok as _;
    use ::perennial::reference::auth::header as _;
    use ::perennial::reference::auth::expired as _;
    use ::perennial::reference::rule::code as _;
    use ::perennial::reference::verb::post as _;
    use ::perennial::reference::option::login as _;
    use ::perennial::reference::role::json as _;
    use ::perennial::reference::verb::post as _;
    use ::perennial::reference::option::refresh as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::option::public as _;
};
