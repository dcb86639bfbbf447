// OpenZeppelin's tokens with viem: ERC-20 with permits, ERC-721, ERC-4626.

import assert from 'node:assert/strict';
import { parseSignature, zeroAddress } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { CHAIN_ID } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { client, deploy, funded, succeed, walletOf } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const SUPPLY = 10n ** 24n;
const NEVER = 2n ** 256n - 1n;

const wallet = await funded();
const owner = wallet.account.address;
/** Has a key and no ether. */
const signer = privateKeyToAccount(generatePrivateKey());

const read = (contract, functionName, ...args) =>
  client.readContract({ ...contract, functionName, args });
const write = (contract, functionName, ...args) =>
  succeed(wallet.writeContract({ ...contract, functionName, args }));
const simulate = (contract, functionName, ...args) =>
  client.simulateContract({ ...contract, functionName, args, account: owner });

let token;
let picture;
let vault;

await check('tokens: ERC-20 deploys', async () => {
  token = await deploy(wallet, artifacts.Token, ['Ein Token', SUPPLY]);
  assert.equal(await read(token, 'name'), 'Ein Token');
  assert.equal(await read(token, 'balanceOf', owner), SUPPLY);
});
await check('tokens: ERC-20 transfer and its event', async () => {
  const { logs } = await write(token, 'transfer', signer.address, 1000n);
  assert.equal(logs.length, 1);
  assert.equal(BigInt(logs[0].topics[2]), BigInt(signer.address));
  assert.equal(await read(token, 'balanceOf', signer.address), 1000n);
});
await check('tokens: ERC-20 says what is missing', async () => {
  const error = await simulate(token, 'transfer', zeroAddress, 1n).catch((reason) => reason);
  assert.match(String(error), /ERC20InvalidReceiver/);
  const more = await simulate(token, 'transfer', signer.address, SUPPLY).catch((reason) => reason);
  assert.match(String(more), /ERC20InsufficientBalance/);
  assert.ok(String(more).includes(String(SUPPLY - 1000n)), String(more));
});

/** The signer's permit for the owner to spend, as the arguments of `permit`. */
async function permit(value, nonce) {
  const domain = {
    name: 'Ein Token',
    version: '1',
    chainId: CHAIN_ID,
    verifyingContract: token.address,
  };
  const fields = ['owner', 'spender', 'value', 'nonce', 'deadline'];
  const Permit = fields.map((name, index) => ({ name, type: index < 2 ? 'address' : 'uint256' }));
  const message = { owner: signer.address, spender: owner, value, nonce, deadline: NEVER };
  const typed = { domain, types: { Permit }, primaryType: 'Permit', message };
  const { r, s, yParity } = parseSignature(await signer.signTypedData(typed));
  return [signer.address, owner, value, NEVER, yParity + 27, r, s];
}

await check('tokens: ERC-20 permit, of an account without ether', async () => {
  await write(token, 'permit', ...(await permit(600n, 0n)));
  assert.equal(await read(token, 'allowance', signer.address, owner), 600n);
  await write(token, 'transferFrom', signer.address, owner, 600n);
  assert.equal(await read(token, 'balanceOf', signer.address), 400n);
});
await check('tokens: ERC-20 permit, a second time', async () => {
  const used = simulate(token, 'permit', ...(await permit(600n, 0n)));
  await assert.rejects(used, /ERC2612InvalidSigner/);
});
await check('tokens: ERC-721 mints to an account', async () => {
  picture = await deploy(wallet, artifacts.Picture);
  await write(picture, 'mint', owner, 7n);
  assert.equal(await read(picture, 'name'), 'Bïlder 🖼');
  assert.equal(await read(picture, 'tokenURI', 7n), 'ipfs://pictures/7');
});
await check('tokens: ERC-721 mints to no contract that cannot hold it', async () => {
  await assert.rejects(simulate(picture, 'mint', token.address, 8n), /ERC721InvalidReceiver/);
});
await check('tokens: ERC-721 moves by its owner alone', async () => {
  const stranger = { ...picture, functionName: 'transferFrom', account: signer.address };
  const args = [owner, signer.address, 7n];
  await assert.rejects(client.simulateContract({ ...stranger, args }), /InsufficientApproval/);
  await write(picture, 'safeTransferFrom', ...args);
  assert.equal(await read(picture, 'ownerOf', 7n), signer.address);
});
await check('tokens: ERC-4626 deposit, yield, redeem', async () => {
  vault = await deploy(wallet, artifacts.Vault, [token.address]);
  await write(token, 'approve', vault.address, NEVER);
  const { result: shares } = await simulate(vault, 'deposit', 1000n, owner);
  await write(vault, 'deposit', 1000n, owner);
  assert.equal(await read(vault, 'balanceOf', owner), shares);
  await write(token, 'transfer', vault.address, 500n);
  // A virtual share and a virtual asset stand beside the real ones: 1000 * 1501 / 1001, down.
  assert.equal(await read(vault, 'previewRedeem', 1000n), 1499n);
  const before = await read(token, 'balanceOf', owner);
  await write(vault, 'redeem', 1000n, owner, owner);
  assert.equal((await read(token, 'balanceOf', owner)) - before, 1499n);
});
await check('tokens: a wallet without ether cannot send', async () => {
  const poor = walletOf(signer).writeContract({
    ...token,
    functionName: 'transfer',
    args: [owner, 1n],
  });
  await assert.rejects(poor, /exceeds the balance of the account/);
});
finish();
