//! Types of values, with serde's traits, with `Display` and `FromStr`, or with both.

use std::fmt::{self, Debug, Display};
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// In kebab-case on the wire.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    InTransit,
    Delivered,
}

/// Serde and `Display` disagree, and `FromStr` reads what `Display` writes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    VeryLow,
    High,
}

impl Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "VeryLow" => Ok(Self::VeryLow),
            "High" => Ok(Self::High),
            _ => Err(format!("`{text}` is not a level")),
        }
    }
}

/// Serde has a text for some of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Color {
    DarkRed,
    Other(String),
}

impl Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DarkRed => f.write_str("dark red"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

impl FromStr for Color {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "dark red" => Self::DarkRed,
            _ => Self::Other(text.to_owned()),
        })
    }
}

/// Serde has no text for it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Money {
    pub cents: u32,
}

impl Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ct", self.cents)
    }
}

impl FromStr for Money {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let cents = text.strip_suffix(" ct").and_then(|text| text.parse().ok());
        cents.map(|cents| Self { cents }).ok_or_else(|| "not an amount".to_owned())
    }
}

/// Serde takes it apart.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Version(pub u32, pub u32);

impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (major, minor) = text.split_once('.').ok_or("no dot")?;
        let number = |text: &str| text.parse().map_err(|_| "not a number".to_owned());
        Ok(Self(number(major)?, number(minor)?))
    }
}

/// Without serde.
#[derive(Debug, Clone, Copy)]
pub struct Shown(pub u8);

impl Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no. {}", self.0)
    }
}

impl FromStr for Shown {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("no. ").unwrap_or(text).parse().map(Self)
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub u64);

/// It does not say which of the two it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    Number(i64),
    Name(String),
}

pub(super) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()
}

pub(super) fn instant() -> DateTime<Utc> {
    "2026-02-28T23:59:59.5Z".parse().unwrap()
}

pub(super) const TEXT: &str = "a b+c,d|e&f=g%h/ü\"";
