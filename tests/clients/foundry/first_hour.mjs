// The first hour with foundry's `cast` against the node at MINSTER_RPC_URL.

import assert from 'node:assert/strict';
import { ACCOUNTS, CHAIN_ID } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { castAt } from '../lib/foundry.mjs';
import { check, finish, until } from '../lib/check.mjs';

const { bytecode } = artifacts.Counter;
const cast = castAt(process.env.MINSTER_RPC_URL);
const { address, key } = ACCOUNTS.cast;
const FRIEND = '0x00000000000000000000000000000000000f41e9';
const ETHER = 10n ** 18n;

const json = async (name, ...args) => JSON.parse(await cast(name, '--json', ...args));
const send = (...args) => json('send', '--private-key', key, ...args);
const height = async () => BigInt(await cast('block-number'));
const sealed = (number) => until('the seal', async () => (await height()) >= BigInt(number));
const balance = async (who) => BigInt(await cast('balance', who));

let transfer;
let counter;
let increased;

await check('cast chain-id', async () => {
  assert.equal(Number(await cast('chain-id')), CHAIN_ID);
});
await check('cast client', async () => assert.match(await cast('client'), /\w/));
await check('cast block-number', async () => assert.match(await cast('block-number'), /^\d+$/));
await check('cast balance', async () => assert.ok((await balance(address)) > 100n * ETHER));
await check('cast gas-price', async () => assert.ok(BigInt(await cast('gas-price')) > 0n));
await check('cast base-fee', async () => assert.ok(BigInt(await cast('base-fee')) > 0n));
await check('cast estimate, a transfer', async () => {
  assert.equal(await cast('estimate', FRIEND, '--value', '1', '--from', address), '21000');
});
await check('cast send, one ether', async () => {
  const before = await balance(FRIEND);
  transfer = await send(FRIEND, '--value', '1ether');
  assert.equal(transfer.status, '0x1');
  assert.equal(BigInt(transfer.gasUsed), 21000n);
  assert.equal(BigInt(transfer.type), 2n);
  assert.equal((await balance(FRIEND)) - before, ETHER);
});
await check('cast send, legacy', async () => {
  const receipt = await send(FRIEND, '--value', '1', '--legacy');
  assert.equal(receipt.status, '0x1');
  assert.equal(BigInt(receipt.type), 0n);
});
// A receipt is answered before its block is sealed: until then it carries the hash of its slice,
// which goes on to name the block (spec/blocks-and-slices.md, BS-14).
await check('cast receipt, of a sealed block', async () => {
  await sealed(transfer.blockNumber);
  const receipt = await json('receipt', transfer.transactionHash);
  const block = await json('block', transfer.blockNumber);
  assert.equal(receipt.blockNumber, transfer.blockNumber);
  assert.equal(receipt.blockHash, block.hash);
  assert.equal(receipt.from.toLowerCase(), address.toLowerCase());
});
await check('cast block, by the hash that the first receipt named', async () => {
  assert.equal((await json('block', transfer.blockHash)).number, transfer.blockNumber);
});
await check('cast tx', async () => {
  const tx = await json('tx', transfer.transactionHash);
  assert.equal(BigInt(tx.value), ETHER);
  assert.equal(tx.blockNumber, transfer.blockNumber);
});
await check('cast nonce', async () => {
  const before = Number(await cast('nonce', address));
  await send(FRIEND, '--value', '1');
  assert.equal(Number(await cast('nonce', address)), before + 1);
});
await check('cast block', async () => {
  const block = await json('block', transfer.blockNumber);
  assert.ok(block.transactions.includes(transfer.transactionHash));
  const parent = await json('block', block.parentHash);
  assert.equal(BigInt(parent.number) + 1n, BigInt(block.number));
});
await check('cast block, the first and the last', async () => {
  assert.equal(BigInt((await json('block', 'earliest')).number), 0n);
  assert.ok(BigInt((await json('block', 'latest')).number) >= BigInt(transfer.blockNumber));
});
await check('cast send --create', async () => {
  const receipt = await send('--create', bytecode);
  assert.equal(receipt.status, '0x1');
  counter = receipt.contractAddress;
  assert.match(counter, /^0x[0-9a-fA-F]{40}$/);
});
await check('cast code', async () => assert.match(await cast('code', counter), /^0x60/));
await check('cast call', async () => {
  assert.equal(await cast('call', counter, 'value()(uint256)'), '0');
});
await check('cast estimate, a contract', async () => {
  const gas = await cast('estimate', counter, 'increase(uint256)', '5', '--from', address);
  assert.ok(Number(gas) > 40_000 && Number(gas) < 100_000, gas);
});
await check('cast send, a contract', async () => {
  increased = await send(counter, 'increase(uint256)', '5');
  assert.equal(increased.status, '0x1');
  assert.equal(increased.logs.length, 1);
  assert.equal(await cast('call', counter, 'value()(uint256)'), '5');
});
await check('cast storage', async () => {
  assert.equal(BigInt(await cast('storage', counter, '0')), 5n);
});
await check('cast logs', async () => {
  const event = 'Increased(address indexed,uint256)';
  await sealed(increased.blockNumber);
  const range = ['--from-block', '0', '--to-block', 'latest'];
  const logs = await json('logs', ...range, '--address', counter, event, address);
  assert.equal(logs.length, 1);
  assert.equal(BigInt(logs[0].data), 5n);
});
await check('cast call, a revert with its reason', async () => {
  const selector = (await cast('sig', 'TooLarge(uint256)')).slice(2);
  const refused = cast('call', counter, 'increase(uint256)', '101', '--from', address);
  await assert.rejects(refused, new RegExp(`${selector}|TooLarge`));
});
await check('cast send, a failed transaction has a receipt', async () => {
  const options = ['--private-key', key, '--gas-limit', '100000', '--async'];
  const hash = await cast('send', ...options, counter, 'increase(uint256)', '101');
  assert.equal((await json('receipt', hash)).status, '0x0');
});
await check('cast send --auth, an account with code', async () => {
  const receipt = await send('--auth', counter, FRIEND);
  assert.equal(receipt.status, '0x1');
  assert.equal(await cast('code', address), `0xef0100${counter.slice(2).toLowerCase()}`);
});
finish();
