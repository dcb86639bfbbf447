// What else cast can do with the node at MINSTER_RPC_URL.

import assert from 'node:assert/strict';
import { ACCOUNTS } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { check, finish, until } from '../lib/check.mjs';
import { castAt, fundedBy } from '../lib/foundry.mjs';

const url = process.env.MINSTER_RPC_URL;
const cast = castAt(url);
const json = async (name, ...args) => JSON.parse(await cast(name, '--json', ...args));
const FRIEND = '0x00000000000000000000000000000000Beef000b';
const DEPLOYER = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

const { address, key } = await fundedBy(cast, ACCOUNTS.faucet.address);
/** Sends, and throws if it failed on the chain. */
async function send(...args) {
  const receipt = await json('send', '--private-key', key, ...args);
  assert.equal(receipt.status, '0x1', `cast send ${args.join(' ').slice(0, 100)}`);
  return receipt;
}
const deploy = async (name) => (await send('--create', artifacts[name].bytecode)).contractAddress;
const counter = await deploy('Counter');
const failing = await deploy('Failing');
const nonce = async () => Number(await cast('nonce', address));
const seal = (number) =>
  until('the seal', async () => BigInt(await cast('block-number')) >= BigInt(number));

await check('cast mktx, decode-transaction, publish', async () => {
  const raw = await cast('mktx', '--private-key', key, FRIEND, '--value', '3');
  // What it prints is JSON within a string of JSON.
  const decoded = JSON.parse(await json('decode-transaction', raw));
  assert.equal(BigInt(decoded.value), 3n);
  const { transactionHash, status } = JSON.parse(await cast('publish', raw));
  assert.equal(status, '0x1');
  assert.equal((await json('tx', transactionHash)).hash, transactionHash);
  assert.equal(await cast('tx', transactionHash, '--raw'), raw);
});
await check('cast send --sync', async () => {
  const { gasUsed } = await send('--sync', FRIEND, '--value', '1');
  assert.equal(BigInt(gasUsed), 21_000n);
});
await check('cast send --confirmations', async () => {
  const waiting = send('--confirmations', '2', FRIEND, '--value', '1');
  // Blocks are made when there is something to be in them.
  let receipt;
  waiting.then(
    (value) => {
      receipt = value;
    },
    (error) => {
      receipt = { error };
    },
  );
  await until('two confirmations', async () => {
    await cast('send', '--unlocked', '--from', ACCOUNTS.faucet.address, FRIEND, '--value', '1');
    return receipt;
  });
  assert.equal(receipt.status, '0x1', String(receipt.error));
});
await check('cast send, with an access list of its own', async () => {
  const receipt = await send('--access-list', '--', counter, 'increase(uint256)', '5');
  const { accessList } = await json('tx', receipt.transactionHash);
  assert.equal(accessList[0].address, counter);
});
await check('cast send, a contract by CREATE2', async () => {
  const salt = `0x${Date.now().toString(16).padStart(64, '0')}`;
  const { bytecode } = artifacts.Counter;
  const options = ['--salt', salt, '--init-code', bytecode, '--deployer', DEPLOYER];
  const foreseen = (await cast('create2', ...options)).match(/0x[0-9a-fA-F]{40}/)[0];
  await send(DEPLOYER, `${salt}${bytecode.slice(2)}`);
  assert.equal(await cast('call', foreseen, 'value()(uint256)'), '0');
});
await check('cast send --auth, of another account, and back', async () => {
  const [{ address: other, private_key: otherKey }] = JSON.parse(
    await cast('wallet', 'new', '--json'),
  );
  const sign = (code, at) =>
    cast('wallet', 'sign-auth', code, '--private-key', otherKey, '--nonce', at, '--chain', '1337');
  await send('--auth', await sign(counter, 0), FRIEND);
  assert.equal(await cast('code', other), `0xef0100${counter.slice(2).toLowerCase()}`);
  await send('--auth', await sign(`0x${'00'.repeat(20)}`, 1), FRIEND);
  assert.equal(await cast('code', other), '0x');
});
await check('cast call --trace', async () => {
  const trace = await cast('call', '--trace', counter, 'value()(uint256)');
  // Who was never online knows the selector alone.
  assert.match(trace, /Traces:[\s\S]*(value|3fa4f245)\(\)[\s\S]*Return/);
});
await check('cast call, overrides', async () => {
  const slot = `0x${'00'.repeat(32)}`;
  const nine = `0x${'00'.repeat(31)}09`;
  const override = ['--override-state-diff', `${counter}:${slot}:${nine}`];
  assert.equal(await cast('call', ...override, counter, 'value()(uint256)'), '9');
  assert.equal(await cast('call', counter, 'value()(uint256)'), '5');
});
await check('cast call, a reason that is not ASCII', async () => {
  const call = cast('call', failing, 'reason(string)', 'zu spät 🐌');
  await assert.rejects(call, /zu spät 🐌/);
});
await check('cast access-list', async () => {
  const list = await json('access-list', counter, 'increase(uint256)', '1', '--from', address);
  assert.equal(list.accessList[0].storageKeys.length, 1);
});
await check('cast run, a transaction once more on this machine', async () => {
  const receipt = await send(counter, 'increase(uint256)', '2');
  await seal(receipt.blockNumber);
  const trace = await cast('run', receipt.transactionHash, '--evm-version', 'osaka');
  assert.match(trace, /Transaction successfully executed/);
  assert.match(trace, new RegExp(`Gas used: ${BigInt(receipt.gasUsed)}`));
});
await check('cast storage, codehash, codesize, index', async () => {
  assert.equal(BigInt(await cast('storage', counter, '0')), 7n);
  const code = await cast('code', counter);
  assert.equal(await cast('codehash', counter), await cast('keccak', code));
  assert.equal(Number(await cast('codesize', counter)), code.length / 2 - 1);
});
await check('cast proof', async () => {
  const proof = await json('proof', counter, `0x${'00'.repeat(32)}`);
  assert.equal(BigInt(proof.storageProof[0].value), 7n);
});
await check('cast age, find-block', async () => {
  const number = await cast('block-number');
  const block = await json('block', number);
  assert.equal(await cast('find-block', BigInt(block.timestamp)), number);
  assert.match(await cast('age', number), /\d{4}/);
});
await check('cast tx-pool', async () => {
  const at = (await nonce()) + 1;
  await cast(
    'send',
    '--private-key',
    key,
    '--async',
    '--nonce',
    at,
    FRIEND,
    '--gas-limit',
    '21000',
  );
  const { queued } = JSON.parse(await cast('tx-pool', 'content-from', '--from', address));
  assert.ok(at in queued, JSON.stringify(queued));
  assert.match(await cast('tx-pool', 'status'), /queued/i);
  await send('--nonce', at - 1, FRIEND);
  await until('both', async () => (await nonce()) === at + 1);
});
await check('cast erc20', async () => {
  const token = await deploy('weth');
  await send(token, 'deposit()', '--value', '9');
  assert.equal(await cast('erc20', 'balance', token, address), '9');
});
await check('cast rpc', async () => {
  assert.equal(JSON.parse(await cast('rpc', 'eth_chainId')), '0x539');
  const block = JSON.parse(await cast('rpc', 'eth_getBlockByNumber', '0x0', 'false'));
  assert.equal(block.number, '0x0');
  await assert.rejects(cast('rpc', 'eth_nothing'), /32601/);
});
await check('cast over WebSocket', async () => {
  const socket = castAt(url.replace('http', 'ws'));
  assert.equal(await socket('chain-id'), '1337');
  const sent = await socket('send', '--json', '--private-key', key, FRIEND, '--value', '1');
  assert.equal(JSON.parse(sent).status, '0x1');
});
await check('cast send, what cannot be sent is refused with the reason', async () => {
  const old = cast('send', '--private-key', key, '--nonce', '0', FRIEND, '--gas-limit', '21000');
  await assert.rejects(old, /nonce too low/);
  const [poor] = JSON.parse(await cast('wallet', 'new', '--json'));
  const options = ['--private-key', poor.private_key, '--value', '1', '--gas-limit', '21000'];
  await assert.rejects(cast('send', ...options, FRIEND), /insufficient funds/);
});
finish();
