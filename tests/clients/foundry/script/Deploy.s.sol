// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Counter} from "contracts/Counter.sol";
import {Token, Vault} from "contracts/Tokens.sol";

/// What forge gives to scripts; declared here, so that no further package is needed.
interface Vm {
    function startBroadcast() external;

    function stopBroadcast() external;
}

/// Deploys contracts that need each other, one of them by CREATE2, and uses them.
contract Deploy {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run(bytes32 salt) external returns (Counter counter, Token token, Vault vault) {
        VM.startBroadcast();
        counter = new Counter{salt: salt}();
        token = new Token("Forged", 1 ether);
        vault = new Vault(token);
        counter.increase(6);
        token.approve(address(vault), 100);
        vault.deposit(100, msg.sender);
        VM.stopBroadcast();
        require(counter.value() == 6 && vault.totalAssets() == 100, "not as deployed");
    }
}
