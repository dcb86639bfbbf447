//! What a chain does that outruns its prover: first it asks for more, then it refuses.
//!
//! Backlog is the time that the prover needs for all that is executed and not proven. It says how
//! long a forced exit would wait for proofs, so it has a limit; which one, the operator chooses.

use std::time::Duration;

/// From which backlog on the node slows its users down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrakeConfig {
    /// From here on the smallest tip rises.
    pub proof_backlog_tip: Duration,
    /// From here on transactions are refused.
    pub proof_backlog_max: Duration,
}

impl Default for BrakeConfig {
    fn default() -> Self {
        Self {
            proof_backlog_tip: Duration::from_secs(3 * 3_600),
            proof_backlog_max: Duration::from_secs(6 * 3_600),
        }
    }
}

/// The smallest tip doubles with each such step beyond the first limit.
const STEP: Duration = Duration::from_secs(15 * 60);

/// The first step asks for this part of the base fee; after six steps it is all of it.
const FIRST_DIVISOR_LOG: u32 = 6;

/// The most doublings: nobody pays more than 2^24 times the first.
const DOUBLINGS_MAX: u32 = 24;

/// Once a limit is reached, the backlog has to fall below this part of it, in percent.
const RELEASE_PERCENT: u32 = 95;

/// What is asked of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Demand {
    /// Smallest tip in wei per gas; 0 asks for nothing.
    pub(crate) tip_min: u128,
    /// Whether transactions are refused.
    pub(crate) is_refusing: bool,
}

/// The limits, and which of them were reached. Pure: whoever calls brings the numbers.
#[derive(Debug)]
pub(crate) struct Brake {
    config: BrakeConfig,
    is_raising: bool,
    is_refusing: bool,
}

impl Brake {
    pub(crate) const fn new(config: BrakeConfig) -> Self {
        Self { config, is_raising: false, is_refusing: false }
    }

    /// The limit at which transactions are refused.
    pub(crate) const fn limit(&self) -> Duration {
        self.config.proof_backlog_max
    }

    /// Takes note of the backlog. `base_fee` is in wei per gas.
    pub(crate) fn update(&mut self, backlog: Duration, base_fee: u64) -> Demand {
        let BrakeConfig { proof_backlog_tip, proof_backlog_max } = self.config;
        self.is_raising = is_reached(self.is_raising, backlog, proof_backlog_tip);
        self.is_refusing = is_reached(self.is_refusing, backlog, proof_backlog_max);
        let tip_min = match self.is_raising {
            true => raised(u128::from(base_fee), backlog.saturating_sub(proof_backlog_tip)),
            false => 0,
        };
        Demand { tip_min, is_refusing: self.is_refusing }
    }
}

/// Whether a limit holds, given whether it held.
fn is_reached(was_reached: bool, backlog: Duration, limit: Duration) -> bool {
    let limit = match was_reached {
        true => limit.saturating_mul(RELEASE_PERCENT) / 100,
        false => limit,
    };
    backlog >= limit
}

fn raised(base_fee: u128, beyond: Duration) -> u128 {
    let steps = beyond.as_secs() / STEP.as_secs();
    let doublings = u32::try_from(steps).unwrap_or(u32::MAX).min(DOUBLINGS_MAX);
    // Rounded up, so that a low base fee still asks for something.
    base_fee.saturating_mul(1 << doublings).div_ceil(1 << FIRST_DIVISOR_LOG)
}

#[cfg(test)]
mod tests;
