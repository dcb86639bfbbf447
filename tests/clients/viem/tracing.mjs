// Traces in the shapes of geth, of a transaction, a block, and a call.

import assert from 'node:assert/strict';
import { encodeFunctionData, pad, toHex } from 'viem';
import { artifacts } from '../lib/artifacts.mjs';
import { client, deploy, funded, receiptOf, rpc, seal, succeed } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const wallet = await funded();
const owner = wallet.account.address.toLowerCase();
const counter = await deploy(wallet, artifacts.Counter);
const failing = await deploy(wallet, artifacts.Failing);
const call = { ...counter, functionName: 'increase', args: [5n] };
const increased = await succeed(wallet.writeContract(call));
const fails = { ...failing, functionName: 'inner', args: ['tief drinnen'], gas: 200_000n };
const failed = await receiptOf(await wallet.writeContract(fails));
await seal(failed.blockNumber);

const input = (contract, functionName, ...args) =>
  encodeFunctionData({ abi: contract.abi, functionName, args });
const trace = ({ transactionHash }, options = {}) =>
  rpc('debug_traceTransaction', transactionHash, options);
const traceCall = (options = {}) => {
  const request = { from: owner, to: counter.address, data: input(counter, 'increase', 2n) };
  return rpc('debug_traceCall', request, 'latest', options);
};
const slot = pad('0x0').slice(2);

await check('traces: struct logs, step by step', async () => {
  const { gas, failed: hasFailed, returnValue, structLogs } = await trace(increased);
  assert.equal(BigInt(gas), increased.gasUsed);
  assert.equal(hasFailed, false);
  assert.equal(returnValue, '0x');
  const [first] = structLogs;
  assert.deepEqual([first.pc, first.op, first.depth, first.stack], [0, 'PUSH1', 1, []]);
  const store = structLogs.find(({ op }) => op === 'SSTORE');
  assert.equal(BigInt(`0x${store.storage[slot] ?? store.storage[`0x${slot}`].slice(2)}`), 5n);
  assert.equal(structLogs.at(-1).op, 'STOP');
  assert.equal(first.memory, undefined, 'memory is given when asked for');
});
await check('traces: struct logs with and without their parts', async () => {
  const options = { enableMemory: true, disableStack: true, disableStorage: true };
  const whole = await trace(increased, options);
  // As many bytes: the step that passes them is the last.
  const limit = 4_000;
  let bytes = 0;
  const last = whole.structLogs.findIndex((step) => (bytes += JSON.stringify(step).length) > limit);
  assert.ok(last >= 0 && last < whole.structLogs.length - 1, `the limit is within: ${last}`);
  const { structLogs } = await trace(increased, { ...options, limit });
  assert.deepEqual(structLogs, whole.structLogs.slice(0, last + 1));
  assert.ok(structLogs.every(({ stack, storage }) => stack === undefined && storage === undefined));
  assert.ok(structLogs.some(({ memory }) => memory?.length > 0));
});
await check('traces: callTracer, with logs', async () => {
  const options = { tracer: 'callTracer', tracerConfig: { withLog: true } };
  const root = await trace(increased, options);
  assert.deepEqual([root.type, root.from, root.to], ['CALL', owner, counter.address.toLowerCase()]);
  assert.equal(root.input, input(counter, 'increase', 5n));
  assert.equal(BigInt(root.gasUsed), increased.gasUsed);
  assert.equal(root.logs.length, 1);
  assert.deepEqual(root.logs[0].topics, increased.logs[0].topics);
  assert.equal(root.calls, undefined);
});
await check('traces: callTracer of a failure inside, with its reason', async () => {
  const root = await trace(failed, { tracer: 'callTracer' });
  assert.equal(root.error, 'execution reverted');
  assert.equal(root.revertReason, 'tief drinnen');
  assert.equal(root.calls.length, 1);
  const [inner] = root.calls;
  assert.deepEqual([inner.type, inner.from], ['STATICCALL', failing.address.toLowerCase()]);
  assert.equal(inner.revertReason, 'tief drinnen');
  const top = await trace(failed, { tracer: 'callTracer', tracerConfig: { onlyTopCall: true } });
  assert.equal(top.calls, undefined);
});
await check('traces: prestateTracer, before and after', async () => {
  const before = await trace(increased, { tracer: 'prestateTracer' });
  assert.ok(BigInt(before[owner].balance) > 0n);
  assert.equal(typeof before[owner].nonce, 'number');
  assert.ok(before[counter.address.toLowerCase()].code.startsWith('0x60'));
  const tracerConfig = { diffMode: true };
  const { pre, post } = await trace(increased, { tracer: 'prestateTracer', tracerConfig });
  assert.equal(post[owner].nonce, pre[owner].nonce + 1);
  const storage = post[counter.address.toLowerCase()].storage;
  assert.deepEqual(Object.values(storage), [pad(toHex(5))]);
});
await check('traces: 4byteTracer, noopTracer, muxTracer, flatCallTracer', async () => {
  const selector = input(failing, 'reason', '').slice(0, 10);
  const counted = await trace(failed, { tracer: '4byteTracer' });
  assert.ok(
    Object.keys(counted).some((key) => key.startsWith(selector)),
    JSON.stringify(counted),
  );
  assert.deepEqual(await trace(increased, { tracer: 'noopTracer' }), {});
  const tracerConfig = { callTracer: {}, '4byteTracer': {} };
  const both = await trace(failed, { tracer: 'muxTracer', tracerConfig });
  assert.deepEqual(Object.keys(both).sort(), ['4byteTracer', 'callTracer']);
  assert.deepEqual(both['4byteTracer'], counted);
  const [flat] = await trace(increased, { tracer: 'flatCallTracer' });
  assert.deepEqual([flat.type, flat.action.callType], ['call', 'call']);
  assert.equal(flat.transactionHash, increased.transactionHash);
});
await check('traces: of a block, a trace for each transaction', async () => {
  const number = toHex(increased.blockNumber);
  const { hash, transactions } = await client.getBlock({ blockNumber: increased.blockNumber });
  const byNumber = await rpc('debug_traceBlockByNumber', number, { tracer: 'callTracer' });
  assert.deepEqual(
    byNumber.map(({ txHash }) => txHash),
    transactions,
  );
  const byHash = await rpc('debug_traceBlockByHash', hash, { tracer: 'callTracer' });
  assert.deepEqual(byHash, byNumber);
  const { result } = byNumber.find(({ txHash }) => txHash === increased.transactionHash);
  assert.deepEqual(result, await trace(increased, { tracer: 'callTracer' }));
});
await check('traces: of a call, with overrides', async () => {
  const plain = await traceCall({ tracer: 'callTracer' });
  assert.equal(plain.error, undefined);
  const code = '0x5f5ffd'; // PUSH0, PUSH0, REVERT
  const stateOverrides = { [counter.address]: { code } };
  const { error } = await traceCall({ tracer: 'callTracer', stateOverrides });
  assert.equal(error, 'execution reverted');
  const { structLogs } = await traceCall({ stateOverrides });
  assert.deepEqual(
    structLogs.map(({ op }) => op),
    ['PUSH0', 'PUSH0', 'REVERT'],
  );
});
await check('traces: what cannot be traced is said', async () => {
  const unknown = rpc('debug_traceTransaction', pad('0x1'), {});
  await assert.rejects(unknown, /transaction not found/);
  await assert.rejects(trace(increased, { tracer: 'noSuchTracer' }), /noSuchTracer|tracer/);
  await assert.rejects(trace(increased, { tracer: '{result: function() {}}' }), /tracer/i);
});
finish();
