//! Single calls on the wire, with an expiry in the middle of them, and the
//! strict server itself.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing)]

mod apis;
mod auth_oauth2;
mod blocking;
mod bodies;
mod calls;
mod codecs;
mod cut_http2;
mod declared_secrets;
mod downloads;
mod encodings;
mod ends;
mod error_texts;
mod formats;
mod graphql;
mod interrupted;
mod json_fields;
mod judging;
mod layers;
mod leaks;
mod left_out;
mod levels;
mod limits;
mod model_streams;
mod new_tokens;
mod oddities;
mod pages;
mod paging;
mod profiles;
mod quoted_secrets;
mod redirects;
mod refresh_connections;
mod responses;
mod resumes;
mod retries;
mod round_trips;
mod saves;
mod server;
#[cfg(unix)]
mod special_files;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod values;
