//! The scenarios that are explored.

use std::time::Duration;

use super::super::{Limits, Window};
use super::world::{Allowance, Kind, NOTHING, SCENARIO, Scenario, UNLIMITED};

const ONE_PERMIT: Limits = Limits { permits: 1, ..UNLIMITED };

pub(super) const EVERYTHING: Scenario = Scenario {
    name: "three calls, an expiry, a failure, a login, a logout",
    allowance: Allowance {
        expiries: 1,
        transients: 1,
        ticks: 1,
        logins: 1,
        logouts: 1,
        cancels: 2,
        ..NOTHING
    },
    ..SCENARIO
};

pub(super) const LINGERING: Scenario = Scenario {
    name: "calls that linger before they ask",
    calls: &[Kind::Plain; 2],
    allowance: Allowance {
        expiries: 1,
        demands: 1,
        logins: 1,
        logouts: 1,
        permanents: 1,
        ..NOTHING
    },
    lingers: true,
    ..SCENARIO
};

pub(super) const CANCELED: Scenario = Scenario {
    name: "two of three calls are canceled",
    allowance: Allowance { expiries: 1, demands: 1, cancels: 2, ..NOTHING },
    ..SCENARIO
};

pub(super) const PERMITS: Scenario = Scenario {
    name: "one permit at a time",
    allowance: Allowance {
        expiries: 1,
        demands: 1,
        transients: 1,
        logins: 1,
        cancels: 1,
        ..NOTHING
    },
    limits: ONE_PERMIT,
    ..SCENARIO
};

pub(super) const TWO_PERMITS: Scenario = Scenario {
    name: "two permits at a time",
    allowance: Allowance { expiries: 1, cancels: 1, ..NOTHING },
    limits: Limits { permits: 2, ..UNLIMITED },
    ..SCENARIO
};

pub(super) const RECLAIMED: Scenario = Scenario {
    name: "one permit at a time, reclaimed from calls that are not polled",
    allowance: Allowance { expiries: 1, cancels: 1, ticks: 1, stalls: 1, reclaims: 1, ..NOTHING },
    limits: ONE_PERMIT,
    ..SCENARIO
};

pub(super) const RECLAIMED_OF_TWO: Scenario = Scenario {
    name: "two permits at a time, reclaimed from calls that are not polled",
    allowance: Allowance { expiries: 1, logins: 1, ticks: 1, stalls: 1, reclaims: 1, ..NOTHING },
    limits: Limits { permits: 2, ..UNLIMITED },
    ..SCENARIO
};

pub(super) const FAILURES: Scenario = Scenario {
    name: "failures of every kind",
    calls: &[Kind::Plain; 2],
    allowance: Allowance {
        expiries: 1,
        demands: 1,
        transients: 1,
        rejections: 2,
        permanents: 1,
        abortions: 1,
        ticks: 2,
        logins: 1,
        ..NOTHING
    },
    ..SCENARIO
};

pub(super) const FUTILE: Scenario = Scenario {
    name: "futile refreshes",
    calls: &[Kind::Plain; 2],
    allowance: Allowance { expiries: 2, demands: 1, aheads: 1, ticks: 2, ..NOTHING },
    limits: Limits {
        window: Window { refreshes: 1, within: Duration::from_secs(30) },
        ..UNLIMITED
    },
    ..SCENARIO
};

pub(super) const AGING: Scenario = Scenario {
    name: "tokens that age",
    calls: &[Kind::Plain; 2],
    allowance: Allowance { expiries: 1, agings: 2, aheads: 1, transients: 1, ..NOTHING },
    ..SCENARIO
};

pub(super) const GOING_ON: Scenario = Scenario {
    name: "calls that go on during a refresh",
    calls: &[Kind::Plain; 2],
    allowance: Allowance { expiries: 1, agings: 2, aheads: 1, ..NOTHING },
    send_during_refresh: true,
    ..SCENARIO
};

pub(super) const KINDS: Scenario = Scenario {
    name: "a refresh by hand, an unrepeatable call and an optional one",
    calls: &[Kind::Refresh, Kind::Once, Kind::Optional],
    allowance: Allowance {
        expiries: 1,
        adoptions: 1,
        logouts: 1,
        permanents: 1,
        transients: 1,
        abortions: 1,
        ..NOTHING
    },
    ..SCENARIO
};

pub(super) const FIRST: Scenario = Scenario {
    name: "nobody signed in, and refreshes that need no token",
    calls: &[Kind::Plain, Kind::Plain, Kind::Optional],
    allowance: Allowance { expiries: 1, logins: 1, transients: 1, abortions: 1, ..NOTHING },
    signed_in: false,
    ..SCENARIO
};

pub(super) const SHORT_QUEUE: Scenario = Scenario {
    name: "room for one in the queue",
    allowance: Allowance { expiries: 1, transients: 1, logins: 1, cancels: 1, ..NOTHING },
    limits: Limits { queue: 1, ..UNLIMITED },
    ..SCENARIO
};

pub(super) const REVOKED: Scenario = Scenario {
    name: "the server ends the session",
    allowance: Allowance { expiries: 1, revocations: 1, logins: 1, ..NOTHING },
    ..SCENARIO
};

pub(super) const SUCCESS: Scenario = Scenario {
    name: "an expiry, and nothing else",
    allowance: Allowance { expiries: 1, ..NOTHING },
    all_succeed: true,
    ..SCENARIO
};

pub(super) const SUCCESS_WITH_ONE_PERMIT: Scenario =
    Scenario { name: "an expiry, and one permit at a time", limits: ONE_PERMIT, ..SUCCESS };

pub(super) const UNHELPED: Scenario = Scenario {
    name: "an endpoint that rejects every token, and one that does not",
    calls: &[Kind::Forbidden, Kind::Forbidden, Kind::Plain],
    allowance: Allowance { expiries: 1, ticks: 1, logins: 1, ..NOTHING },
    ..SCENARIO
};

pub(super) const REJECTIONS: Scenario = Scenario {
    name: "rejections that no limit makes final",
    calls: &[Kind::Plain; 2],
    allowance: Allowance { expiries: 1, demands: 1, rejections: 3, ticks: 3, ..NOTHING },
    limits: Limits { rejections: None, ..UNLIMITED },
    ..SCENARIO
};
