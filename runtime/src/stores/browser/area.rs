//! The storage itself, whose functions are synchronous and may throw.

use std::fmt;

use wasm_bindgen::JsValue;
use web_sys::Storage;

use crate::ports::browser::error::said;
use crate::ports::store::StoreError;
use crate::stores::errors::failed as failed_to;

/// The place of the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    Local,
    Session,
    /// Not in a storage: the store itself holds it.
    Memory,
}

/// The content of a key: the number of the write, and the record.
pub(super) struct Item {
    pub(super) raw: String,
    /// Increases with each write by any tab.
    pub(super) number: u64,
}

impl Item {
    pub(super) fn new(number: u64, record: &str) -> Self {
        Self { raw: format!("{number} {record}"), number }
    }

    pub(super) fn parse(raw: String) -> Self {
        let number = raw.split_once(' ').and_then(|(number, _)| number.parse().ok());
        Self { raw, number: number.unwrap_or_default() }
    }

    /// The record after the number. Content without a number cannot be read as a record either.
    pub(super) fn record(&self) -> &str {
        self.raw.split_once(' ').map_or("", |(_, record)| record)
    }
}

impl Area {
    pub(super) fn read(self, key: &str) -> Result<Option<Item>, StoreError> {
        let raw = self.storage()?.get_item(key).map_err(|it| self.failed("read", key, &it))?;
        Ok(raw.map(Item::parse))
    }

    pub(super) fn write(self, key: &str, item: &Item) -> Result<(), StoreError> {
        self.storage()?.set_item(key, &item.raw).map_err(|it| self.failed("write", key, &it))
    }

    /// Moves an item to `….corrupt`, replacing an item that was moved there before.
    pub(super) fn set_aside(self, key: &str, item: &Item) -> Result<(), StoreError> {
        let storage = self.storage()?;
        storage
            .set_item(&format!("{key}.corrupt"), &item.raw)
            .and_then(|()| storage.remove_item(key))
            .map_err(|it| self.failed("set aside", key, &it))
    }

    fn storage(self) -> Result<Storage, StoreError> {
        let absent = || StoreError::failed(format!("there is no {self} here: it belongs to pages"));
        let window = web_sys::window().ok_or_else(absent)?;
        let storage = match self {
            Self::Local => window.local_storage(),
            Self::Session => window.session_storage(),
            Self::Memory => return Err(absent()),
        };
        // Reading the property throws if the user has blocked storage.
        let blocked = |it: JsValue| failed_to(format!("cannot open {self}"), said(&it));
        storage.map_err(blocked)?.ok_or_else(absent)
    }

    fn failed(self, what: &str, key: &str, thrown: &JsValue) -> StoreError {
        failed_to(format!("cannot {what} `{key}` in {self}"), said(thrown))
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "localStorage",
            Self::Session => "sessionStorage",
            Self::Memory => "memory",
        })
    }
}
