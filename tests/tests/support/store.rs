//! Stores that do most of what they do as another store does it.

/// Methods of a `TokenStore` that are those of the store in a field.
macro_rules! as_in {
    ($store:tt: $($method:ident),+) => {
        $($crate::support::as_in! { @$method $store })+
    };
    (@load $store:tt) => {
        fn load(
            &self,
        ) -> ::perennial::BoxFuture<
            '_,
            ::std::result::Result<Option<::perennial::store::Stored>, ::perennial::store::StoreError>,
        > {
            self.$store.load()
        }
    };
    (@save $store:tt) => {
        fn save<'a>(
            &'a self,
            next: &'a ::perennial::store::Stored,
            expected: Option<::perennial::store::Version>,
        ) -> ::perennial::BoxFuture<'a, ::std::result::Result<(), ::perennial::store::StoreError>> {
            self.$store.save(next, expected)
        }
    };
    (@clear $store:tt) => {
        fn clear(
            &self,
            expected: ::perennial::store::Version,
        ) -> ::perennial::BoxFuture<'_, ::std::result::Result<(), ::perennial::store::StoreError>> {
            self.$store.clear(expected)
        }
    };
    (@lock $store:tt) => {
        fn lock(
            &self,
            timeout: ::std::time::Duration,
        ) -> ::perennial::BoxFuture<
            '_,
            ::std::result::Result<Option<::perennial::store::StoreLock>, ::perennial::store::StoreError>,
        > {
            self.$store.lock(timeout)
        }
    };
}

pub(crate) use as_in;
