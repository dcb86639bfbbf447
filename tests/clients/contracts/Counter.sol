// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// The contract of the client tests; `counter.mjs` compiles it.
contract Counter {
    event Increased(address indexed by, uint256 value);
    error TooLarge(uint256 amount);

    uint256 public value;

    function increase(uint256 amount) external {
        if (amount > 100) revert TooLarge(amount);
        value += amount;
        emit Increased(msg.sender, value);
    }
}
