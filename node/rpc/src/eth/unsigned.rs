//! Transactions that nobody has signed yet.

use alloy_primitives::{B256, Signature, TxKind};
use minster_evm::CallRequest;
use minster_primitives::{
    Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxLegacy},
};

use crate::{error::ApiError, methods::Answer};

/// What a request's fields make, by its type.
#[derive(Debug, Clone)]
pub(crate) enum Unsigned {
    Legacy(TxLegacy),
    Eip2930(TxEip2930),
    Eip1559(TxEip1559),
    Eip7702(TxEip7702),
}

impl Unsigned {
    /// The type of the newest field, and EIP-1559 where none decides; one gas price is the older
    /// way (`is_priced`). geth takes that for a legacy transaction, whatever else is named, and
    /// leaves out what such a one has no room for: a list that somebody named is kept here.
    pub(crate) fn new(
        request: CallRequest,
        nonce: u64,
        chain_id: u64,
        is_priced: bool,
    ) -> Answer<Self> {
        let CallRequest { kind: to, gas_limit, gas_price, value, input, access_list, .. } = request;
        let max_priority_fee_per_gas = request.gas_priority_fee.unwrap_or_default();
        if !request.authorization_list.is_empty() {
            let TxKind::Call(to) = to else { return Err(ApiError::AuthorizingCreation) };
            return Ok(Self::Eip7702(TxEip7702 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: gas_price,
                max_priority_fee_per_gas,
                to,
                value,
                access_list,
                authorization_list: request.authorization_list,
                input,
            }));
        }
        Ok(match (is_priced, access_list.is_empty()) {
            (true, true) => Self::Legacy(TxLegacy {
                chain_id: Some(chain_id),
                nonce,
                gas_price,
                gas_limit,
                to,
                value,
                input,
            }),
            (true, false) => Self::Eip2930(TxEip2930 {
                chain_id,
                nonce,
                gas_price,
                gas_limit,
                to,
                value,
                access_list,
                input,
            }),
            (false, _) => Self::Eip1559(TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: gas_price,
                max_priority_fee_per_gas,
                to,
                value,
                access_list,
                input,
            }),
        })
    }

    /// What the sender signs.
    pub(crate) fn signature_hash(&self) -> B256 {
        match self {
            Self::Legacy(tx) => tx.signature_hash(),
            Self::Eip2930(tx) => tx.signature_hash(),
            Self::Eip1559(tx) => tx.signature_hash(),
            Self::Eip7702(tx) => tx.signature_hash(),
        }
    }

    /// With a signature, which is not checked.
    pub(crate) fn into_envelope(self, signature: Signature) -> Envelope {
        match self {
            Self::Legacy(tx) => Envelope::Legacy(tx.into_signed(signature)),
            Self::Eip2930(tx) => Envelope::Eip2930(tx.into_signed(signature)),
            Self::Eip1559(tx) => Envelope::Eip1559(tx.into_signed(signature)),
            Self::Eip7702(tx) => Envelope::Eip7702(tx.into_signed(signature)),
        }
    }
}
