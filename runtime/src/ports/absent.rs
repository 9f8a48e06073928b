//! Features that a browser cannot have, rejected with an error that names them.

#[cfg(feature = "keyring")]
compile_error!(
    "the feature `keyring` is not available in a browser, which has no keychain\n\
     help: use `BrowserStore`"
);
#[cfg(all(feature = "file", not(feature = "keyring"), not(feature = "encryption")))]
compile_error!(
    "the feature `file` is not available in a browser, which has no files\n\
     help: use `BrowserStore`"
);
#[cfg(feature = "redis")]
compile_error!(
    "the feature `redis` is not available in a browser, which has no sockets\n\
     help: use `BrowserStore`"
);
#[cfg(feature = "encryption")]
compile_error!(
    "the feature `encryption` is not available in a browser, where any script on the page could read the key\n\
     help: remove the feature for `wasm32-unknown-unknown`"
);
