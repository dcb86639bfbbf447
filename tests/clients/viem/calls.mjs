// Calls that change nothing: overrides, simulations, access lists, and every way to fail.

import assert from 'node:assert/strict';
import { encodeFunctionData, keccak256, pad, parseEther, toHex } from 'viem';
import { artifacts } from '../lib/artifacts.mjs';
import { client, deploy, funded, rpc, seal, succeed } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const FRIEND = '0x00000000000000000000000000000000beef0003';
const POOR = '0x00000000000000000000000000000000beef0004';

const wallet = await funded();
const { account } = wallet;
const token = await deploy(wallet, artifacts.Token, ['T', 1000n]);
const failing = await deploy(wallet, artifacts.Failing);
const counter = await deploy(wallet, artifacts.Counter);
// viem asks for simulations at the number of the last sealed block.
await seal((await succeed(wallet.sendTransaction({ to: FRIEND }))).blockNumber);

const data = (contract, functionName, ...args) =>
  encodeFunctionData({ abi: contract.abi, functionName, args });
const fails = (functionName, ...args) =>
  client.readContract({ ...failing, functionName, args }).then(assert.fail, (error) => error);
const word = (number) => pad(toHex(number));
/** The error that the node itself gave, below what viem makes of it. */
const refusal = (method, ...params) =>
  rpc(method, ...params).then(assert.fail, (error) => error.walk());

await check('reverts: a reason that is not ASCII', async () => {
  assert.match((await fails('reason', 'zu früh 👎 太早')).shortMessage, /zu früh 👎 太早/);
});
await check('reverts: the reason of a call inside', async () => {
  assert.match((await fails('inner', 'drinnen')).shortMessage, /drinnen/);
});
await check('reverts: a long reason comes whole', async () => {
  const long = 'ü'.repeat(3000);
  assert.ok((await fails('reason', long)).message.includes(long));
});
await check('reverts: a custom error with its values', async () => {
  const { data: error } = (await fails('custom', 9n)).walk(({ data }) => data?.errorName);
  assert.equal(error.errorName, 'Refused');
  assert.deepEqual(error.args.slice(1), [9n, 'zu viel 💸']);
});
await check('reverts: panics have their number', async () => {
  assert.match((await fails('divide', 0n)).message, /0x12|zero/);
  assert.match((await fails('beyond')).message, /0x32|out-of-bounds|array/i);
});
await check('reverts: no reason at all', async () => {
  const input = { to: failing.address, data: data(failing, 'nothing') };
  const { code, message, data: output } = await refusal('eth_call', input, 'latest');
  assert.deepEqual([code, message, output], [3, 'execution reverted', '0x']);
});
await check('reverts: of a constructor', async () => {
  const deployment = client.call({ data: artifacts.Unborn.bytecode });
  await assert.rejects(deployment, /ungeboren 🥚/);
});
await check('reverts: an estimate has the reason too', async () => {
  const call = { ...failing, functionName: 'reason', args: ['hier'], account };
  await assert.rejects(client.estimateContractGas(call), /hier/);
});
await check('calls: an endless loop ends, and says why', async () => {
  const call = { to: failing.address, data: data(failing, 'burn'), gas: toHex(1_000_000) };
  assert.match((await refusal('eth_call', call, 'latest')).message, /out of gas/);
});
await check('overrides: a balance, so that nobody pays', async () => {
  const transfer = { account: POOR, to: FRIEND, value: parseEther('5') };
  await assert.rejects(client.call(transfer), /insufficient funds|exceeds/);
  const stateOverride = [{ address: POOR, balance: parseEther('6') }];
  await client.call({ ...transfer, stateOverride });
  assert.equal(await client.estimateGas({ ...transfer, stateOverride }), 21_000n);
});
await check('overrides: a slot of storage', async () => {
  // OpenZeppelin's balances are the mapping in slot 0.
  const slot = keccak256(`0x${pad(POOR).slice(2)}${word(0).slice(2)}`);
  const balance = { ...token, functionName: 'balanceOf', args: [POOR] };
  const stateDiff = [{ slot, value: word(77) }];
  const stateOverride = [{ address: token.address, stateDiff }];
  assert.equal(await client.readContract({ ...balance, stateOverride }), 77n);
  assert.equal(await client.readContract(balance), 0n);
});
await check('overrides: the whole storage', async () => {
  const stateOverride = [{ address: counter.address, state: [{ slot: word(0), value: word(9) }] }];
  const value = { ...counter, functionName: 'value' };
  assert.equal(await client.readContract({ ...value, stateOverride }), 9n);
});
await check('overrides: code', async () => {
  // PUSH1 42, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
  const stateOverride = [{ address: FRIEND, code: '0x602a5f5260205ff3' }];
  const { data: answer } = await client.call({ to: FRIEND, stateOverride });
  assert.equal(BigInt(answer), 42n);
});
await check('overrides: the block', async () => {
  // NUMBER and TIMESTAMP, one after the other.
  const stateOverride = [{ address: FRIEND, code: '0x435f524260205260405ff3' }];
  const blockOverrides = { number: 99n, time: 12345n };
  const { data: answer } = await client.call({ to: FRIEND, stateOverride, blockOverrides });
  assert.equal(answer, `0x${word(99).slice(2)}${word(12345).slice(2)}`);
});
await check('simulations: calls build on each other, with logs of ether', async () => {
  const { results, assetChanges } = await client.simulateCalls({
    account,
    calls: [
      { to: counter.address, data: data(counter, 'increase', 3n) },
      { to: counter.address, abi: counter.abi, functionName: 'value' },
      { to: token.address, abi: token.abi, functionName: 'transfer', args: [FRIEND, 5n] },
      { to: failing.address, abi: failing.abi, functionName: 'reason', args: ['nicht'] },
    ],
    traceAssetChanges: true,
  });
  assert.deepEqual(
    results.map(({ status }) => status),
    ['success', 'success', 'success', 'failure'],
  );
  assert.equal(results[1].result, 3n);
  assert.match(String(results[3].error), /nicht/);
  const change = assetChanges.find(({ token: { symbol } }) => symbol === 'TOK');
  assert.equal(change.value.diff, -5n);
  assert.equal(await client.readContract({ ...counter, functionName: 'value' }), 0n);
});
await check('simulations: blocks with times and balances of their own', async () => {
  const now = (await client.getBlock()).timestamp;
  const [first, second] = await client.simulateBlocks({
    blocks: [
      {
        blockOverrides: { time: now + 100n },
        stateOverrides: [{ address: POOR, balance: parseEther('2') }],
        calls: [{ from: POOR, to: FRIEND, value: parseEther('1') }],
      },
      { calls: [{ from: POOR, to: FRIEND, value: parseEther('1') }] },
    ],
    traceTransfers: true,
  });
  assert.equal(first.timestamp, now + 100n);
  assert.equal(second.number, first.number + 1n);
  assert.equal(second.parentHash, first.hash);
  assert.deepEqual(
    [first, second].map(({ calls }) => calls[0].status),
    ['success', 'success'],
  );
  assert.equal(first.calls[0].logs.length, 1, 'a log of the transfer');
});
await check('access lists: the slots that a call touches', async () => {
  const call = { to: counter.address, data: data(counter, 'increase', 1n), account };
  const { accessList, gasUsed } = await client.createAccessList(call);
  const [entry] = accessList.filter((item) => item.address === counter.address.toLowerCase());
  assert.deepEqual(entry.storageKeys, [word(0)]);
  assert.ok(gasUsed > 40_000n, String(gasUsed));
});
await check('state: at a number, at a hash, and before it was', async () => {
  const call = { ...counter, functionName: 'increase', args: [4n] };
  const numbers = [];
  for (const _ of ['first', 'second']) {
    const { blockNumber } = await succeed(wallet.writeContract(call));
    await seal(blockNumber);
    numbers.push(blockNumber);
  }
  const [first, blockNumber] = numbers;
  const value = { ...counter, functionName: 'value' };
  assert.equal(await client.readContract({ ...value, blockNumber }), 8n);
  assert.equal(await client.readContract({ ...value, blockNumber: first }), 4n);
  const { hash } = await client.getBlock({ blockNumber: first });
  assert.equal(await client.readContract({ ...value, blockHash: hash }), 4n);
  const beyond = client.readContract({ ...value, blockNumber: blockNumber + 1000n });
  await assert.rejects(beyond, /header not found|block not found/);
});
await check('state: storage and proofs', async () => {
  const { address } = counter;
  assert.equal(await client.getStorageAt({ address, slot: '0x0' }), word(8));
  const proof = await client.getProof({ address, storageKeys: [word(0)] });
  assert.equal(proof.storageProof[0].value, 8n);
  assert.equal(proof.codeHash, keccak256(await client.getCode({ address })));
  assert.ok(proof.accountProof.length > 0);
});
await check('fees: a history as long as was asked for', async () => {
  const blockCount = 2;
  const history = await client.getFeeHistory({ blockCount, rewardPercentiles: [0, 50, 100] });
  assert.equal(history.baseFeePerGas.length, blockCount + 1);
  assert.equal(history.reward.length, blockCount);
  assert.ok(history.reward.every((row) => row.length === 3));
  const { baseFeePerGas } = await client.getBlock({ blockNumber: history.oldestBlock });
  assert.equal(history.baseFeePerGas[0], baseFeePerGas);
});
finish();
