// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Counter} from "contracts/Counter.sol";

interface Vm {
    function envAddress(string calldata name) external view returns (address);

    function envUint(string calldata name) external view returns (uint256);

    function deal(address account, uint256 balance) external;

    function prank(address sender) external;

    function rollFork(uint256 blockNumber) external;
}

/// Runs on a fork of the node: what was deployed there is here.
contract ForkTest {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    Counter private immutable COUNTER = Counter(VM.envAddress("COUNTER"));

    function test_the_chain_is_the_nodes() external view {
        require(block.chainid == 1337, "chain id");
        require(address(0xcA11bde05977b3631167028862bE2a173976CA11).code.length > 0, "Multicall3");
    }

    function test_a_contract_has_its_storage() external {
        require(COUNTER.value() == 6, "value");
        VM.prank(address(0xbeef));
        COUNTER.increase(4);
        require(COUNTER.value() == 10, "increased");
    }

    function test_an_earlier_block() external {
        VM.rollFork(VM.envUint("BEFORE"));
        require(address(COUNTER).code.length == 0, "there before it was deployed");
    }
}
