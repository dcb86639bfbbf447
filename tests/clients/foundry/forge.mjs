// forge: create, scripts with their broadcast, and tests on a fork of the node at MINSTER_RPC_URL.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ACCOUNTS, CHAIN_ID } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { check as checkWithin, finish, until } from '../lib/check.mjs';
import { castAt, forgeAt, fundedBy } from '../lib/foundry.mjs';

const url = process.env.MINSTER_RPC_URL;
const cast = castAt(url);
const forge = forgeAt(url);
const { address, key } = await fundedBy(cast, ACCOUNTS.faucet.address);
const before = await cast('block-number');
const sign = ['--private-key', key];
/** A compiler is slow where there is little of a machine. */
const LIMIT_MS = 60_000;
const check = (name, run) => checkWithin(name, run, LIMIT_MS);
const SCRIPT = 'foundry/script/Deploy.s.sol';
const salt = `0x${randomBytes(32).toString('hex')}`;

let broadcast;

/** Runs the script once all that was sent is in a sealed block: forge asks at its number. */
async function script(value, ...options) {
  const sealedNonce = async () => cast('nonce', address, '--block', await cast('block-number'));
  await until('the seal', async () => (await sealedNonce()) === (await cast('nonce', address)));
  const call = ['--rpc-url', url, '--sig', 'run(bytes32)', value, ...sign];
  await forge('script', SCRIPT, ...call, ...options);
}
/** What the last broadcast sent, and its receipts. */
const log = () =>
  JSON.parse(readFileSync(`broadcast/Deploy.s.sol/${CHAIN_ID}/run-latest.json`, 'utf8'));

await check('forge build, by the same compiler', async () => {
  await forge('build');
  const { bytecode } = JSON.parse(readFileSync('out/Counter.sol/Counter.json', 'utf8'));
  // What follows is a hash of the settings, in which forge's own paths are.
  const code = (text) => text.slice(0, 200);
  assert.equal(code(bytecode.object), code(artifacts.Counter.bytecode));
});
await check('forge create', async () => {
  const path = 'contracts/Counter.sol:Counter';
  const made = JSON.parse(await forge('create', path, ...sign, '--broadcast', '--json'));
  assert.equal(made.deployer, address);
  assert.equal(await cast('call', made.deployedTo, 'value()(uint256)'), '0');
});
await check('forge create, with arguments', async () => {
  const options = [...sign, '--broadcast', '--json', '--constructor-args', 'Könner', '17'];
  const made = JSON.parse(await forge('create', 'contracts/Tokens.sol:Token', ...options));
  assert.equal(await cast('call', made.deployedTo, 'name()(string)'), '"Könner"');
  assert.equal(await cast('call', made.deployedTo, 'balanceOf(address)(uint256)', address), '17');
});
await check('forge create, a constructor that fails', async () => {
  const options = [...sign, '--broadcast'];
  const unborn = forge('create', 'contracts/Failing.sol:Unborn', ...options);
  await assert.rejects(unborn, /ungeboren 🥚/);
});
await check('forge script: a dry run sends nothing', async () => {
  const nonce = await cast('nonce', address);
  await script(salt);
  assert.equal(await cast('nonce', address), nonce);
});
await check('forge script: every transaction of a broadcast succeeds', async () => {
  await script(salt, '--broadcast');
  broadcast = log();
  const kinds = broadcast.transactions.map(({ transactionType: type }) => type);
  assert.deepEqual(kinds, ['CREATE2', 'CREATE', 'CREATE', 'CALL', 'CALL', 'CALL']);
  assert.deepEqual(
    broadcast.receipts.map(({ status }) => status),
    Array(6).fill('0x1'),
  );
});
await check('forge script: what it deployed is there', async () => {
  const [counter, , vault] = broadcast.transactions.map(({ contractAddress }) => contractAddress);
  assert.equal(await cast('call', counter, 'value()(uint256)'), '6');
  assert.equal(await cast('call', vault, 'balanceOf(address)(uint256)', address), '100');
});
await check('forge script --resume: nothing is left to do', async () => {
  const nonce = await cast('nonce', address);
  await script(salt, '--broadcast', '--resume');
  assert.equal(await cast('nonce', address), nonce);
});
await check('forge script --slow: one after the other', async () => {
  const next = `0x${randomBytes(32).toString('hex')}`;
  await script(next, '--broadcast', '--slow');
  const { receipts } = log();
  assert.deepEqual(
    receipts.map(({ status }) => status),
    Array(6).fill('0x1'),
  );
});
await check('forge test, on a fork', async () => {
  const last = BigInt(broadcast.receipts.at(-1).blockNumber);
  await until('the seal', async () => BigInt(await cast('block-number')) >= last);
  process.env.COUNTER = broadcast.transactions[0].contractAddress;
  process.env.BEFORE = before;
  const forked = forgeAt(url);
  const results = JSON.parse(await forked('test', '--fork-url', url, '--json'));
  const [{ test_results: tests }] = Object.values(results);
  assert.equal(Object.keys(tests).length, 3);
  for (const [name, { status, reason }] of Object.entries(tests)) {
    assert.equal(status, 'Success', `${name}: ${reason}`);
  }
});
finish();
