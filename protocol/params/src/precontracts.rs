//! The contracts that every chain has from genesis on (spec/precontracts.md). The bytes are
//! generated: `cargo xtask precontracts --check` rebuilds them and compares.

use alloy_primitives::{Address, B256, address, b256};

use crate::constants::HISTORY_STORAGE_ADDRESS;

/// Address of the deterministic CREATE2 deployer.
pub const CREATE2_DEPLOYER: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");

/// How a precontract's code comes to be.
#[derive(Debug, Clone, Copy)]
pub enum PrecontractCode {
    /// These bytes are the code.
    Runtime(&'static [u8]),
    /// The constructor runs at genesis, through the CREATE2 deployer, under the chain's own id.
    Constructor {
        /// CREATE2 salt.
        salt: B256,
        /// Init code.
        init_code: &'static [u8],
        /// Other accounts that the constructor creates.
        creates: &'static [Address],
    },
}

/// A contract of the genesis state.
#[derive(Debug, Clone, Copy)]
pub struct Precontract {
    /// Name, as in spec/precontracts.md.
    pub name: &'static str,
    /// Fixed address.
    pub address: Address,
    /// Its code.
    pub code: PrecontractCode,
}

/// All of them; the CREATE2 deployer first, because constructors run through it.
pub const PRECONTRACTS: [Precontract; 6] = [
    Precontract {
        name: "create2_deployer",
        address: CREATE2_DEPLOYER,
        code: PrecontractCode::Runtime(include_bytes!(
            "../precontracts/create2_deployer.runtime.bin"
        )),
    },
    Precontract {
        name: "multicall3",
        address: address!("cA11bde05977b3631167028862bE2a173976CA11"),
        code: PrecontractCode::Runtime(include_bytes!("../precontracts/multicall3.runtime.bin")),
    },
    Precontract {
        name: "safe_singleton_factory",
        address: address!("914d7Fec6aaC8cd542e72Bca78B30650d45643d7"),
        code: PrecontractCode::Runtime(include_bytes!(
            "../precontracts/safe_singleton_factory.runtime.bin"
        )),
    },
    Precontract {
        name: "history_storage",
        address: HISTORY_STORAGE_ADDRESS,
        code: PrecontractCode::Runtime(include_bytes!(
            "../precontracts/history_storage.runtime.bin"
        )),
    },
    Precontract {
        name: "permit2",
        address: address!("000000000022D473030F116dDEE9F6B43aC78BA3"),
        code: PrecontractCode::Constructor {
            salt: b256!("0000000000000000000000000000000000000000d3af2663da51c10215000000"),
            init_code: include_bytes!("../precontracts/permit2.creation.bin"),
            creates: &[],
        },
    },
    Precontract {
        name: "entry_point",
        address: address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108"),
        code: PrecontractCode::Constructor {
            salt: b256!("0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9"),
            init_code: include_bytes!("../precontracts/entry_point.creation.bin"),
            creates: &[address!("449ED7C3e6Fee6a97311d4b55475DF59C44AdD33")],
        },
    },
];
