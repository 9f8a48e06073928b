//! The plan of a case.

use std::fmt;

use crate::chaos::spread;

/// The plan of a case: scenarios, one after another.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) scenarios: Vec<Scenario>,
}

/// Concurrent calls around one expiry.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    /// Calls that are sent before the token expires, with the time until the server checks each.
    pub(super) before: Vec<u64>,
    /// Calls that start after the expiry.
    pub(super) after: u64,
    pub(super) disturbance: Disturbance,
    /// Chooses the endpoints.
    pub(super) seed: u64,
}

/// The disturbance during a scenario.
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
        let scenarios = (0..=below(3)).map(|_| Scenario {
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
        Self { scenarios: scenarios.collect() }
    }

    /// All plans with one thing less.
    pub(super) fn shorter(&self) -> Vec<Self> {
        let mut plans = Vec::new();
        for at in 0..self.scenarios.len() {
            let mut plan = self.clone();
            plan.scenarios.remove(at);
            plans.extend((!plan.scenarios.is_empty()).then_some(plan));
            let scenario = &self.scenarios[at];
            let mut with = |change: &dyn Fn(&mut Scenario)| {
                let mut plan = self.clone();
                change(&mut plan.scenarios[at]);
                plans.push(plan);
            };
            if scenario.disturbance != Disturbance::Nothing {
                with(&|scenario| scenario.disturbance = Disturbance::Nothing);
            }
            if !scenario.before.is_empty() {
                with(&|scenario| scenario.before.truncate(scenario.before.len() - 1));
            }
            if scenario.after > 0 && scenario.after + scenario.before.len() as u64 > 1 {
                with(&|scenario| scenario.after -= 1);
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
        for scenario in &self.scenarios {
            if !scenario.before.is_empty() {
                writeln!(
                    f,
                    "  {}, checked late by the server",
                    calls(scenario.before.len() as u64)
                )?;
            }
            writeln!(f, "  the token expires")?;
            let happens = match scenario.disturbance {
                Disturbance::Nothing => None,
                Disturbance::Cancel => Some("every third call is dropped"),
                Disturbance::FailedRefresh => Some("the next refresh gets status 503"),
                Disturbance::Logout => Some("the user signs out"),
                Disturbance::SwitchUser => Some("another user signs in"),
                Disturbance::Revoke => Some("the server revokes the login"),
            };
            writeln!(f, "  {}", calls(scenario.after))?;
            if let Some(happens) = happens {
                writeln!(f, "  meanwhile {happens}")?;
            }
        }
        Ok(())
    }
}
