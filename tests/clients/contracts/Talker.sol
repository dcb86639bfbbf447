// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// Makes logs of every form.
contract Talker {
    event Said(address indexed by, uint256 indexed number, string text);
    event Named(string indexed name, bytes data);
    event Hidden(uint256 indexed number) anonymous;

    /// `count` events, numbered from `first`.
    function say(uint256 first, uint256 count, string calldata text) external {
        for (uint256 number = first; number < first + count; number++) {
            emit Said(msg.sender, number, text);
        }
    }

    function big(string calldata name, uint256 size) external {
        emit Named(name, new bytes(size));
    }

    function hide(uint256 number) external {
        emit Hidden(number);
    }
}
