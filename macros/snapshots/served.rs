/// Each kind of argument and of result, seen from the server.
#[allow(dead_code, private_bounds, clippy::too_many_arguments)]
pub trait Shop {
    /// Signs in.
    fn login(
        &self,
        user: &str,
        password: &str,
    ) -> impl ::perennial::bounds::Future<Output = Result<Tokens>>;
    /// Renews the session.
    fn refresh(&self) -> impl ::perennial::bounds::Future<Output = Result<Tokens>>;
    /// Everything that is text.
    fn items<'a>(
        &self,
        shop: u64,
        kind: Option<&'a str>,
        ids: &[u64],
        tags: &[&str],
        colors: Option<&[&str]>,
        filter: &Filter<'a>,
        if_match: Option<&str>,
        more: &HeaderMap,
        priority: Priority,
    ) -> impl ::perennial::bounds::Future<
        Output = Result<Response<Vec<Item>>, ShopError>,
    >;
    /// A body.
    fn replace(
        &self,
        id: u64,
        item: &Item,
    ) -> impl ::perennial::bounds::Future<Output = Result<()>>;
    /// Parts.
    fn upload(
        &self,
        title: &str,
        about: &About,
        photo: Part,
    ) -> impl ::perennial::bounds::Future<Output = Result<()>>;
    /// Bytes.
    fn raw(
        &self,
        bytes: Bytes,
    ) -> impl ::perennial::bounds::Future<Output = Result<Bytes>>;
    #[cfg(all())]
    /// A stream.
    fn events(&self) -> Events<Item>;
    /// Anywhere, so that it is not served.
    fn fetch(
        &self,
        url: &str,
    ) -> impl ::perennial::bounds::Future<Output = Result<Bytes>>;
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
    const __endpoint_items: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "items",
            "GET",
            "/shops/{shop}/items/{kind?}",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_replace: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "replace",
            "PUT",
            "/items/{id}",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_upload: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "upload",
            "POST",
            "/photos",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_raw: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "raw",
            "PUT",
            "/raw",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[cfg(all())]
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_events: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "events",
            "GET",
            "/events",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_upper_case_globals)]
    const __endpoint_fetch: &'static ::perennial::__private::Endpoint = &::perennial::__private::Endpoint::new(
            "Shop",
            "fetch",
            "GET",
            "",
        )
        .credentials(__CREDENTIALS)
        .envelope(__ENVELOPE);
    #[allow(dead_code, non_snake_case, clippy::too_many_arguments)]
    impl client_of_Shop::ShopClient {
        /// The declared endpoints, one row for each.
        pub const ENDPOINTS: &'static [::perennial::declared::Endpoint] = &[
            *__endpoint_login,
            *__endpoint_refresh,
            *__endpoint_items,
            *__endpoint_replace,
            *__endpoint_upload,
            *__endpoint_raw,
            #[cfg(all())]
            *__endpoint_events,
            *__endpoint_fetch,
        ];
        /// Signs in.
        ///
        ///`POST /login`
        pub fn login(
            &self,
            user: &str,
            password: &str,
        ) -> ::perennial::__private::CallOf<Result<Tokens>> {
            self.client
                .call(__endpoint_login)
                .literal("/login")
                .field(
                    "user",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <&str as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<&str>()).__query_form(),
                        &user,
                        each,
                    ),
                )
                .field(
                    "password",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <&str as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<&str>()).__query_form(),
                        &password,
                        each,
                    ),
                )
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
        /// Renews the session.
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
        /// Everything that is text.
        ///
        ///`GET /shops/{shop}/items/{kind?}`
        pub fn items<'a>(
            &self,
            shop: u64,
            kind: Option<&'a str>,
            ids: &[u64],
            tags: &[&str],
            colors: Option<&[&str]>,
            filter: &Filter<'a>,
            if_match: Option<&str>,
            more: &HeaderMap,
            priority: Priority,
        ) -> ::perennial::__private::CallOf<Result<Response<Vec<Item>>, ShopError>> {
            self.client
                .call(__endpoint_items)
                .literal("/shops/")
                .segment(
                    "shop",
                    &|each| <u64 as ::perennial::bounds::PathValue<
                        _,
                    >>::text(
                        (&&&&::perennial::__private::probe_of::<u64>()).__path_form(),
                        &shop,
                        each,
                    ),
                )
                .literal("/items")
                .optional_segment(
                    "kind",
                    &|each| <Option<
                        &'a str,
                    > as ::perennial::bounds::OptionalPathValue<
                        _,
                    >>::optional_text(
                        (&&&::perennial::__private::probe_of::<Option<&'a str>>())
                            .__optional_form(),
                        &kind,
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
                .query(
                    "tags",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <&[&str] as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<&[&str]>())
                            .__query_form(),
                        &tags,
                        each,
                    ),
                )
                .query(
                    "colors",
                    ::perennial::__private::ListStyle::Repeat,
                    &|each| <Option<
                        &[&str],
                    > as ::perennial::bounds::QueryValue<
                        _,
                        _,
                    >>::texts(
                        (&&&::perennial::__private::probe_of::<Option<&[&str]>>())
                            .__query_form(),
                        &colors,
                        each,
                    ),
                )
                .query_struct(
                    <Filter<'a> as ::perennial::bounds::FormBody>::to_query(&*filter),
                )
                .header(
                    "if-match",
                    <Option<
                        &str,
                    > as ::perennial::bounds::HeaderValueSource<
                        _,
                    >>::header_value(&if_match),
                )
                .headers(
                    <&HeaderMap as ::perennial::bounds::HeadersSource>::header_map(&more),
                )
                .extension(move |all| <Priority as ::perennial::bounds::ExtensionValue>::insert(
                    priority,
                    all,
                ))
                .end(
                    ::perennial::__private::end::<
                        Response<Vec<Item>>,
                        _,
                        _,
                    >(
                        <Response<
                            Vec<Item>,
                        > as ::perennial::bounds::Decodable<
                            _,
                        >>::decodable(
                            (&&&&(&&::perennial::__private::Probe::<
                                Response<Vec<Item>>,
                            >::NEW)
                                .__perennial_open())
                                .__perennial_kind(),
                        ),
                        <Response<
                            Vec<Item>,
                        > as ::perennial::bounds::SendValue>::SENDABLE,
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
        /// A body.
        ///
        ///`PUT /items/{id}`
        pub fn replace(
            &self,
            id: u64,
            item: &Item,
        ) -> ::perennial::__private::CallOf<Result<()>> {
            self.client
                .call(__endpoint_replace)
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
                .json(<Item as ::perennial::bounds::JsonBody>::serialized(&*item))
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
        /// Parts.
        ///
        ///`POST /photos`
        pub fn upload(
            &self,
            title: &str,
            about: &About,
            photo: Part,
        ) -> ::perennial::__private::CallOf<Result<()>> {
            self.client
                .call(__endpoint_upload)
                .literal("/photos")
                .part(
                    "title",
                    ::perennial::bounds::Repeatable::repeatable(
                        <&str as ::perennial::bounds::PartValue<_>>::into_parts(title),
                    ),
                    ::perennial::__private::PartOptions::NEW,
                )
                .json_part(
                    "about",
                    <About as ::perennial::bounds::JsonBody>::serialized(&*about),
                    ::perennial::__private::PartOptions::NEW,
                )
                .part(
                    "photo",
                    ::perennial::bounds::Repeatable::repeatable(
                        <Part as ::perennial::bounds::PartValue<_>>::into_parts(photo),
                    ),
                    ::perennial::__private::PartOptions::NEW,
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
        /// Bytes.
        ///
        ///`PUT /raw`
        pub fn raw(
            &self,
            bytes: Bytes,
        ) -> ::perennial::__private::CallOf<Result<Bytes>> {
            self.client
                .call(__endpoint_raw)
                .literal("/raw")
                .body(
                    ::perennial::bounds::Repeatable::repeatable(
                        <Bytes as ::perennial::bounds::RawBody<_>>::into_content(bytes),
                    ),
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
        #[cfg(all())]
        /// A stream.
        ///
        ///`GET /events`
        pub fn events(&self) -> ::perennial::__private::CallOf<Events<Item>> {
            <<Events<
                Item,
            > as ::perennial::bounds::StreamReturn>::Item as ::perennial::bounds::StreamItem<
                Events<Item>,
                _,
            >>::stream(
                self.client.call(__endpoint_events).literal("/events"),
                (&&&&(&&::perennial::__private::Probe::<
                    <Events<Item> as ::perennial::bounds::Returned>::Value,
                >::NEW)
                    .__perennial_open())
                    .__perennial_kind(),
                <<Events<
                    Item,
                > as ::perennial::bounds::Returned>::Error as ::perennial::bounds::CallError>::from_call,
            )
        }
        /// Anywhere, so that it is not served.
        ///
        ///`GET` to the given URL
        pub fn fetch(&self, url: &str) -> ::perennial::__private::CallOf<Result<Bytes>> {
            self.client
                .call(__endpoint_fetch)
                .url(<&str as ::perennial::bounds::UrlValue>::as_address(&url))
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
    #[cfg(any(test, feature = "fake"))]
    #[automatically_derived]
    #[allow(deprecated, non_snake_case, unused_variables)]
    impl<Implementation> ::perennial::__private::serve::Serve<Implementation>
    for client_of_Shop::ShopClient
    where
        Implementation: Shop + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        fn handlers() -> ::std::vec::Vec<
            ::perennial::__private::serve::Handler<Implementation>,
        > {
            #[allow(unused_imports)]
            use ::perennial::__private::serve::kinds::{
                ParsedBoth as _, ParsedDisplayed as _, ParsedSerialized as _,
            };
            #[allow(unused_imports)]
            use ::perennial::__private::serve::failures::{
                Converted as _, Unconverted as _,
            };
            let mut handlers = ::std::vec::Vec::new();
            handlers
                .push(
                    ::perennial::__private::serve::Handler::new(
                            __endpoint_login,
                            |implementation, request| {
                                ::perennial::__private::serve::handling(async move {
                                    let source = request
                                        .field("user", ::core::option::Option::None);
                                    let user: ::std::string::String = <::std::string::String as ::perennial::bounds::FromValues<
                                        _,
                                        _,
                                    >>::from_values(
                                        (&&&::perennial::__private::serve::probe_of::<
                                            ::std::string::String,
                                        >())
                                            .__parsed_form(),
                                        &source,
                                    )?;
                                    let source = request
                                        .field("password", ::core::option::Option::None);
                                    let password: ::std::string::String = <::std::string::String as ::perennial::bounds::FromValues<
                                        _,
                                        _,
                                    >>::from_values(
                                        (&&&::perennial::__private::serve::probe_of::<
                                            ::std::string::String,
                                        >())
                                            .__parsed_form(),
                                        &source,
                                    )?;
                                    ::core::result::Result::Ok(
                                        match <Implementation as Shop>::login(
                                                &*implementation,
                                                &*user,
                                                &*password,
                                            )
                                            .await
                                        {
                                            ::core::result::Result::Ok(mut value) => {
                                                let reply = <Tokens as ::perennial::bounds::Encode<
                                                    _,
                                                    _,
                                                >>::encode_as(
                                                        &mut value,
                                                        (&&&&(&&::perennial::__private::Probe::<Tokens>::NEW)
                                                            .__perennial_open())
                                                            .__perennial_kind(),
                                                        &request,
                                                    )
                                                    .await;
                                                let reply = request.granted(reply, value);
                                                reply
                                            }
                                            ::core::result::Result::Err(error) => request.error(&error),
                                        },
                                    )
                                })
                            },
                        )
                        .reads_body(),
                );
            handlers
                .push(
                    ::perennial::__private::serve::Handler::new(
                        __endpoint_refresh,
                        |implementation, request| {
                            ::perennial::__private::serve::handling(async move {
                                ::core::result::Result::Ok(
                                    match <Implementation as Shop>::refresh(&*implementation)
                                        .await
                                    {
                                        ::core::result::Result::Ok(mut value) => {
                                            let reply = <Tokens as ::perennial::bounds::Encode<
                                                _,
                                                _,
                                            >>::encode_as(
                                                    &mut value,
                                                    (&&&&(&&::perennial::__private::Probe::<Tokens>::NEW)
                                                        .__perennial_open())
                                                        .__perennial_kind(),
                                                    &request,
                                                )
                                                .await;
                                            let reply = request.granted(reply, value);
                                            reply
                                        }
                                        ::core::result::Result::Err(error) => request.error(&error),
                                    },
                                )
                            })
                        },
                    ),
                );
            handlers
                .push(
                    ::perennial::__private::serve::Handler::new(
                        __endpoint_items,
                        |implementation, request| {
                            ::perennial::__private::serve::handling(async move {
                                let source = request.path("shop");
                                let shop: u64 = <u64 as ::perennial::bounds::FromValues<
                                    _,
                                    _,
                                >>::from_values(
                                    (&&&::perennial::__private::serve::probe_of::<u64>())
                                        .__parsed_form(),
                                    &source,
                                )?;
                                let source = request.path("kind");
                                let kind: ::core::option::Option<::std::string::String> = <::core::option::Option<
                                    ::std::string::String,
                                > as ::perennial::bounds::FromValues<
                                    _,
                                    _,
                                >>::from_values(
                                    (&&&::perennial::__private::serve::probe_of::<
                                        ::core::option::Option<::std::string::String>,
                                    >())
                                        .__parsed_form(),
                                    &source,
                                )?;
                                let source = request
                                    .query("ids", ::core::option::Option::Some(","));
                                let ids: ::std::vec::Vec<u64> = <::std::vec::Vec<
                                    u64,
                                > as ::perennial::bounds::FromValues<
                                    _,
                                    _,
                                >>::from_values(
                                    (&&&::perennial::__private::serve::probe_of::<
                                        ::std::vec::Vec<u64>,
                                    >())
                                        .__parsed_form(),
                                    &source,
                                )?;
                                let source = request
                                    .query("tags", ::core::option::Option::None);
                                let tags: ::std::vec::Vec<::std::string::String> = <::std::vec::Vec<
                                    ::std::string::String,
                                > as ::perennial::bounds::FromValues<
                                    _,
                                    _,
                                >>::from_values(
                                    (&&&::perennial::__private::serve::probe_of::<
                                        ::std::vec::Vec<::std::string::String>,
                                    >())
                                        .__parsed_form(),
                                    &source,
                                )?;
                                let tags = tags
                                    .iter()
                                    .map(|item| &*(*item))
                                    .collect::<::std::vec::Vec<_>>();
                                let source = request
                                    .query("colors", ::core::option::Option::None);
                                let colors: ::core::option::Option<
                                    ::std::vec::Vec<::std::string::String>,
                                > = <::core::option::Option<
                                    ::std::vec::Vec<::std::string::String>,
                                > as ::perennial::bounds::FromValues<
                                    _,
                                    _,
                                >>::from_values(
                                    (&&&::perennial::__private::serve::probe_of::<
                                        ::core::option::Option<
                                            ::std::vec::Vec<::std::string::String>,
                                        >,
                                    >())
                                        .__parsed_form(),
                                    &source,
                                )?;
                                let colors = colors
                                    .as_ref()
                                    .map(|item| {
                                        (*item)
                                            .iter()
                                            .map(|item| &*(*item))
                                            .collect::<::std::vec::Vec<_>>()
                                    });
                                let source = request.query_struct();
                                let filter: Filter<'_> = <Filter<
                                    '_,
                                > as ::perennial::bounds::FromEncoded<
                                    '_,
                                >>::from_form(&source)?;
                                let source = request.header("if-match");
                                let if_match: ::core::option::Option<
                                    ::std::string::String,
                                > = <::core::option::Option<
                                    ::std::string::String,
                                > as ::perennial::bounds::FromHeader<
                                    _,
                                >>::from_header(&source)?;
                                let more: HeaderMap = <HeaderMap as ::perennial::bounds::FromHeaders>::from_headers(
                                    request.headers(),
                                );
                                let priority: Priority = <Priority as ::perennial::bounds::NotSent>::made();
                                ::core::result::Result::Ok(
                                    match <Implementation as Shop>::items(
                                            &*implementation,
                                            shop,
                                            kind.as_ref().map(|item| &*(*item)),
                                            &*ids,
                                            &*tags,
                                            colors.as_ref().map(|item| &*(*item)),
                                            &filter,
                                            if_match.as_ref().map(|item| &*(*item)),
                                            &more,
                                            priority,
                                        )
                                        .await
                                    {
                                        ::core::result::Result::Ok(mut value) => {
                                            let reply = <Response<
                                                Vec<Item>,
                                            > as ::perennial::bounds::Encode<
                                                _,
                                                _,
                                            >>::encode_as(
                                                    &mut value,
                                                    (&&&&(&&::perennial::__private::Probe::<
                                                        Response<Vec<Item>>,
                                                    >::NEW)
                                                        .__perennial_open())
                                                        .__perennial_kind(),
                                                    &request,
                                                )
                                                .await;
                                            reply
                                        }
                                        ::core::result::Result::Err(error) => {
                                            request
                                                .converted(
                                                    (&&::perennial::__private::serve::Failure(&error))
                                                        .__perennial_own(),
                                                    || {
                                                        type __Failure = ShopError;
                                                        #[allow(unreachable_patterns)]
                                                        match &error {
                                                            __Failure::NotFound { .. } => request.status(404u16),
                                                            __Failure::QuotaExceeded { .. } => {
                                                                request.code(::perennial::__private::Scalar::Int(2001i64))
                                                            }
                                                            error => request.error(error),
                                                        }
                                                    },
                                                )
                                        }
                                    },
                                )
                            })
                        },
                    ),
                );
            handlers
                .push(
                    ::perennial::__private::serve::Handler::new(
                            __endpoint_replace,
                            |implementation, request| {
                                ::perennial::__private::serve::handling(async move {
                                    let source = request.path("id");
                                    let id: u64 = <u64 as ::perennial::bounds::FromValues<
                                        _,
                                        _,
                                    >>::from_values(
                                        (&&&::perennial::__private::serve::probe_of::<u64>())
                                            .__parsed_form(),
                                        &source,
                                    )?;
                                    let source = request.encoded();
                                    let item: Item = <Item as ::perennial::bounds::FromEncoded<
                                        '_,
                                    >>::from_json(&source)?;
                                    ::core::result::Result::Ok(
                                        match <Implementation as Shop>::replace(
                                                &*implementation,
                                                id,
                                                &item,
                                            )
                                            .await
                                        {
                                            ::core::result::Result::Ok(mut value) => {
                                                let reply = <() as ::perennial::bounds::Encode<
                                                    _,
                                                    _,
                                                >>::encode_as(
                                                        &mut value,
                                                        (&&&&(&&::perennial::__private::Probe::<()>::NEW)
                                                            .__perennial_open())
                                                            .__perennial_kind(),
                                                        &request,
                                                    )
                                                    .await;
                                                reply
                                            }
                                            ::core::result::Result::Err(error) => request.error(&error),
                                        },
                                    )
                                })
                            },
                        )
                        .reads_body(),
                );
            handlers
                .push(
                    ::perennial::__private::serve::Handler::new(
                            __endpoint_upload,
                            |implementation, request| {
                                ::perennial::__private::serve::handling(async move {
                                    let source = request.parts("title").await?;
                                    let title: ::std::string::String = <::std::string::String as ::perennial::bounds::FromParts<
                                        _,
                                    >>::from_parts(&source)?;
                                    let source = request.json_part("about").await?;
                                    let about: About = <About as ::perennial::bounds::FromEncoded<
                                        '_,
                                    >>::from_json(&source)?;
                                    let source = request.parts("photo").await?;
                                    let photo: Part = <Part as ::perennial::bounds::FromParts<
                                        _,
                                    >>::from_parts(&source)?;
                                    ::core::result::Result::Ok(
                                        match <Implementation as Shop>::upload(
                                                &*implementation,
                                                &*title,
                                                &about,
                                                photo,
                                            )
                                            .await
                                        {
                                            ::core::result::Result::Ok(mut value) => {
                                                let reply = <() as ::perennial::bounds::Encode<
                                                    _,
                                                    _,
                                                >>::encode_as(
                                                        &mut value,
                                                        (&&&&(&&::perennial::__private::Probe::<()>::NEW)
                                                            .__perennial_open())
                                                            .__perennial_kind(),
                                                        &request,
                                                    )
                                                    .await;
                                                reply
                                            }
                                            ::core::result::Result::Err(error) => request.error(&error),
                                        },
                                    )
                                })
                            },
                        )
                        .reads_body(),
                );
            handlers
                .push(
                    ::perennial::__private::serve::Handler::new(
                            __endpoint_raw,
                            |implementation, request| {
                                ::perennial::__private::serve::handling(async move {
                                    let bytes: Bytes = <Bytes as ::perennial::bounds::FromBody>::from_body(
                                        request.bytes(),
                                    )?;
                                    ::core::result::Result::Ok(
                                        match <Implementation as Shop>::raw(&*implementation, bytes)
                                            .await
                                        {
                                            ::core::result::Result::Ok(mut value) => {
                                                let reply = <Bytes as ::perennial::bounds::Encode<
                                                    _,
                                                    _,
                                                >>::encode_as(
                                                        &mut value,
                                                        (&&&&(&&::perennial::__private::Probe::<Bytes>::NEW)
                                                            .__perennial_open())
                                                            .__perennial_kind(),
                                                        &request,
                                                    )
                                                    .await;
                                                reply
                                            }
                                            ::core::result::Result::Err(error) => request.error(&error),
                                        },
                                    )
                                })
                            },
                        )
                        .reads_body(),
                );
            #[cfg(all())]
            handlers
                .push(
                    ::perennial::__private::serve::Handler::new(
                        __endpoint_events,
                        |implementation, request| {
                            ::perennial::__private::serve::handling(async move {
                                ::core::result::Result::Ok(
                                    match <Events<
                                        Item,
                                    > as ::perennial::bounds::EncodeStream<
                                        _,
                                    >>::encode(
                                            <Implementation as Shop>::events(&*implementation),
                                            &request,
                                        )
                                        .await
                                    {
                                        ::core::result::Result::Ok(reply) => reply,
                                        ::core::result::Result::Err(error) => request.error(&error),
                                    },
                                )
                            })
                        },
                    ),
                );
            handlers
        }
    }
};
#[allow(deprecated, non_snake_case, private_interfaces, unused_qualifications)]
#[automatically_derived]
impl Shop for client_of_Shop::ShopClient {
    fn login(
        &self,
        user: &str,
        password: &str,
    ) -> impl ::perennial::bounds::Future<Output = Result<Tokens>> {
        ::perennial::__private::future(Self::login(self, user, password))
    }
    fn refresh(&self) -> impl ::perennial::bounds::Future<Output = Result<Tokens>> {
        ::perennial::__private::future(Self::refresh(self))
    }
    fn items<'a>(
        &self,
        shop: u64,
        kind: Option<&'a str>,
        ids: &[u64],
        tags: &[&str],
        colors: Option<&[&str]>,
        filter: &Filter<'a>,
        if_match: Option<&str>,
        more: &HeaderMap,
        priority: Priority,
    ) -> impl ::perennial::bounds::Future<
        Output = Result<Response<Vec<Item>>, ShopError>,
    > {
        ::perennial::__private::future(
            Self::items(
                self,
                shop,
                kind,
                ids,
                tags,
                colors,
                filter,
                if_match,
                more,
                priority,
            ),
        )
    }
    fn replace(
        &self,
        id: u64,
        item: &Item,
    ) -> impl ::perennial::bounds::Future<Output = Result<()>> {
        ::perennial::__private::future(Self::replace(self, id, item))
    }
    fn upload(
        &self,
        title: &str,
        about: &About,
        photo: Part,
    ) -> impl ::perennial::bounds::Future<Output = Result<()>> {
        ::perennial::__private::future(Self::upload(self, title, about, photo))
    }
    fn raw(
        &self,
        bytes: Bytes,
    ) -> impl ::perennial::bounds::Future<Output = Result<Bytes>> {
        ::perennial::__private::future(Self::raw(self, bytes))
    }
    #[cfg(all())]
    fn events(&self) -> Events<Item> {
        <Events<Item> as ::perennial::bounds::Returned>::from_call(Self::events(self))
    }
    fn fetch(
        &self,
        url: &str,
    ) -> impl ::perennial::bounds::Future<Output = Result<Bytes>> {
        ::perennial::__private::future(Self::fetch(self, url))
    }
}
#[allow(unused_imports, unexpected_cfgs)]
const _: () = {
    use ::perennial::reference::option::base as _;
    use ::perennial::reference::option::envelope as _;
    use ::perennial::reference::option::auth as _;
    use ::perennial::reference::option::serve as _;
    use ::perennial::reference::envelope::code as _;
    use ::perennial::reference::envelope::message as _;
    use ::perennial::reference::envelope::data as _;
    use ::perennial::reference::envelope::ok as _;
    use ::perennial::reference::auth::header as _;
    use ::perennial::reference::auth::expired as _;
    use ::perennial::reference::rule::code as _;
    use ::perennial::reference::verb::post as _;
    use ::perennial::reference::option::login as _;
    use ::perennial::reference::role::field as _;
    use ::perennial::reference::role::field as _;
    use ::perennial::reference::verb::post as _;
    use ::perennial::reference::option::refresh as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::verb::errors as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::role_option::style as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::role::query as _;
    use ::perennial::reference::role_option::flatten as _;
    use ::perennial::reference::role::header as _;
    use ::perennial::reference::role::headers as _;
    use ::perennial::reference::role::ext as _;
    use ::perennial::reference::verb::put as _;
    use ::perennial::reference::role::json as _;
    use ::perennial::reference::verb::post as _;
    use ::perennial::reference::role::part as _;
    use ::perennial::reference::role::part as _;
    use ::perennial::reference::role_option::json as _;
    use ::perennial::reference::role::part as _;
    use ::perennial::reference::verb::put as _;
    use ::perennial::reference::role::body as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::verb::get as _;
    use ::perennial::reference::role::url as _;
};
