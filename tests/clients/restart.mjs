// A receipt that was answered survives kill -9. MINSTER_BIN names the binary.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNTS } from './accounts.mjs';
import { castAt } from './castbin.mjs';
import { check, finish, until } from './check.mjs';

const { address, key } = ACCOUNTS.cast;
const FRIEND = '0x00000000000000000000000000000000000f41e9';
const folder = mkdtempSync(join(tmpdir(), 'minster-restart-'));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a node on the folder and waits for its first answer. */
async function start() {
  const port = await freePort();
  const args = ['dev', '--port', String(port), '--dir', folder];
  const child = spawn(process.env.MINSTER_BIN, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const cast = castAt(`http://127.0.0.1:${port}`);
  await until('the first answer', async () => {
    assert.equal(child.exitCode, null, 'the node ended by itself');
    return cast('chain-id').catch(() => false);
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { cast, kill };
}

const send = async (cast) =>
  JSON.parse(await cast('send', '--json', '--private-key', key, '--value', '1', FRIEND));

let node;
const sent = [];

await check('restart: the node starts on an empty folder', async () => {
  node = await start();
});
await check('restart: receipts before the kill', async () => {
  for (let index = 0; index < 3; index += 1) sent.push(await send(node.cast));
});
await check('restart: the node starts again after kill -9', async () => {
  await node.kill();
  node = await start();
});
await check('restart: every receipt is still there, in the same block', async () => {
  assert.equal(sent.length, 3);
  for (const { transactionHash, blockHash, blockNumber } of sent) {
    const receipt = JSON.parse(await node.cast('receipt', '--json', transactionHash));
    assert.equal(receipt.blockHash, blockHash);
    assert.equal(receipt.blockNumber, blockNumber);
    const block = JSON.parse(await node.cast('block', '--json', blockNumber));
    assert.equal(block.hash, blockHash);
  }
});
await check('restart: nonce and balance are those of before', async () => {
  assert.equal(await node.cast('nonce', address), '3');
  assert.equal(await node.cast('balance', FRIEND), '3');
});
await check('restart: the chain goes on', async () => {
  const next = await send(node.cast);
  assert.equal(next.status, '0x1');
  assert.ok(BigInt(next.blockNumber) > BigInt(sent.at(-1).blockNumber));
});
await node?.kill();
rmSync(folder, { recursive: true, force: true });
finish();
