/// A bit of everything that the language has.
#[allow(dead_code, private_bounds, clippy::too_many_arguments)]
pub trait Shop: Send + Sync {
    /// Renews the session.
    fn refresh(
        &self,
        with: RefreshRequest,
    ) -> impl ::perennial::bounds::Future<Output = Result<Tokens>>;
    /// Renews the device.
    fn refresh_device(
        &self,
    ) -> impl ::perennial::bounds::Future<Output = Result<Tokens>>;
    /// Ends the session.
    fn logout(&self) -> impl ::perennial::bounds::Future<Output = Result<()>>;
    /// One item of many shapes.
    fn item(
        &self,
        shop: &str,
        kind: Option<u32>,
        page_size: Option<u32>,
        ids: &[u64],
        filter: &Filter,
        if_match: Option<&str>,
    ) -> impl ::perennial::bounds::Future<Output = Result<Item, ShopError>>;
    #[cfg(all())]
    /// A file, whatever its path.
    fn file(
        &self,
        path: &str,
    ) -> impl ::perennial::bounds::Future<Output = Result<Bytes>>;
    #[cfg(any())]
    /// Only there by a flag that nobody sets.
    fn never(&self) -> impl ::perennial::bounds::Future<Output = Result<Never>>;
    /// A form, once.
    #[deprecated(note = "use something else")]
    fn rename(
        &self,
        id: u64,
        name: &str,
        tags: Vec<String>,
    ) -> impl ::perennial::bounds::Future<Output = Result<()>>;
    /// Another method, and another host.
    fn properties(
        &self,
        url: &str,
    ) -> impl ::perennial::bounds::Future<Output = Result<String>>;
    /// A method that stays as it is.
    #[allow(async_fn_in_trait)]
    async fn both(&self) -> bool {
        self.logout().await.is_ok()
    }
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
        /// Creates a client for the host in its declaration.
        ///
        /// # Errors
        ///
        /// If the HTTP client cannot be created.
        pub fn new() -> ::perennial::Result<Self> {
            ::perennial::__private::builder("").build()
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
                        name: "authorization",
                        scheme: ::core::option::Option::Some("Token"),
                    },
                )
                .expired(const {
                    &[
                        ::perennial::__private::Rule::NEW
                            .codes(
                                &[
                                    ::perennial::__private::Scalar::Text("9999"),
                                    ::perennial::__private::Scalar::Text("9998"),
                                ],
                            ),
                        ::perennial::__private::Rule::NEW
                            .statuses(&[401u16])
                            .headers(const {
                                &[
                                    ::perennial::__private::HeaderRule::new(
                                        "www-authenticate",
                                        ::perennial::__private::HeaderMatch::Contains(
                                            "invalid_token",
                                        ),
                                    ),
                                ]
                            }),
                    ]
                })
                .logout(const {
                    &[
                        ::perennial::__private::Rule::NEW
                            .codes(&[::perennial::__private::Scalar::Text("8888")])
                            .body(
                                &[
                                    (
                                        &["soft_logout"],
                                        ::perennial::__private::Scalar::Bool(false),
                                    ),
                                ],
                            ),
                    ]
                })
                .early(
                    ::perennial::__private::Early::By(
                        ::core::time::Duration::from_secs(30u64),
                    ),
                )
                .renewed(::perennial::__private::TokenPlace::Header("new-token"))
                .grace(::core::time::Duration::from_secs(10u64))
                .window(5u32, ::core::time::Duration::from_secs(30u64)),
            ::perennial::__private::Credential::new(
                    "device",
                    ::perennial::__private::Placement::Header {
                        name: "x-device",
                        scheme: ::core::option::Option::None,
                    },
                )
                .expired(const {
                    &[
                        ::perennial::__private::Rule::NEW
                            .when(|response| ::perennial::bounds::ResponseRule::judge(
                                &is_over,
                                response,
                            )),
                    ]
                })
                .early(::perennial::__private::Early::Off),
        ]
    };
    const __ENVELOPE: &'static ::perennial::__private::Envelope = &::perennial::__private::Envelope::new(
            &["errors", "0", "code"],
        )
        .data(&["data"])
        .ok(&[::perennial::__private::Scalar::Text("0000")], false)
        .ok_without(&["errors"]);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_refresh: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "refresh",
            "POST",
            "/auth/refresh",
        )
        .access(::perennial::__private::Access::Public)
        .role(::perennial::__private::Role::Refresh, ::core::option::Option::None)
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE)
        .timeouts(
            ::perennial::__private::Timeouts::NONE
                .connect(::core::time::Duration::from_millis(500u64)),
        )
        .retry(
            ::perennial::__private::Retry::new(3u32)
                .on(&[502u16], true, true)
                .backoff(
                    ::core::time::Duration::from_millis(100u64),
                    ::core::time::Duration::from_secs(5u64),
                ),
        )
        .replay(::perennial::__private::Replay::Idempotent);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_refresh_device: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "refresh_device",
            "POST",
            "/device/refresh",
        )
        .role(
            ::perennial::__private::Role::Refresh,
            ::core::option::Option::Some("device"),
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE)
        .timeouts(
            ::perennial::__private::Timeouts::NONE
                .connect(::core::time::Duration::from_millis(500u64)),
        )
        .retry(
            ::perennial::__private::Retry::new(3u32)
                .on(&[502u16], true, true)
                .backoff(
                    ::core::time::Duration::from_millis(100u64),
                    ::core::time::Duration::from_secs(5u64),
                ),
        )
        .replay(::perennial::__private::Replay::Idempotent);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_logout: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "logout",
            "POST",
            "/logout",
        )
        .role(::perennial::__private::Role::Logout, ::core::option::Option::None)
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE)
        .timeouts(
            ::perennial::__private::Timeouts::NONE
                .total(::core::time::Duration::from_secs(60u64))
                .attempt(::core::time::Duration::from_secs(10u64))
                .connect(::core::time::Duration::from_millis(500u64)),
        )
        .retry(
            ::perennial::__private::Retry::new(3u32)
                .on(&[502u16], true, true)
                .backoff(
                    ::core::time::Duration::from_millis(100u64),
                    ::core::time::Duration::from_secs(5u64),
                ),
        )
        .replay(::perennial::__private::Replay::Idempotent);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_item: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "item",
            "GET",
            "/shops/{shop}/items/{kind?}",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE)
        .replay(::perennial::__private::Replay::Idempotent);
    #[cfg(all())]
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_file: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "file",
            "GET",
            "/files/{*path}?raw=1",
        )
        .access(::perennial::__private::Access::Optional)
        .credentials(__CREDENTIALS)
        .timeouts(
            ::perennial::__private::Timeouts::NONE
                .total(::core::time::Duration::from_secs(60u64))
                .attempt(::core::time::Duration::from_secs(10u64))
                .connect(::core::time::Duration::from_millis(500u64)),
        )
        .retry(
            ::perennial::__private::Retry::new(3u32)
                .on(&[502u16], true, true)
                .backoff(
                    ::core::time::Duration::from_millis(100u64),
                    ::core::time::Duration::from_secs(5u64),
                ),
        )
        .replay(::perennial::__private::Replay::Idempotent);
    #[cfg(any())]
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_never: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "never",
            "GET",
            "/never",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE)
        .timeouts(
            ::perennial::__private::Timeouts::NONE
                .total(::core::time::Duration::from_secs(60u64))
                .attempt(::core::time::Duration::from_secs(10u64))
                .connect(::core::time::Duration::from_millis(500u64)),
        )
        .retry(
            ::perennial::__private::Retry::new(3u32)
                .on(&[502u16], true, true)
                .backoff(
                    ::core::time::Duration::from_millis(100u64),
                    ::core::time::Duration::from_secs(5u64),
                ),
        )
        .replay(::perennial::__private::Replay::Idempotent);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_rename: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "rename",
            "PUT",
            "/items/{id}",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE)
        .timeouts(
            ::perennial::__private::Timeouts::NONE
                .total(::core::time::Duration::from_secs(60u64))
                .attempt(::core::time::Duration::from_secs(10u64))
                .connect(::core::time::Duration::from_millis(500u64)),
        )
        .retry(
            ::perennial::__private::Retry::new(3u32)
                .on(&[502u16], true, true)
                .backoff(
                    ::core::time::Duration::from_millis(100u64),
                    ::core::time::Duration::from_secs(5u64),
                ),
        )
        .replay(::perennial::__private::Replay::Off)
        .idempotent(::core::option::Option::Some("idempotency-key"));
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_properties: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "properties",
            "PROPFIND",
            "",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE)
        .timeouts(
            ::perennial::__private::Timeouts::NONE
                .total(::core::time::Duration::from_secs(60u64))
                .attempt(::core::time::Duration::from_secs(10u64))
                .connect(::core::time::Duration::from_millis(500u64)),
        )
        .retry(
            ::perennial::__private::Retry::new(3u32)
                .on(&[502u16], true, true)
                .backoff(
                    ::core::time::Duration::from_millis(100u64),
                    ::core::time::Duration::from_secs(5u64),
                ),
        )
        .replay(::perennial::__private::Replay::Idempotent);
    #[allow(dead_code, non_snake_case, clippy::too_many_arguments)]
    impl client_of_Shop::ShopClient {
        /// The declared endpoints, one row for each.
        pub const ENDPOINTS: &'static [::perennial::declared::Endpoint] = &[
            *__endpoint_refresh,
            *__endpoint_refresh_device,
            *__endpoint_logout,
            *__endpoint_item,
            #[cfg(all())]
            *__endpoint_file,
            #[cfg(any())]
            *__endpoint_never,
            *__endpoint_rename,
            *__endpoint_properties,
        ];
        /// Renews the session.
        ///
        ///`POST /auth/refresh`
        pub fn refresh(
            &self,
            with: RefreshRequest,
        ) -> ::perennial::__private::CallOf<Result<Tokens>> {
            self.client
                .call(__endpoint_refresh)
                .literal("/auth/refresh")
                .fixed_header("accept", "application/json")
                .computed_header(
                    "x-request-id",
                    ::perennial::bounds::HeaderFunction::header(&request_id),
                )
                .json(
                    <RefreshRequest as ::perennial::bounds::JsonBody>::serialized(&with),
                )
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
        /// Renews the device.
        ///
        ///`POST /device/refresh`
        pub fn refresh_device(&self) -> ::perennial::__private::CallOf<Result<Tokens>> {
            self.client
                .call(__endpoint_refresh_device)
                .literal("/device/refresh")
                .fixed_header("accept", "application/json")
                .computed_header(
                    "x-request-id",
                    ::perennial::bounds::HeaderFunction::header(&request_id),
                )
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
        /// Ends the session.
        ///
        ///`POST /logout`
        pub fn logout(&self) -> ::perennial::__private::CallOf<Result<()>> {
            self.client
                .call(__endpoint_logout)
                .literal("/logout")
                .fixed_header("accept", "application/json")
                .computed_header(
                    "x-request-id",
                    ::perennial::bounds::HeaderFunction::header(&request_id),
                )
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
        /// One item of many shapes.
        ///
        ///`GET /shops/{shop}/items/{kind?}`
        pub fn item(
            &self,
            shop: &str,
            kind: Option<u32>,
            page_size: Option<u32>,
            ids: &[u64],
            filter: &Filter,
            if_match: Option<&str>,
        ) -> ::perennial::__private::CallOf<Result<Item, ShopError>> {
            self.client
                .call(__endpoint_item)
                .literal("/shops/")
                .segment(
                    "shop",
                    &|each| <&str as ::perennial::bounds::PathValue<
                        _,
                    >>::text(
                        (&&&&::perennial::__private::probe_of::<&str>()).__path_form(),
                        &shop,
                        each,
                    ),
                )
                .literal("/items")
                .optional_segment(
                    "kind",
                    &|each| <Option<
                        u32,
                    > as ::perennial::bounds::OptionalPathValue<
                        _,
                    >>::optional_text(
                        (&&&::perennial::__private::probe_of::<Option<u32>>())
                            .__optional_form(),
                        &kind,
                        each,
                    ),
                )
                .computed_header(
                    "x-request-id",
                    ::perennial::bounds::HeaderFunction::header(&request_id),
                )
                .query(
                    "pageSize",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <Option<
                        u32,
                    > as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<Option<u32>>())
                            .__query_form(),
                        &page_size,
                        each,
                    ),
                )
                .query(
                    "ids",
                    ::perennial::__private::ListStyle::Comma,
                    &|each| <&[u64] as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<&[u64]>()).__query_form(),
                        &ids,
                        each,
                    ),
                )
                .query_struct(
                    <Filter as ::perennial::bounds::FormBody>::to_query(&*filter),
                )
                .header(
                    "if-match",
                    <Option<
                        &str,
                    > as ::perennial::bounds::HeaderValueSource<
                        _,
                    >>::header_value(&if_match),
                )
                .end(
                    ::perennial::__private::end::<
                        Item,
                        _,
                        _,
                    >(
                        <Item as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<Item>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <Item as ::perennial::bounds::SendValue>::SENDABLE,
                        |error| {
                            ::perennial::__private::ErrorMap::<ShopError>::new(error)
                                .status(
                                    404u16,
                                    404u16,
                                    |error| ::perennial::bounds::Variant::<
                                        ShopError,
                                        _,
                                    >::of(<ShopError>::NotFound, error),
                                )
                                .status(
                                    500u16,
                                    599u16,
                                    |error| ::perennial::bounds::Variant::<
                                        ShopError,
                                        _,
                                    >::of(<ShopError>::Outage, error),
                                )
                                .code(
                                    ::perennial::__private::Scalar::Int(2001i64),
                                    |error| ::perennial::bounds::Variant::<
                                        ShopError,
                                        _,
                                    >::of(<ShopError>::QuotaExceeded, error),
                                )
                                .end(
                                    <ShopError as ::perennial::bounds::CallError>::from_call,
                                )
                        },
                    ),
                )
        }
        #[cfg(all())]
        /// A file, whatever its path.
        ///
        ///`GET /files/{*path}?raw=1`
        pub fn file(&self, path: &str) -> ::perennial::__private::CallOf<Result<Bytes>> {
            self.client
                .call(__endpoint_file)
                .literal("/files/")
                .tail(
                    "path",
                    &|each| <&str as ::perennial::bounds::PathValue<
                        _,
                    >>::text(
                        (&&&&::perennial::__private::probe_of::<&str>()).__path_form(),
                        &path,
                        each,
                    ),
                )
                .literal_query("raw=1")
                .fixed_header("accept", "application/json")
                .computed_header(
                    "x-request-id",
                    ::perennial::bounds::HeaderFunction::header(&request_id),
                )
                .end(
                    ::perennial::__private::end::<
                        Bytes,
                        _,
                        _,
                    >(
                        <Bytes as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<Bytes>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <Bytes as ::perennial::bounds::SendValue>::SENDABLE,
                        <<Result<
                            Bytes,
                        > as ::perennial::bounds::Returned>::Error as ::perennial::bounds::CallError>::from_call,
                    ),
                )
        }
        #[cfg(any())]
        /// Only there by a flag that nobody sets.
        ///
        ///`GET /never`
        pub fn never(&self) -> ::perennial::__private::CallOf<Result<Never>> {
            self.client
                .call(__endpoint_never)
                .literal("/never")
                .fixed_header("accept", "application/json")
                .computed_header(
                    "x-request-id",
                    ::perennial::bounds::HeaderFunction::header(&request_id),
                )
                .end(
                    ::perennial::__private::end::<
                        Never,
                        _,
                        _,
                    >(
                        <Never as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<Never>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <Never as ::perennial::bounds::SendValue>::SENDABLE,
                        <<Result<
                            Never,
                        > as ::perennial::bounds::Returned>::Error as ::perennial::bounds::CallError>::from_call,
                    ),
                )
        }
        /// A form, once.
        #[deprecated(note = "use something else")]
        ///
        ///`PUT /items/{id}`
        pub fn rename(
            &self,
            id: u64,
            name: &str,
            tags: Vec<String>,
        ) -> ::perennial::__private::CallOf<Result<()>> {
            self.client
                .call(__endpoint_rename)
                .literal("/items/")
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
                .fixed_header("accept", "application/json")
                .computed_header(
                    "x-request-id",
                    ::perennial::bounds::HeaderFunction::header(&request_id),
                )
                .field(
                    "name",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <&str as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<&str>()).__query_form(),
                        &name,
                        each,
                    ),
                )
                .field(
                    "tag",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <Vec<
                        String,
                    > as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<Vec<String>>())
                            .__query_form(),
                        &tags,
                        each,
                    ),
                )
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
        /// Another method, and another host.
        ///
        ///`PROPFIND` to the given URL
        pub fn properties(
            &self,
            url: &str,
        ) -> ::perennial::__private::CallOf<Result<String>> {
            self.client
                .call(__endpoint_properties)
                .url(<&str as ::perennial::bounds::UrlValue>::as_address(&url))
                .fixed_header("accept", "application/json")
                .computed_header(
                    "x-request-id",
                    ::perennial::bounds::HeaderFunction::header(&request_id),
                )
                .end(
                    ::perennial::__private::end::<
                        String,
                        _,
                        _,
                    >(
                        <String as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<String>::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <String as ::perennial::bounds::SendValue>::SENDABLE,
                        <<Result<
                            String,
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
            .base("https://shop.example/api")
            .credentials(__CREDENTIALS)
            .connect_timeout(::core::time::Duration::from_millis(500u64))
            .renewals(const {
                &[
                    ::perennial::__private::Renewal::new(
                            "",
                            |client, tokens| {
                                let with = <::perennial::Tokens as ::perennial::bounds::RefreshArgument<
                                    RefreshRequest,
                                    _,
                                >>::create(
                                    (&&&::perennial::__private::Source::<RefreshRequest>::NEW)
                                        .__perennial_source(),
                                    client,
                                    tokens,
                                )?;
                                ::core::result::Result::Ok(
                                    client
                                        .call(__endpoint_refresh)
                                        .literal("/auth/refresh")
                                        .fixed_header("accept", "application/json")
                                        .computed_header(
                                            "x-request-id",
                                            ::perennial::bounds::HeaderFunction::header(&request_id),
                                        )
                                        .json(
                                            <RefreshRequest as ::perennial::bounds::JsonBody>::serialized(
                                                &with,
                                            ),
                                        )
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
                        )
                        .tokenless(|| {
                            !(false
                                || ::perennial::__private::needs_tokens(
                                    (&&&::perennial::__private::Source::<RefreshRequest>::NEW)
                                        .__perennial_source(),
                                ))
                        })
                        .missing(|client| {
                            ::core::option::Option::None
                                .or_else(|| <::perennial::Tokens as ::perennial::bounds::RefreshArgument<
                                    RefreshRequest,
                                    _,
                                >>::missing(
                                    (&&&::perennial::__private::Source::<RefreshRequest>::NEW)
                                        .__perennial_source(),
                                    client,
                                ))
                        }),
                    ::perennial::__private::Renewal::new(
                        "device",
                        |client, tokens| {
                            ::core::result::Result::Ok(
                                client
                                    .call(__endpoint_refresh_device)
                                    .literal("/device/refresh")
                                    .fixed_header("accept", "application/json")
                                    .computed_header(
                                        "x-request-id",
                                        ::perennial::bounds::HeaderFunction::header(&request_id),
                                    )
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
    fn refresh(
        &self,
        with: RefreshRequest,
    ) -> impl ::perennial::bounds::Future<Output = Result<Tokens>> {
        ::perennial::__private::future(Self::refresh(self, with))
    }
    fn refresh_device(
        &self,
    ) -> impl ::perennial::bounds::Future<Output = Result<Tokens>> {
        ::perennial::__private::future(Self::refresh_device(self))
    }
    fn logout(&self) -> impl ::perennial::bounds::Future<Output = Result<()>> {
        ::perennial::__private::future(Self::logout(self))
    }
    fn item(
        &self,
        shop: &str,
        kind: Option<u32>,
        page_size: Option<u32>,
        ids: &[u64],
        filter: &Filter,
        if_match: Option<&str>,
    ) -> impl ::perennial::bounds::Future<Output = Result<Item, ShopError>> {
        ::perennial::__private::future(
            Self::item(self, shop, kind, page_size, ids, filter, if_match),
        )
    }
    #[cfg(all())]
    fn file(
        &self,
        path: &str,
    ) -> impl ::perennial::bounds::Future<Output = Result<Bytes>> {
        ::perennial::__private::future(Self::file(self, path))
    }
    #[cfg(any())]
    fn never(&self) -> impl ::perennial::bounds::Future<Output = Result<Never>> {
        ::perennial::__private::future(Self::never(self))
    }
    fn rename(
        &self,
        id: u64,
        name: &str,
        tags: Vec<String>,
    ) -> impl ::perennial::bounds::Future<Output = Result<()>> {
        ::perennial::__private::future(Self::rename(self, id, name, tags))
    }
    fn properties(
        &self,
        url: &str,
    ) -> impl ::perennial::bounds::Future<Output = Result<String>> {
        ::perennial::__private::future(Self::properties(self, url))
    }
}
///[`Shop`] as a trait object: every implementor of [`Shop`] implements this trait, and `dyn DynShop` implements [`Shop`].
#[allow(dead_code, non_snake_case, clippy::too_many_arguments)]
pub trait DynShop: ::perennial::__private::MaybeSend + ::perennial::__private::MaybeSync + Send + Sync {
    /// Renews the session.
    fn refresh<'call>(
        &'call self,
        with: RefreshRequest,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Tokens>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    /// Renews the device.
    fn refresh_device<'call>(
        &'call self,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Tokens>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    /// Ends the session.
    fn logout<'call>(
        &'call self,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<()>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    /// One item of many shapes.
    fn item<'call>(
        &'call self,
        shop: &'call str,
        kind: Option<u32>,
        page_size: Option<u32>,
        ids: &'call [u64],
        filter: &'call Filter,
        if_match: Option<&'call str>,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Item, ShopError>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    #[cfg(all())]
    /// A file, whatever its path.
    fn file<'call>(
        &'call self,
        path: &'call str,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Bytes>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    #[cfg(any())]
    /// Only there by a flag that nobody sets.
    fn never<'call>(
        &'call self,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Never>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    /// A form, once.
    #[deprecated(note = "use something else")]
    fn rename<'call>(
        &'call self,
        id: u64,
        name: &'call str,
        tags: Vec<String>,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<()>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    /// Another method, and another host.
    fn properties<'call>(
        &'call self,
        url: &'call str,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<String>,
            > + ::core::marker::Send + 'call,
        >,
    >;
}
#[allow(deprecated, non_snake_case)]
impl<Implementor> DynShop for Implementor
where
    Implementor: Shop + ::perennial::__private::MaybeSend
        + ::perennial::__private::MaybeSync,
{
    fn refresh<'call>(
        &'call self,
        with: RefreshRequest,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Tokens>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(Shop::refresh(self, with))
    }
    fn refresh_device<'call>(
        &'call self,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Tokens>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(Shop::refresh_device(self))
    }
    fn logout<'call>(
        &'call self,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<()>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(Shop::logout(self))
    }
    fn item<'call>(
        &'call self,
        shop: &'call str,
        kind: Option<u32>,
        page_size: Option<u32>,
        ids: &'call [u64],
        filter: &'call Filter,
        if_match: Option<&'call str>,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Item, ShopError>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(
            Shop::item(self, shop, kind, page_size, ids, filter, if_match),
        )
    }
    #[cfg(all())]
    fn file<'call>(
        &'call self,
        path: &'call str,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Bytes>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(Shop::file(self, path))
    }
    #[cfg(any())]
    fn never<'call>(
        &'call self,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<Never>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(Shop::never(self))
    }
    fn rename<'call>(
        &'call self,
        id: u64,
        name: &'call str,
        tags: Vec<String>,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<()>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(Shop::rename(self, id, name, tags))
    }
    fn properties<'call>(
        &'call self,
        url: &'call str,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<String>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(Shop::properties(self, url))
    }
}
#[allow(deprecated, non_snake_case)]
impl Shop for dyn DynShop + '_ {
    async fn refresh(&self, with: RefreshRequest) -> Result<Tokens> {
        DynShop::refresh(self, with).await
    }
    async fn refresh_device(&self) -> Result<Tokens> {
        DynShop::refresh_device(self).await
    }
    async fn logout(&self) -> Result<()> {
        DynShop::logout(self).await
    }
    async fn item(
        &self,
        shop: &str,
        kind: Option<u32>,
        page_size: Option<u32>,
        ids: &[u64],
        filter: &Filter,
        if_match: Option<&str>,
    ) -> Result<Item, ShopError> {
        DynShop::item(self, shop, kind, page_size, ids, filter, if_match).await
    }
    #[cfg(all())]
    async fn file(&self, path: &str) -> Result<Bytes> {
        DynShop::file(self, path).await
    }
    #[cfg(any())]
    async fn never(&self) -> Result<Never> {
        DynShop::never(self).await
    }
    async fn rename(&self, id: u64, name: &str, tags: Vec<String>) -> Result<()> {
        DynShop::rename(self, id, name, tags).await
    }
    async fn properties(&self, url: &str) -> Result<String> {
        DynShop::properties(self, url).await
    }
}
#[allow(unused_imports, unexpected_cfgs)]
const _: () = {
    use ::perennial::reference::option::base as _;
    use ::perennial::reference::option::envelope as _;
    use ::perennial::reference::option::auth as _;
    use ::perennial::reference::option::auth as _;
    use ::perennial::reference::option::timeout as _;
    use ::perennial::reference::option::retry as _;
    use ::perennial::reference::option::headers as _;
    use ::perennial::reference::option::rename_all as _;
    use ::perennial::reference::option::replay as _;
    use ::perennial::reference::option::r#dyn as _;
    use ::perennial::reference::envelope::code as _;
    use ::perennial::reference::envelope::data as _;
    use ::perennial::reference::envelope::ok as _;
    use ::perennial::reference::auth::scheme as _;
    use ::perennial::reference::auth::expired as _;
    use ::perennial::reference::auth::expired as _;
    use ::perennial::reference::auth::logout as _;
    use ::perennial::reference::auth::early as _;
    use ::perennial::reference::auth::renewed as _;
    use ::perennial::reference::auth::grace as _;
    use ::perennial::reference::auth::window as _;
    use ::perennial::reference::rule::code as _;
    use ::perennial::reference::rule::status as _;
    use ::perennial::reference::rule::header as _;
    use ::perennial::reference::rule::code as _;
    use ::perennial::reference::rule::body as _;
    use ::perennial::reference::auth::name as _;
    use ::perennial::reference::auth::header as _;
    use ::perennial::reference::auth::early as _;
    use ::perennial::reference::auth::expired as _;
    use ::perennial::reference::rule::when as _;
    use ::perennial::reference::timeout::total as _;
    use ::perennial::reference::timeout::attempt as _;
    use ::perennial::reference::timeout::connect as _;
    use ::perennial::reference::retry::on as _;
    use ::perennial::reference::retry::backoff as _;
    use ::perennial::reference::verb::post as _;
    use ::perennial::reference::option::refresh as _;
    use ::perennial::reference::option::public as _;
    use ::perennial::reference::role::json as _;
    use ::perennial::reference::verb::post as _;
    use ::perennial::reference::option::refresh as _;
    use ::perennial::reference::verb::post as _;
    use ::perennial::reference::option::logout as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::option::timeout as _;
    use ::perennial::reference::option::retry as _;
    use ::perennial::reference::option::headers as _;
    use ::perennial::reference::verb::errors as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::role_option::style as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::role_option::flatten as _;
    use ::perennial::reference::role::header as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::option::envelope as _;
    use ::perennial::reference::option::optional as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::verb::put as _;
    use ::perennial::reference::option::idempotent as _;
    use ::perennial::reference::option::replay as _;
    use ::perennial::reference::role::field as _;
    use ::perennial::reference::role::field as _;
    use ::perennial::reference::verb::http as _;
    use ::perennial::reference::role::url as _;
};
