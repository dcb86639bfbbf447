// The dev accounts of every Ethereum development node, from the mnemonic
// `test test test test test test test test test test test junk`. They hold play money only.

export const CHAIN_ID = 1337;

/** What sends from an account of its own disturbs nobody's nonces. */
export const ACCOUNTS = {
  cast: {
    address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
    key: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  },
  viem: {
    address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    key: '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  },
  /** The node signs for it: it gives ether to new accounts, one after the other. */
  faucet: { address: '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720' },
};
