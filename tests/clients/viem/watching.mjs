// What tells of news: viem's watchers by polling and by WebSocket, filters, and slices.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createPublicClient, http, parseAbiItem, webSocket } from 'viem';
import WebSocket from 'ws';
import { artifacts } from '../lib/artifacts.mjs';
import {
  chain,
  client,
  deploy,
  funded,
  pollingInterval,
  rpc,
  seal,
  socketUrl,
  succeed,
} from '../lib/chain.mjs';
import { check, finish, until } from '../lib/check.mjs';

const FRIEND = '0x00000000000000000000000000000000beef0005';
const SAID = parseAbiItem('event Said(address indexed by, uint256 indexed number, string text)');

const wallet = await funded();
const owner = wallet.account.address;
const talker = await deploy(wallet, artifacts.Talker);
const socket = createPublicClient({ chain, transport: webSocket(socketUrl) });
const poller = createPublicClient({ chain, transport: http(), pollingInterval });

const say = (first, count, text) =>
  succeed(wallet.writeContract({ ...talker, functionName: 'say', args: [first, count, text] }));
const send = () => succeed(wallet.sendTransaction({ to: FRIEND, value: 1n }));
/** Time for a subscription to be made. */
const begun = () => new Promise((resolve) => setTimeout(resolve, 400));

/** Watches while something is done, until what was seen is enough. */
async function watch(start, act, isEnough) {
  const seen = [];
  const failed = [];
  const stop = start({ add: (...items) => seen.push(...items), onError: (e) => failed.push(e) });
  await begun();
  const done = await act();
  await until('what was watched for', () => failed.length > 0 || isEnough(seen, done));
  stop();
  assert.deepEqual(failed, []);
  return seen;
}

for (const [how, watcher] of [
  ['polling', poller],
  ['a socket', socket],
]) {
  await check(`watching by ${how}: blocks, each once and in order`, async () => {
    const start = ({ add, onError }) =>
      watcher.watchBlocks({ onBlock: (block) => add(block), onError, emitMissed: true });
    const two = async () => {
      await seal((await send()).blockNumber);
      return (await send()).blockNumber;
    };
    const seen = await watch(start, two, (blocks, last) => blocks.some((b) => b.number === last));
    assert.ok(seen.length >= 2);
    seen.slice(1).forEach((block, index) => assert.equal(block.parentHash, seen[index].hash));
  });
  await check(`watching by ${how}: events with their arguments`, async () => {
    const start = ({ add, onError }) =>
      watcher.watchEvent({ event: SAID, args: { number: 2n }, onLogs: (l) => add(...l), onError });
    const text = `grüße by ${how} 👋`;
    const seen = await watch(
      start,
      () => say(1n, 3n, text),
      (logs) => logs.length > 0,
    );
    assert.deepEqual(
      seen.map(({ args }) => args),
      [{ by: owner, number: 2n, text }],
    );
  });
  await check(`watching by ${how}: pending transactions`, async () => {
    const start = ({ add, onError }) =>
      watcher.watchPendingTransactions({ onTransactions: (h) => add(...h), onError });
    const isThere = (hashes, { transactionHash }) => hashes.includes(transactionHash);
    await watch(start, send, isThere);
  });
}
await check('logs: by range, topic and address; anonymous ones too', async () => {
  const { blockNumber } = await say(100n, 3n, 'alle');
  await succeed(wallet.writeContract({ ...talker, functionName: 'hide', args: [7n] }));
  const range = { fromBlock: blockNumber, toBlock: 'pending' };
  const said = await client.getLogs({
    event: SAID,
    args: { by: owner, number: [100n, 102n] },
    ...range,
  });
  assert.deepEqual(
    said.map(({ args }) => args.number),
    [100n, 102n],
  );
  const all = await client.getLogs({ address: talker.address, ...range });
  assert.equal(all.length, 4);
  assert.deepEqual(all[3].topics.map(BigInt), [7n]);
  const places = all.map(({ blockNumber: number, logIndex }) => Number(number) * 1000 + logIndex);
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
});
await check('logs: a big one comes whole', async () => {
  const call = { ...talker, functionName: 'big', args: ['grösse', 60_000n] };
  const { logs, blockNumber } = await succeed(wallet.writeContract(call));
  const [{ data }] = logs;
  assert.equal(data.length, 2 + 2 * (64 + 60_000));
  await seal(blockNumber);
  const found = await client.getLogs({ address: talker.address, fromBlock: blockNumber });
  assert.ok(found.some((log) => log.data === data));
});
await check('logs: of a block by its hash', async () => {
  const { blockNumber } = await say(200n, 1n, 'einer');
  await seal(blockNumber);
  const { hash: blockHash } = await client.getBlock({ blockNumber });
  const logs = await client.getLogs({ blockHash, event: SAID });
  assert.ok(logs.some(({ args }) => args.number === 200n));
  assert.ok(logs.every((log) => log.blockHash === blockHash));
});
await check('filters: changes come once, all logs again, and an end is an end', async () => {
  const filter = await client.createEventFilter({ event: SAID, address: talker.address });
  const { blockNumber } = await say(300n, 2n, 'hier');
  const changes = () => client.getFilterChanges({ filter });
  const first = await until('the changes', async () => {
    const logs = await changes();
    return logs.length > 0 && logs;
  });
  assert.deepEqual(
    first.map(({ args }) => args.number),
    [300n, 301n],
  );
  assert.deepEqual(await changes(), []);
  await seal(blockNumber);
  assert.equal((await client.getFilterLogs({ filter })).length, 2);
  assert.equal(await client.uninstallFilter({ filter }), true);
  await assert.rejects(changes(), /filter not found/);
  assert.equal(await client.uninstallFilter({ filter }), false);
});
await check('slices: receipts as they are made, before the block is sealed', async () => {
  const ws = new WebSocket(socketUrl);
  const messages = [];
  ws.on('message', (bytes) => messages.push(JSON.parse(bytes)));
  await once(ws, 'open');
  const ask = { jsonrpc: '2.0', id: 1, method: 'minster_subscribe', params: ['slices'] };
  ws.send(JSON.stringify(ask));
  const { result: id } = await until('the answer', () => messages.find((m) => m.id === 1));
  assert.equal(typeof id, 'string', JSON.stringify(messages));
  const { transactionHash } = await send();
  const slices = () => messages.filter((m) => m.params?.subscription === id);
  const has = (slice) => JSON.stringify(slice).includes(transactionHash);
  await until('the slice', () => slices().some(has));
  const sequences = slices().map((m) => BigInt(m.params.result.sequence));
  sequences.slice(1).forEach((n, index) => assert.equal(n, sequences[index] + 1n));
  ws.close();
});
await check('heads over a socket: what is subscribed can be ended', async () => {
  const ws = new WebSocket(socketUrl);
  const messages = [];
  ws.on('message', (bytes) => messages.push(JSON.parse(bytes)));
  await once(ws, 'open');
  const ask = (id, method, ...params) => {
    ws.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return until(method, () => messages.find((m) => m.id === id));
  };
  const { result } = await ask(1, 'eth_subscribe', 'newHeads');
  await send();
  await until('a head', () => messages.some((m) => m.params?.subscription === result));
  assert.equal((await ask(2, 'eth_unsubscribe', result)).result, true);
  const count = messages.length;
  await seal((await send()).blockNumber);
  await begun();
  assert.equal(messages.length, count);
  const { error } = await ask(3, 'eth_subscribe', 'noSuchThing');
  assert.match(error.message, /noSuchThing/);
  ws.close();
});
await check('receipts of a block are those of its transactions', async () => {
  const { blockNumber } = await send();
  await seal(blockNumber);
  const block = await client.getBlock({ blockNumber });
  const receipts = await client.getBlockReceipts({ blockNumber });
  assert.deepEqual(
    receipts.map((receipt) => receipt.transactionHash),
    block.transactions,
  );
  const [first] = await rpc('eth_getBlockReceipts', block.hash);
  assert.equal(first.blockHash, block.hash);
});
finish();
