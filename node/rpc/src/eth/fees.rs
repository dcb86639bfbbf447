//! What transactions pay, and should pay.

use alloy_primitives::{U64, U128};
use alloy_rpc_types_eth::TransactionRequest;
use minster_params::constants;
use minster_sequencer::Block;
use serde::{Serialize, Serializer, ser::Error};
use serde_json::value::RawValue;

use crate::{
    api::Api,
    arguments::Arguments,
    block_parameter::{BlockParameter, BlockTag},
    error::ApiError,
    gate::Deadline,
    methods::Answer,
    read::Count,
};

/// A base fee plus the suggested tip: the one of the block that a transaction sent now goes into,
/// or of the last block, which calls at `latest` run in, if that is higher.
pub(crate) fn gas_price(api: &Api, _: &Arguments<'_>) -> Answer<U64> {
    let last = api.chain().latest().header.base_fee_per_gas.unwrap_or_default();
    Ok(U64::from(next_base_fee(api).max(last).saturating_add(suggested_tip(api))))
}

pub(crate) fn max_priority_fee(api: &Api, _: &Arguments<'_>) -> Answer<U64> {
    Ok(U64::from(suggested_tip(api)))
}

/// At least what the pool asks for: wallets send what they are told here.
pub(crate) fn suggested_tip(api: &Api) -> u64 {
    let minimum = u64::try_from(api.pool().tip_min()).unwrap_or(u64::MAX);
    api.config.tip_suggested_wei.max(minimum)
}

pub(crate) fn base_fee(api: &Api, _: &Arguments<'_>) -> Answer<U64> {
    Ok(U64::from(next_base_fee(api)))
}

pub(crate) fn blob_base_fee(_: &Api, _: &Arguments<'_>) -> Answer<U128> {
    Ok(U128::from(constants::BLOB_BASE_FEE))
}

pub(crate) fn next_base_fee(api: &Api) -> u64 {
    api.chain().next_context(api.sequencer.now()).base_fee
}

/// Fees as geth completes and refuses those of a transaction, given a block's base fee.
pub(crate) fn complete_fees(
    request: &mut TransactionRequest,
    base_fee: u64,
    suggested_tip: u64,
) -> Answer<()> {
    let refused = |reason: &'static str| Err(ApiError::Incomplete { reason });
    if request.max_fee_per_blob_gas == Some(0) {
        return refused("maxFeePerBlobGas, if specified, must be non-zero");
    }
    let (fee, tip) = (request.max_fee_per_gas, request.max_priority_fee_per_gas);
    if let Some(gas_price) = request.gas_price {
        if fee.is_some() || tip.is_some() {
            return Err(ApiError::MixedFees);
        }
        if request.authorization_list.is_some() {
            return refused("both gasPrice and authorizationList specified");
        }
        if gas_price == 0 {
            return refused("gasPrice must be non-zero after london fork");
        }
        return Ok(());
    }
    if fee == Some(0) && tip.is_some() {
        return refused("maxFeePerGas must be non-zero");
    }
    let tip = tip.unwrap_or(u128::from(suggested_tip));
    // Room for the base fee to double.
    let base_fee = u128::from(base_fee).saturating_mul(2);
    let fee = fee.unwrap_or(base_fee.saturating_add(tip));
    if fee < tip {
        return Err(ApiError::TipAboveFee { fee, tip });
    }
    request.max_fee_per_gas = Some(fee);
    request.max_priority_fee_per_gas = Some(tip);
    Ok(())
}

/// Answer of `eth_feeHistory`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeeHistoryJson {
    oldest_block: U64,
    /// One more than there are blocks: the last is the next block's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    base_fee_per_gas: Vec<U64>,
    gas_used_ratio: Option<Vec<Ratio>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    base_fee_per_blob_gas: Vec<U128>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blob_gas_used_ratio: Vec<Ratio>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reward: Vec<Vec<U128>>,
}

/// A part of a whole, written as Go writes numbers: nothing is 0 and not 0.0, which tools that
/// compare texts tell apart.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ratio(f64);

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(ratio) = *self;
        let text =
            if ratio == 0.0 || ratio >= 1e-6 { format!("{ratio}") } else { format!("{ratio:e}") };
        RawValue::from_string(text).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Arguments `[block count, newest block, percentiles]`.
pub(crate) fn fee_history(api: &Api, arguments: &Arguments<'_>) -> Answer<FeeHistoryJson> {
    let Count(count) = arguments.required(0)?;
    let BlockTag(newest) = arguments.required(1)?;
    let percentiles: Vec<f64> = arguments.required(2)?;
    // Of no blocks geth looks at nothing else.
    if count == 0 {
        return Ok(FeeHistoryJson::default());
    }
    check_percentiles(&percentiles, api.config.fee_history_percentiles_max)?;
    let newest = api.block(newest)?.ok_or_else(|| beyond_head(api, newest))?;
    let count = count.min(api.config.fee_history_blocks_max).min(newest.number() + 1);
    let mut history = FeeHistory::new(newest.number() + 1 - count, percentiles);
    let deadline = Deadline::new(&api.config);
    for number in history.oldest..newest.number() {
        deadline.check()?;
        let block = api.block(BlockParameter::Number(number))?.ok_or(ApiError::HeaderNotFound)?;
        history.push(&block);
    }
    history.push(&newest);
    let config = api.chain().config();
    let next = minster_os::block_context(
        config,
        &newest.header,
        newest.hash,
        newest.header.timestamp.saturating_add(1),
        Default::default(),
    );
    Ok(history.finish(next.base_fee))
}

fn beyond_head(api: &Api, newest: BlockParameter) -> ApiError {
    match newest {
        BlockParameter::Number(requested) => {
            ApiError::BeyondHead { requested, head: api.chain().latest().number() }
        }
        _ => ApiError::HeaderNotFound,
    }
}

/// Percentiles rise, and are percentiles. The words are geth's, with as many digits.
fn check_percentiles(percentiles: &[f64], maximum: usize) -> Answer<()> {
    if percentiles.len() > maximum {
        return Err(ApiError::TooManyPercentiles { maximum });
    }
    let mut before: Option<f64> = None;
    for (index, percentile) in percentiles.iter().enumerate() {
        if !(0.0..=100.0).contains(percentile) {
            return Err(ApiError::RewardPercentile { value: format!("{percentile:.6}") });
        }
        if let Some(before) = before.filter(|before| before >= percentile) {
            let last = index.saturating_sub(1);
            let value = format!("#{last}:{before:.6} >= #{index}:{percentile:.6}");
            return Err(ApiError::RewardPercentile { value });
        }
        before = Some(*percentile);
    }
    Ok(())
}

/// A history under construction, oldest block first.
#[derive(Debug)]
struct FeeHistory {
    oldest: u64,
    percentiles: Vec<f64>,
    base_fees: Vec<u64>,
    gas_used_ratios: Vec<Ratio>,
    rewards: Vec<Vec<U128>>,
}

impl FeeHistory {
    const fn new(oldest: u64, percentiles: Vec<f64>) -> Self {
        Self {
            oldest,
            percentiles,
            base_fees: Vec::new(),
            gas_used_ratios: Vec::new(),
            rewards: Vec::new(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a ratio of gas amounts is approximate")]
    fn push(&mut self, block: &Block) {
        let header = &block.header;
        self.base_fees.push(header.base_fee_per_gas.unwrap_or_default());
        let ratio = header.gas_used as f64 / header.gas_limit.max(1) as f64;
        self.gas_used_ratios.push(Ratio(ratio));
        if !self.percentiles.is_empty() {
            self.rewards.push(rewards(block, &self.percentiles));
        }
    }

    fn finish(self, next_base_fee: u64) -> FeeHistoryJson {
        let count = self.base_fees.len();
        let blob_base_fee = U128::from(constants::BLOB_BASE_FEE);
        FeeHistoryJson {
            oldest_block: U64::from(self.oldest),
            base_fee_per_gas: self
                .base_fees
                .into_iter()
                .chain([next_base_fee])
                .map(U64::from)
                .collect(),
            gas_used_ratio: Some(self.gas_used_ratios),
            base_fee_per_blob_gas: vec![blob_base_fee; count + 1],
            blob_gas_used_ratio: vec![Ratio(0.0); count],
            reward: self.rewards,
        }
    }
}

/// The tip at each percentile of the block's gas, as geth counts.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "geth multiplies in floating point too, and rounds down"
)]
fn rewards(block: &Block, percentiles: &[f64]) -> Vec<U128> {
    let base_fee = block.header.base_fee_per_gas.unwrap_or_default();
    let mut tips: Vec<(u128, u64)> = block
        .items
        .iter()
        .map(|item| {
            let price = item.transaction.effective_gas_price(base_fee);
            (price.saturating_sub(u128::from(base_fee)), item.gas_used)
        })
        .collect();
    tips.sort_unstable();
    let Some((first, _)) = tips.first() else { return vec![U128::ZERO; percentiles.len()] };
    let mut tip = *first;
    let mut sum = 0_u64;
    let mut rest = tips.iter();
    let mut rewards = Vec::with_capacity(percentiles.len());
    for percentile in percentiles {
        let threshold = (block.header.gas_used as f64 * percentile / 100.0) as u64;
        while sum < threshold || sum == 0 {
            let Some((next, gas_used)) = rest.next() else { break };
            tip = *next;
            sum = sum.saturating_add(*gas_used);
        }
        rewards.push(U128::from(tip));
    }
    rewards
}

#[cfg(test)]
mod tests;
