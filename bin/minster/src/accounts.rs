//! The funded accounts of a development chain.

use alloy_primitives::{Address, B256};
use alloy_signer_local::{MnemonicBuilder, coins_bip39::English};
use eyre::WrapErr;

/// The mnemonic that every Ethereum development tool knows. Its keys are public: never send
/// anything of value to them on another chain.
pub const MNEMONIC: &str = "test test test test test test test test test test test junk";

/// An account whose key everybody knows.
#[derive(Debug, Clone)]
pub struct DevAccount {
    pub address: Address,
    pub key: B256,
}

/// The first accounts of a mnemonic on path m/44'/60'/0'/0.
pub fn dev_accounts(mnemonic: &str, count: u32) -> eyre::Result<Vec<DevAccount>> {
    (0..count)
        .map(|index| {
            let signer = MnemonicBuilder::<English>::default()
                .phrase(mnemonic)
                .index(index)
                .and_then(|builder| builder.build())
                .wrap_err("--mnemonic takes 12 to 24 English words whose checksum is right")?;
            Ok(DevAccount { address: signer.address(), key: signer.to_bytes() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{address, b256};

    use super::*;

    #[test]
    fn accounts_are_the_ones_that_tools_expect() {
        let accounts = dev_accounts(MNEMONIC, 10).unwrap();
        assert_eq!(accounts.len(), 10);
        assert_eq!(accounts[0].address, address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
        assert_eq!(
            accounts[0].key,
            b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
        );
        assert_eq!(accounts[9].address, address!("a0Ee7A142d267C1f36714E4a8F75612F20a79720"));
    }
}
