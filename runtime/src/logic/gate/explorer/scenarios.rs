//! The scenarios that are explored.

use std::time::Duration;

use super::super::{Limits, Window};
use super::world::{Kind, NOTHING, Purse, SCENE, Scene, UNLIMITED};

const ONE_PERMIT: Limits = Limits { permits: 1, ..UNLIMITED };

pub(super) const EVERYTHING: Scene = Scene {
    name: "three calls, an expiry, a failure, a login, a logout",
    purse: Purse {
        expiries: 1,
        transients: 1,
        ticks: 1,
        logins: 1,
        logouts: 1,
        cancels: 2,
        ..NOTHING
    },
    ..SCENE
};

pub(super) const LINGERING: Scene = Scene {
    name: "calls that linger before they ask",
    calls: &[Kind::Plain; 2],
    purse: Purse { expiries: 1, demands: 1, logins: 1, logouts: 1, permanents: 1, ..NOTHING },
    lingers: true,
    ..SCENE
};

pub(super) const CANCELLED: Scene = Scene {
    name: "two of three calls are cancelled",
    purse: Purse { expiries: 1, demands: 1, cancels: 2, ..NOTHING },
    ..SCENE
};

pub(super) const PERMITS: Scene = Scene {
    name: "one permit at a time",
    purse: Purse { expiries: 1, demands: 1, transients: 1, logins: 1, cancels: 1, ..NOTHING },
    limits: ONE_PERMIT,
    ..SCENE
};

pub(super) const TWO_PERMITS: Scene = Scene {
    name: "two permits at a time",
    purse: Purse { expiries: 1, cancels: 1, ..NOTHING },
    limits: Limits { permits: 2, ..UNLIMITED },
    ..SCENE
};

pub(super) const RECLAIMED: Scene = Scene {
    name: "one permit at a time, reclaimed from calls that are not polled",
    purse: Purse { expiries: 1, cancels: 1, ticks: 1, stalls: 1, reclaims: 1, ..NOTHING },
    limits: ONE_PERMIT,
    ..SCENE
};

pub(super) const RECLAIMED_OF_TWO: Scene = Scene {
    name: "two permits at a time, reclaimed from calls that are not polled",
    purse: Purse { expiries: 1, logins: 1, ticks: 1, stalls: 1, reclaims: 1, ..NOTHING },
    limits: Limits { permits: 2, ..UNLIMITED },
    ..SCENE
};

pub(super) const FAILURES: Scene = Scene {
    name: "failures of every kind",
    calls: &[Kind::Plain; 2],
    purse: Purse {
        expiries: 1,
        demands: 1,
        transients: 1,
        refusals: 2,
        permanents: 1,
        abortions: 1,
        ticks: 2,
        logins: 1,
        ..NOTHING
    },
    ..SCENE
};

pub(super) const FUTILE: Scene = Scene {
    name: "futile refreshes",
    calls: &[Kind::Plain; 2],
    purse: Purse { expiries: 2, demands: 1, aheads: 1, ticks: 2, ..NOTHING },
    limits: Limits {
        window: Window { refreshes: 1, within: Duration::from_secs(30) },
        ..UNLIMITED
    },
    ..SCENE
};

pub(super) const AGING: Scene = Scene {
    name: "tokens that age",
    calls: &[Kind::Plain; 2],
    purse: Purse { expiries: 1, agings: 2, aheads: 1, transients: 1, ..NOTHING },
    ..SCENE
};

pub(super) const GOING_ON: Scene = Scene {
    name: "calls that go on during a refresh",
    calls: &[Kind::Plain; 2],
    purse: Purse { expiries: 1, agings: 2, aheads: 1, ..NOTHING },
    send_during_refresh: true,
    ..SCENE
};

pub(super) const KINDS: Scene = Scene {
    name: "a refresh by hand, an unrepeatable call and an optional one",
    calls: &[Kind::Refresh, Kind::Once, Kind::Optional],
    purse: Purse {
        expiries: 1,
        adoptions: 1,
        logouts: 1,
        permanents: 1,
        transients: 1,
        abortions: 1,
        ..NOTHING
    },
    ..SCENE
};

pub(super) const FIRST: Scene = Scene {
    name: "nobody signed in, and refreshes that need no token",
    calls: &[Kind::Plain, Kind::Plain, Kind::Optional],
    purse: Purse { expiries: 1, logins: 1, transients: 1, abortions: 1, ..NOTHING },
    signed_in: false,
    ..SCENE
};

pub(super) const SHORT_QUEUE: Scene = Scene {
    name: "room for one in the queue",
    purse: Purse { expiries: 1, transients: 1, logins: 1, cancels: 1, ..NOTHING },
    limits: Limits { queue: 1, ..UNLIMITED },
    ..SCENE
};

pub(super) const REVOKED: Scene = Scene {
    name: "the server ends the session",
    purse: Purse { expiries: 1, revocations: 1, logins: 1, ..NOTHING },
    ..SCENE
};

pub(super) const SUCCESS: Scene = Scene {
    name: "an expiry, and nothing else",
    purse: Purse { expiries: 1, ..NOTHING },
    all_succeed: true,
    ..SCENE
};

pub(super) const SUCCESS_WITH_ONE_PERMIT: Scene =
    Scene { name: "an expiry, and one permit at a time", limits: ONE_PERMIT, ..SUCCESS };

pub(super) const UNHELPED: Scene = Scene {
    name: "an endpoint that refuses every token, and one that does not",
    calls: &[Kind::Forbidden, Kind::Forbidden, Kind::Plain],
    purse: Purse { expiries: 1, ticks: 1, logins: 1, ..NOTHING },
    ..SCENE
};

pub(super) const REFUSALS: Scene = Scene {
    name: "refusals that no limit makes final",
    calls: &[Kind::Plain; 2],
    purse: Purse { expiries: 1, demands: 1, refusals: 3, ticks: 3, ..NOTHING },
    limits: Limits { refusals: None, ..UNLIMITED },
    ..SCENE
};
