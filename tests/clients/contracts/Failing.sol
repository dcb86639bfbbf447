// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// Fails in every way that a contract can.
contract Failing {
    error Refused(address by, uint256 amount, string reason);

    uint256[] private list;

    function reason(string calldata text) external pure {
        revert(text);
    }

    function nothing() external pure {
        revert();
    }

    function custom(uint256 amount) external view {
        revert Refused(msg.sender, amount, unicode"zu viel 💸");
    }

    function divide(uint256 amount) external pure returns (uint256) {
        return 1 / amount;
    }

    function beyond() external view returns (uint256) {
        return list[7];
    }

    /// The revert of a call inside is handed on.
    function inner(string calldata text) external view {
        this.reason(text);
    }

    function burn() external pure {
        while (true) {}
    }
}

/// A constructor that fails.
contract Unborn {
    constructor() {
        revert(unicode"ungeboren 🥚");
    }
}
