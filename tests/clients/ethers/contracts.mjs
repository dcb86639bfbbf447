// Contracts by ethers: factories, events, errors with names, typed data.

import assert from 'node:assert/strict';
import { Contract, ContractFactory, Signature, Wallet, isError, verifyTypedData } from 'ethers';
import { CHAIN_ID } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { check, finish, until } from '../lib/check.mjs';
import { funded, provider } from '../lib/provider.mjs';

const wallet = await funded();

let counter;
let failing;
let token;
let talker;

async function deploy(name, ...args) {
  const { abi, bytecode } = artifacts[name];
  const contract = await new ContractFactory(abi, bytecode, wallet).deploy(...args);
  return contract.waitForDeployment();
}

await check('ethers ContractFactory', async () => {
  counter = await deploy('Counter');
  const receipt = await counter.deploymentTransaction().wait();
  assert.equal(receipt.contractAddress, await counter.getAddress());
  assert.equal(await counter.getDeployedCode(), await provider.getCode(counter));
  assert.equal(await counter.value(), 0n);
  failing = await deploy('Failing');
  talker = await deploy('Talker');
});
await check('ethers ContractFactory, arguments and a constructor that fails', async () => {
  token = await deploy('Token', 'Münze', 1000n);
  assert.deepEqual([await token.name(), await token.totalSupply()], ['Münze', 1000n]);
  await assert.rejects(deploy('Unborn'), /ungeboren 🥚/);
});
await check('ethers call, staticCall, estimateGas, populateTransaction', async () => {
  const receipt = await (await counter.increase(5n)).wait();
  assert.equal(receipt.status, 1);
  assert.equal(await counter.value(), 5n);
  await counter.increase.staticCall(7n);
  assert.equal(await counter.value(), 5n);
  const gas = await counter.increase.estimateGas(7n);
  assert.ok(gas >= 21_000n && gas < 100_000n, String(gas));
  const request = await counter.increase.populateTransaction(7n);
  assert.equal(request.to, await counter.getAddress());
});
await check('ethers receipt: events are parsed', async () => {
  const receipt = await (await counter.increase(1n)).wait();
  const [event] = receipt.logs;
  assert.deepEqual([event.fragment.name, ...event.args], ['Increased', wallet.address, 6n]);
  assert.ok(receipt.fee > 0n && receipt.gasPrice > 0n);
});
await check('ethers queryFilter, by indexed argument', async () => {
  const receipt = await (await talker.say(1n, 4n, 'vier')).wait();
  await until('the seal', async () => (await provider.getBlockNumber()) >= receipt.blockNumber);
  const filter = talker.filters.Said(wallet.address, [2n, 4n]);
  const events = await talker.queryFilter(filter, receipt.blockNumber);
  assert.deepEqual(
    events.map(({ args }) => args.number),
    [2n, 4n],
  );
  assert.deepEqual(await talker.queryFilter(talker.filters.Said(failing), 0), []);
});
await check('ethers contract.on', async () => {
  const seen = [];
  await talker.on('Said', (by, number, text) => seen.push([by, number, text]));
  await (await talker.say(9n, 1n, 'gehört 👂')).wait();
  await until('the event', () => seen.length > 0);
  await talker.removeAllListeners();
  assert.deepEqual(seen, [[wallet.address, 9n, 'gehört 👂']]);
});
await check('ethers errors: a reason', async () => {
  const error = await failing.reason('mir fehlt 🥕').catch((reason) => reason);
  assert.ok(isError(error, 'CALL_EXCEPTION'), String(error));
  assert.equal(error.reason, 'mir fehlt 🥕');
});
await check('ethers errors: a custom error by name', async () => {
  const error = await failing.custom(3n).catch((reason) => reason);
  assert.deepEqual(
    [error.revert.name, error.revert.args[1], error.revert.args[2]],
    ['Refused', 3n, 'zu viel 💸'],
  );
});
await check('ethers errors: a panic', async () => {
  const error = await failing.divide(0n).catch((reason) => reason);
  assert.equal(error.reason, 'Panic due to DIVIDE_BY_ZERO(18)');
});
await check('ethers errors: a failed transaction throws when it is waited for', async () => {
  const sent = await counter.increase(101n, { gasLimit: 100_000n });
  const error = await sent.wait().catch((reason) => reason);
  assert.ok(isError(error, 'CALL_EXCEPTION'), String(error));
  assert.equal(error.receipt.status, 0);
});
await check('ethers errors: no funds, and a nonce that is used', async () => {
  const poor = Wallet.createRandom(provider);
  const funds = await poor
    .sendTransaction({ to: wallet.address, value: 1n, gasLimit: 21_000n })
    .catch((reason) => reason);
  assert.ok(isError(funds, 'INSUFFICIENT_FUNDS'), String(funds));
  const old = await wallet.sendTransaction({ to: wallet.address, nonce: 0 }).catch((e) => e);
  assert.ok(isError(old, 'NONCE_EXPIRED'), String(old));
});
await check('ethers errors: a replacement that pays too little', async () => {
  const nonce = (await wallet.getNonce()) + 1;
  const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n ** 9n };
  const request = { to: wallet.address, gasLimit: 21_000n, nonce, ...fees };
  await wallet.sendTransaction({ ...request, value: 1n });
  const error = await wallet.sendTransaction({ ...request, value: 2n }).catch((e) => e);
  assert.ok(isError(error, 'REPLACEMENT_UNDERPRICED'), String(error));
  await (await wallet.sendTransaction({ to: wallet.address })).wait();
});
await check('ethers signTypedData: a permit that the contract takes', async () => {
  const owner = Wallet.createRandom();
  const domain = {
    name: 'Münze',
    version: '1',
    chainId: CHAIN_ID,
    verifyingContract: await token.getAddress(),
  };
  const fields = ['owner', 'spender', 'value', 'nonce', 'deadline'];
  const Permit = fields.map((name, index) => ({ name, type: index < 2 ? 'address' : 'uint256' }));
  const deadline = 2n ** 40n;
  const values = { owner: owner.address, spender: wallet.address, value: 4n, nonce: 0n, deadline };
  const signature = await owner.signTypedData(domain, { Permit }, values);
  assert.equal(verifyTypedData(domain, { Permit }, values, signature), owner.address);
  const { v, r, s } = Signature.from(signature);
  await (await token.permit(owner.address, wallet.address, 4n, deadline, v, r, s)).wait();
  assert.equal(await token.allowance(owner.address, wallet.address), 4n);
});
await check('ethers reads at a block', async () => {
  const receipt = await (await counter.increase(1n)).wait();
  await until('the seal', async () => (await provider.getBlockNumber()) >= receipt.blockNumber);
  const at = (blockTag) =>
    new Contract(counter, artifacts.Counter.abi, provider).value({ blockTag });
  assert.equal(await at(receipt.blockNumber), 7n);
  assert.equal(await at('pending'), 7n);
});
finish();
