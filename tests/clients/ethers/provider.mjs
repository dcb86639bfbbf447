// ethers' providers: fees, blocks, receipts, events, all types of transactions, WebSocket.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  JsonRpcProvider,
  NonceManager,
  Transaction,
  Wallet,
  WebSocketProvider,
  ZeroAddress,
  formatEther,
  getAddress,
  parseEther,
} from 'ethers';
import { ACCOUNTS, CHAIN_ID } from '../lib/accounts.mjs';
import { check, finish, until } from '../lib/check.mjs';
import { OPTIONS, funded, provider, url } from '../lib/provider.mjs';

const FRIEND = getAddress('0x00000000000000000000000000000000beef0008');
const wallet = await funded();
const send = (fields = {}) => wallet.sendTransaction({ to: FRIEND, value: 1n, ...fields });

await check('ethers getNetwork', async () => {
  assert.equal((await provider.getNetwork()).chainId, BigInt(CHAIN_ID));
});
await check('ethers getFeeData', async () => {
  const [fees, { baseFeePerGas }] = await until('no seal between two answers', async () => {
    const before = await provider.getBlock('latest');
    const answers = [await provider.getFeeData(), await provider.getBlock('latest')];
    return answers[1].hash === before.hash && answers;
  });
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = fees;
  // It is what the next block asks for, whose base fee is lower by a hundredth at most.
  assert.ok(gasPrice >= (baseFeePerGas * 99n) / 100n, `${gasPrice} ${baseFeePerGas}`);
  assert.equal(maxFeePerGas, 2n * baseFeePerGas + maxPriorityFeePerGas);
});
await check('ethers getBlock, with and without transactions', async () => {
  const receipt = await (await send()).wait();
  await until('the seal', async () => (await provider.getBlockNumber()) >= receipt.blockNumber);
  const block = await provider.getBlock(receipt.blockNumber, true);
  const sent = block.prefetchedTransactions.find(({ hash }) => hash === receipt.hash);
  assert.deepEqual([sent.from, sent.to, sent.value], [wallet.address, FRIEND, 1n]);
  assert.ok(block.transactions.includes(receipt.hash));
  assert.equal((await provider.getBlock(block.hash)).number, block.number);
  assert.equal(await provider.getBlock(block.number + 1_000_000), null);
});
await check('ethers waitForTransaction, with confirmations', async () => {
  const { hash } = await send();
  const waiting = provider.waitForTransaction(hash, 2, 10_000);
  await until('the next block', async () => {
    await (await send()).wait();
    const receipt = await provider.getTransactionReceipt(hash);
    return (await receipt.confirmations()) >= 2;
  });
  const receipt = await waiting;
  assert.equal((await provider.getBlock(receipt.blockNumber)).hash, receipt.blockHash);
});
await check('ethers types 0, 1, 2 and 4', async () => {
  const authorized = Wallet.createRandom(provider);
  const authorize = { address: FRIEND, nonce: 0, chainId: CHAIN_ID };
  const authorizationList = [await authorized.authorize(authorize)];
  const accessList = [{ address: FRIEND, storageKeys: [] }];
  const kinds = [{ type: 0 }, { type: 1, accessList }, { type: 2, accessList }];
  for (const kind of [...kinds, { type: 4, authorizationList }]) {
    const sent = await send(kind);
    const receipt = await sent.wait();
    assert.deepEqual([receipt.type, receipt.status], [kind.type, 1]);
    const told = await provider.getTransaction(sent.hash);
    assert.equal(Transaction.from(told).serialized, Transaction.from(sent).serialized);
  }
  const code = await provider.getCode(authorized);
  assert.equal(code, `0xef0100${FRIEND.slice(2).toLowerCase()}`);
});
await check('ethers broadcastTransaction', async () => {
  const request = await wallet.populateTransaction({ to: FRIEND, value: 1n });
  const sent = await provider.broadcastTransaction(await wallet.signTransaction(request));
  assert.equal((await sent.wait()).status, 1);
});
await check('ethers NonceManager: ten at once', async () => {
  const manager = new NonceManager(wallet);
  const sent = [];
  for (let index = 0; index < 10; index += 1) {
    sent.push(await manager.sendTransaction({ to: FRIEND, value: 1n }));
  }
  const receipts = await Promise.all(sent.map((each) => each.wait()));
  assert.ok(receipts.every(({ status }) => status === 1));
});
await check('ethers: a replacement is told to who waits', async () => {
  const nonce = await wallet.getNonce();
  const fees = (factor) => ({
    maxFeePerGas: factor * 10n ** 10n,
    maxPriorityFeePerGas: factor * 10n ** 9n,
  });
  const first = await send({ nonce: nonce + 1, ...fees(1n) });
  const waiting = first.wait().catch((error) => error);
  const second = await send({ nonce: nonce + 1, value: 5n, ...fees(2n) });
  await send({ nonce });
  await second.wait();
  const error = await waiting;
  assert.deepEqual([error.code, error.replacement?.hash], ['TRANSACTION_REPLACED', second.hash]);
});
await check('ethers events: block, and a transaction by its hash', async () => {
  const number = once(provider, 'block');
  const { hash } = await send();
  const receipt = await new Promise((resolve) => provider.once(hash, resolve));
  assert.equal(receipt.hash, hash);
  assert.ok((await number)[0] > 0);
});
await check('ethers: requests at once travel in one batch', async () => {
  const own = new JsonRpcProvider(url, CHAIN_ID, { ...OPTIONS, staticNetwork: true });
  const sizes = [];
  own.on('debug', ({ action, payload }) => {
    if (action === 'sendRpcPayload') sizes.push(Array.isArray(payload) ? payload.length : 1);
  });
  const balances = await Promise.all(Array.from({ length: 20 }, () => own.getBalance(FRIEND)));
  assert.equal(new Set(balances).size, 1);
  assert.ok(sizes.includes(20), JSON.stringify(sizes));
  own.destroy();
});
await check('ethers getSigner: the node signs for its accounts', async () => {
  const accounts = await provider.listAccounts();
  assert.equal(accounts.length, 10);
  const signer = await provider.getSigner(ACCOUNTS.faucet.address);
  const before = await provider.getBalance(FRIEND);
  await (await signer.sendTransaction({ to: FRIEND, value: parseEther('0.5') })).wait();
  assert.equal(formatEther((await provider.getBalance(FRIEND)) - before), '0.5');
  await assert.rejects(provider.getSigner(FRIEND), /invalid account/);
});
await check('ethers getStorage, getTransactionCount, ZeroAddress', async () => {
  assert.equal(BigInt(await provider.getStorage(FRIEND, 0)), 0n);
  assert.equal(await provider.getTransactionCount(FRIEND), 0);
  assert.ok((await provider.getBalance(ZeroAddress)) >= 0n);
});
await check('ethers WebSocketProvider: blocks, transactions, logs', async () => {
  const socket = new WebSocketProvider(url.replace('http', 'ws'));
  const blocks = [];
  const pending = [];
  await socket.on('block', (number) => blocks.push(number));
  await socket.on('pending', (hash) => pending.push(hash));
  await new Promise((resolve) => setTimeout(resolve, 400));
  const { hash } = await send();
  const { blockNumber } = await provider.waitForTransaction(hash);
  await until('both', () => blocks.includes(blockNumber) && pending.includes(hash));
  assert.equal((await socket.getTransaction(hash)).hash, hash);
  await socket.destroy();
});
finish();
