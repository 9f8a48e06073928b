//! The plan of a case.

use std::fmt;

use crate::chaos::spread;

/// The plan of a case: storms, one after another.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) storms: Vec<Storm>,
}

/// Concurrent calls around one expiry.
#[derive(Debug, Clone)]
pub(super) struct Storm {
    /// Calls that are sent before the token expires, with the time until the server checks each.
    pub(super) before: Vec<u64>,
    /// Calls that start after the expiry.
    pub(super) after: u64,
    pub(super) disturbance: Disturbance,
    /// Chooses the endpoints.
    pub(super) seed: u64,
}

/// The disturbance during a storm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disturbance {
    Nothing,
    /// Every third call is dropped.
    Cancel,
    /// The first refresh gets status 503.
    FailedRefresh,
    Logout,
    /// Another user signs in.
    SwitchUser,
    /// The server revokes the login.
    Revoke,
}

impl Plan {
    pub(super) fn new(seed: u64) -> Self {
        let mut state = seed;
        let mut below = |limit: u64| {
            state = spread(state);
            state % limit
        };
        let storms = (0..=below(3)).map(|_| Storm {
            before: (0..below(6)).map(|_| below(300)).collect(),
            after: 1 + below(6),
            disturbance: match below(12) {
                0 | 1 => Disturbance::Cancel,
                2 => Disturbance::FailedRefresh,
                3 => Disturbance::Logout,
                4 => Disturbance::SwitchUser,
                5 => Disturbance::Revoke,
                _ => Disturbance::Nothing,
            },
            seed: below(1 << 32),
        });
        Self { storms: storms.collect() }
    }

    /// All plans with one thing less.
    pub(super) fn shorter(&self) -> Vec<Self> {
        let mut plans = Vec::new();
        for at in 0..self.storms.len() {
            let mut plan = self.clone();
            plan.storms.remove(at);
            plans.extend((!plan.storms.is_empty()).then_some(plan));
            let storm = &self.storms[at];
            let mut with = |change: &dyn Fn(&mut Storm)| {
                let mut plan = self.clone();
                change(&mut plan.storms[at]);
                plans.push(plan);
            };
            if storm.disturbance != Disturbance::Nothing {
                with(&|storm| storm.disturbance = Disturbance::Nothing);
            }
            if !storm.before.is_empty() {
                with(&|storm| storm.before.truncate(storm.before.len() - 1));
            }
            if storm.after > 0 && storm.after + storm.before.len() as u64 > 1 {
                with(&|storm| storm.after -= 1);
            }
        }
        plans
    }
}

fn calls(number: u64) -> String {
    format!("{number} call{}", if number == 1 { "" } else { "s" })
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for storm in &self.storms {
            if !storm.before.is_empty() {
                writeln!(f, "  {}, checked late by the server", calls(storm.before.len() as u64))?;
            }
            writeln!(f, "  the token expires")?;
            let happens = match storm.disturbance {
                Disturbance::Nothing => None,
                Disturbance::Cancel => Some("every third call is dropped"),
                Disturbance::FailedRefresh => Some("the next refresh gets status 503"),
                Disturbance::Logout => Some("the user signs out"),
                Disturbance::SwitchUser => Some("another user signs in"),
                Disturbance::Revoke => Some("the server revokes the login"),
            };
            writeln!(f, "  {}", calls(storm.after))?;
            if let Some(happens) = happens {
                writeln!(f, "  meanwhile {happens}")?;
            }
        }
        Ok(())
    }
}
