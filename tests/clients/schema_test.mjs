// Whether wrong answers are seen: behind_schema.mjs is of no use if it lets everything pass.
// MINSTER_VECTORS names the folder of the specification.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import WebSocket, { WebSocketServer } from 'ws';
import { check, finish, until } from './lib/check.mjs';
import { Recorder } from './lib/recorder.mjs';
import { Specification, ofEnvelope } from './lib/schema.mjs';

const path = join(process.env.MINSTER_VECTORS, 'rpc/openrpc.json');
const specification = new Specification(path);
const HASH = `0x${'ab'.repeat(32)}`;
const ADDRESS = `0x${'cd'.repeat(20)}`;
const LOG = {
  address: ADDRESS,
  blockHash: HASH,
  blockNumber: '0x1',
  data: '0x',
  logIndex: '0x0',
  removed: false,
  topics: [HASH],
  transactionHash: HASH,
  transactionIndex: '0x0',
};

await check('schema: right results are right', () => {
  const right = [
    ['eth_blockNumber', '0xc'],
    ['eth_getTransactionReceipt', null],
    ['eth_getLogs', [LOG]],
    ['eth_getLogs', []],
    ['minster_unspecified', 'anything'],
  ];
  for (const [method, result] of right) assert.equal(specification.ofResult(method, result), null);
});
await check('schema: wrong results are wrong', () => {
  const { topics, ...incomplete } = LOG;
  const wrong = [
    ['eth_blockNumber', 12],
    ['eth_blockNumber', '0x0c'],
    ['eth_blockNumber', null],
    ['eth_getBalance', '12'],
    ['eth_getCode', '0xzz'],
    ['eth_getTransactionReceipt', {}],
    ['eth_getTransactionByHash', { blockHash: null }],
    ['eth_getLogs', [{ ...LOG, logIndex: 0 }]],
    ['eth_getLogs', [{ ...LOG, address: HASH }]],
  ];
  for (const [method, result] of wrong) {
    const what = `${method}: ${JSON.stringify(result)}`;
    assert.notEqual(specification.ofResult(method, result), null, what);
  }
  assert.notEqual(specification.ofNotification({ ...incomplete, number: '0x1' }), null);
  assert.notEqual(specification.ofNotification('0x12'), null);
  assert.equal(specification.ofNotification(LOG), null);
});
await check('schema: wrong envelopes are wrong', () => {
  const request = { id: 7, method: 'eth_chainId' };
  const answer = { jsonrpc: '2.0', id: 7, result: '0x1' };
  assert.equal(ofEnvelope(request, answer), null);
  const error = { code: -32000, message: 'no' };
  assert.equal(ofEnvelope(request, { jsonrpc: '2.0', id: 7, error }), null);
  const wrong = [{ jsonrpc: '1.0' }, { id: 8 }, { id: '7' }, { error }, { result: undefined }];
  for (const change of wrong) {
    const changed = JSON.parse(JSON.stringify({ ...answer, ...change }));
    assert.notEqual(ofEnvelope(request, changed), null, JSON.stringify(change));
  }
});

/** A node that always answers this, over HTTP and WebSocket, behind a recorder. */
async function recorded(text) {
  const server = createServer((_, response) => response.end(text));
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', () => socket.send(text));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const recorder = new Recorder(`http://127.0.0.1:${server.address().port}`, specification);
  return { recorder, url: await recorder.listen() };
}

const ASK = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
const saying = (result) => JSON.stringify({ jsonrpc: '2.0', id: 1, result });

await check('recorder: over HTTP, what is wrong is kept', async () => {
  for (const text of [saying(5), '{', '[]x', saying('0x1').replace('1,', '2,')]) {
    const { recorder, url } = await recorded(text);
    await (await fetch(url, { method: 'POST', body: ASK })).text();
    await until('the fault', () => recorder.faults.size === 1, 1000);
  }
  const { recorder, url } = await recorded(saying('0x1'));
  await (await fetch(url, { method: 'POST', body: ASK })).text();
  await until('the answer', () => recorder.answers === 1, 1000);
  assert.equal(recorder.faults.size, 0);
});
await check('recorder: over WebSocket, what is wrong is kept', async () => {
  const params = { subscription: '0x1', result: '0x12' };
  const notification = JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params });
  for (const text of [saying(5), notification, '{']) {
    const { recorder, url } = await recorded(text);
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'open');
    socket.send(ASK);
    await until('the fault', () => recorder.faults.size === 1, 1000);
    socket.close();
  }
});
finish();
