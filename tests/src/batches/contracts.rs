//! Creation code of contracts by others, as data. `tests/contracts` says where each is from.

use alloy_primitives::Bytes;

use super::abi::{Value, encode};

macro_rules! creation_codes {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {$(
        $(#[$doc])*
        pub const $name: &[u8] =
            include_bytes!(concat!("../../contracts/", $file, ".creation.bin"));
    )*};
}

creation_codes! {
    /// OpenZeppelin's token with a fixed supply.
    ERC20 = "erc20";
    /// Wrapped ether.
    WETH = "weth";
    /// Uniswap v2's factory, with the pair inside.
    UNISWAP_V2_FACTORY = "uniswap_v2_factory";
    /// Uniswap v2's second router.
    UNISWAP_V2_ROUTER = "uniswap_v2_router";
    /// Uniswap v3's factory, with the pool inside.
    UNISWAP_V3_FACTORY = "uniswap_v3_factory";
    /// Uniswap v3's router.
    UNISWAP_V3_ROUTER = "uniswap_v3_router";
    /// Uniswap v3's positions, each an ERC-721 token.
    UNISWAP_V3_POSITIONS = "uniswap_v3_positions";
    /// Safe 1.4.1, which proxies delegate to.
    SAFE = "safe";
    /// Makes proxies of a Safe.
    SAFE_PROXY_FACTORY = "safe_proxy_factory";
    /// What a Safe answers calls with that it does not know.
    SAFE_FALLBACK_HANDLER = "safe_fallback_handler";
    /// Makes the ERC-4337 authors' sample accounts.
    ACCOUNT_FACTORY = "account_factory";
    /// The ERC-4337 authors' account for EIP-7702.
    ACCOUNT_7702 = "account_7702";
}

/// Creation code and its constructor's arguments.
#[must_use]
pub fn with_arguments(code: &[u8], arguments: &[Value]) -> Bytes {
    [code, &encode(arguments)].concat().into()
}
