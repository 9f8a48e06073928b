//! A value with the status and the headers of its response.

use std::marker::PhantomData;

use http::{HeaderMap, StatusCode};

use super::{Decode, Keep};
use crate::call::parts::Parts;
use crate::call::response::Response;
use crate::call::sink::{Decoded, ReadMode};
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;

/// The value with the status and the headers.
#[derive(Debug)]
pub struct Whole<K>(pub(super) PhantomData<K>);

impl<K, T: Decode<K>> Decode<Whole<K>> for Response<T> {
    const READS: ReadMode = T::READS;
    const ASKS: bool = T::ASKS;
    const KEEP: Option<fn(&mut Self, Box<Parts>)> = match T::KEEP {
        Some(_) => Some(keep_within::<K, T>),
        None => None,
    };
    const WITHOUT: Option<fn(StatusCode, &HeaderMap) -> Option<Self>> = match T::WITHOUT {
        Some(_) => Some(without_within::<K, T>),
        None => None,
    };

    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        let (status, headers) = (received.status, received.headers.clone());
        let mut inner = None;
        let decoded = T::decode(endpoint, received, &mut |value: T| inner = Some(value));
        if let Some(value) = inner {
            keep.keep(Self::new(status, headers, value));
        }
        decoded
    }
}

fn without_within<K, T: Decode<K>>(status: StatusCode, headers: &HeaderMap) -> Option<Response<T>> {
    let value = T::WITHOUT?(status, headers)?;
    Some(Response::new(status, headers.clone(), value))
}

fn keep_within<K, T: Decode<K>>(response: &mut Response<T>, parts: Box<Parts>) {
    if let Some(keep) = T::KEEP {
        keep(response.value_mut(), parts);
    }
}
