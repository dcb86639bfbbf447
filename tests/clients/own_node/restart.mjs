// A receipt that was answered survives kill -9. MINSTER_BIN names the binary.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNTS } from '../lib/accounts.mjs';
import { castAt } from '../lib/foundry.mjs';
import { check, finish, until } from '../lib/check.mjs';

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
  const args = ['dev', '--proofs', 'off', '--port', String(port), '--dir', folder];
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

const ask = async (cast, ...args) => JSON.parse(await cast(args[0], '--json', ...args.slice(1)));

let node;
let sealed;
let open;

await check('restart: the node starts on an empty folder', async () => {
  node = await start();
});
await check('restart: a receipt in a sealed block', async () => {
  const { transactionHash, blockNumber } = await send(node.cast);
  const isSealed = async () => BigInt(await node.cast('block-number')) >= BigInt(blockNumber);
  await until('the seal', isSealed);
  sealed = await ask(node.cast, 'receipt', transactionHash);
  assert.equal((await ask(node.cast, 'block', blockNumber)).hash, sealed.blockHash);
});
await check('restart: the node starts again after kill -9', async () => {
  open = await send(node.cast);
  await node.kill();
  node = await start();
});
await check('restart: the sealed receipt is the same', async () => {
  assert.deepEqual(await ask(node.cast, 'receipt', sealed.transactionHash), sealed);
  assert.equal((await ask(node.cast, 'block', sealed.blockNumber)).hash, sealed.blockHash);
});
await check('restart: the receipt of just before the kill is the same', async () => {
  // Its block may be sealed by now, and has a hash of its own then; the slice's goes on to name it.
  const { blockHash: hashBefore, ...before } = open;
  const { blockHash, ...after } = await ask(node.cast, 'receipt', open.transactionHash);
  assert.deepEqual(after, before);
  assert.equal((await ask(node.cast, 'block', hashBefore)).number, open.blockNumber);
  assert.equal((await ask(node.cast, 'block', blockHash)).number, open.blockNumber);
});
await check('restart: nonce and balance are those of before', async () => {
  assert.equal(await node.cast('nonce', address), '2');
  assert.equal(await node.cast('balance', FRIEND), '2');
});
await check('restart: the chain goes on', async () => {
  const next = await send(node.cast);
  assert.equal(next.status, '0x1');
  assert.ok(BigInt(next.blockNumber) >= BigInt(open.blockNumber));
});
await node?.kill();
rmSync(folder, { recursive: true, force: true });
finish();
