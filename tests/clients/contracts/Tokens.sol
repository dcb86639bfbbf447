// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// Fungible, with approvals by signature (ERC-2612).
contract Token is ERC20Permit {
    constructor(string memory name, uint256 supply) ERC20(name, "TOK") ERC20Permit(name) {
        _mint(msg.sender, supply);
    }
}

/// Not fungible, with a name that is not ASCII.
contract Picture is ERC721(unicode"Bïlder 🖼", "PIC") {
    function mint(address to, uint256 id) external {
        _safeMint(to, id);
    }

    function _baseURI() internal pure override returns (string memory) {
        return "ipfs://pictures/";
    }
}

/// Shares of a token.
contract Vault is ERC4626 {
    constructor(IERC20 asset) ERC20("Vault", "VLT") ERC4626(asset) {}
}
