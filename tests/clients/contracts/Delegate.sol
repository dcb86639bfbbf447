// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// Code for accounts (EIP-7702): the account itself calls, anybody leaves a note.
contract Delegate {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    event Noted(address indexed account, address indexed by, uint256 note);

    error NotTheAccount(address by);

    uint256 public note;

    function leave(uint256 number) external payable {
        note = number;
        emit Noted(address(this), msg.sender, number);
    }

    function batch(Call[] calldata calls) external payable {
        if (msg.sender != address(this)) revert NotTheAccount(msg.sender);
        for (uint256 index = 0; index < calls.length; index++) {
            (bool success, ) = calls[index].to.call{value: calls[index].value}(calls[index].data);
            require(success, "call failed");
        }
    }

    receive() external payable {}
}
