// The first hour with viem against the node at MINSTER_RPC_URL, over HTTP and WebSocket.

import assert from 'node:assert/strict';
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  parseEther,
  parseGwei,
  webSocket,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { ACCOUNTS, CHAIN_ID } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { check, finish, until } from '../lib/check.mjs';

const { abi, bytecode } = artifacts.Counter;
const url = process.env.MINSTER_RPC_URL;
const chain = defineChain({
  id: CHAIN_ID,
  name: 'Minster dev',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [url], webSocket: [url.replace('http', 'ws')] } },
});
const account = privateKeyToAccount(ACCOUNTS.viem.key);
const pollingInterval = 50;
const client = createPublicClient({ chain, transport: http(), pollingInterval });
const wallet = createWalletClient({ account, chain, transport: http(), pollingInterval });
const socket = createPublicClient({ chain, transport: webSocket() });
const FRIEND = '0x000000000000000000000000000000000f41e9d2';

const receiptOf = (hash) => client.waitForTransactionReceipt({ hash, timeout: 10_000 });
const nonce = () => client.getTransactionCount({ address: account.address });

/** Signs a transfer of one wei with the next nonce, or with the one given. */
async function signTransfer(fields = {}) {
  const request = await wallet.prepareTransactionRequest({ to: FRIEND, value: 1n, ...fields });
  return wallet.signTransaction(request);
}

let counter;

await check('viem getChainId', async () => assert.equal(await client.getChainId(), CHAIN_ID));
await check('viem getBlock', async () => {
  const block = await client.getBlock();
  assert.equal((await client.getBlock({ blockHash: block.hash })).number, block.number);
  assert.ok(block.baseFeePerGas > 0n);
});
await check('viem getBalance', async () => {
  const balance = await client.getBalance({ address: account.address });
  assert.ok(balance > parseEther('100'));
});
await check('viem estimateFeesPerGas', async () => {
  const fees = await client.estimateFeesPerGas();
  assert.ok(fees.maxFeePerGas > 0n && fees.maxPriorityFeePerGas >= 0n);
});
await check('viem getFeeHistory', async () => {
  const history = await client.getFeeHistory({ blockCount: 1, rewardPercentiles: [25, 75] });
  assert.equal(history.baseFeePerGas.length, 2);
  assert.equal(history.gasUsedRatio.length, 1);
});
await check('viem sendTransaction', async () => {
  const before = await client.getBalance({ address: FRIEND });
  const hash = await wallet.sendTransaction({ to: FRIEND, value: parseEther('1') });
  assert.equal((await receiptOf(hash)).status, 'success');
  assert.equal((await client.getBalance({ address: FRIEND })) - before, parseEther('1'));
  assert.equal((await client.getTransaction({ hash })).value, parseEther('1'));
});
await check('viem sendRawTransactionSync', async () => {
  const serializedTransaction = await signTransfer();
  const receipt = await client.sendRawTransactionSync({ serializedTransaction });
  assert.equal(receipt.status, 'success');
});
await check('viem deployContract', async () => {
  const receipt = await receiptOf(await wallet.deployContract({ abi, bytecode }));
  counter = { address: receipt.contractAddress, abi };
  assert.ok((await client.getCode({ address: counter.address })).length > 2);
});
await check('viem readContract', async () => {
  assert.equal(await client.readContract({ ...counter, functionName: 'value' }), 0n);
});
await check('viem simulateContract and writeContract', async () => {
  const call = { ...counter, functionName: 'increase', args: [7n], account };
  const { request } = await client.simulateContract(call);
  assert.equal((await receiptOf(await wallet.writeContract(request))).status, 'success');
  assert.equal(await client.readContract({ ...counter, functionName: 'value' }), 7n);
});
await check('viem simulateContract, a custom error', async () => {
  const call = { ...counter, functionName: 'increase', args: [101n], account };
  await assert.rejects(client.simulateContract(call), /TooLarge/);
});
await check('viem getLogs', async () => {
  const event = abi.find((item) => item.name === 'Increased');
  const filter = { address: counter.address, event, fromBlock: 'earliest' };
  const [log, ...others] = await until('the log of a sealed block', async () => {
    const logs = await client.getLogs({ ...filter, args: { by: account.address } });
    return logs.length > 0 && logs;
  });
  assert.equal(log.args.value, 7n);
  assert.equal(others.length, 0);
  assert.equal((await client.getLogs({ ...filter, args: { by: FRIEND } })).length, 0);
});
await check('viem createContractEventFilter', async () => {
  const filter = await client.createContractEventFilter({ ...counter, eventName: 'Increased' });
  await receiptOf(await wallet.writeContract({ ...counter, functionName: 'increase', args: [1n] }));
  const [log] = await until('a change', async () => {
    const changes = await client.getFilterChanges({ filter });
    return changes.length > 0 && changes;
  });
  assert.equal(log.args.value, 8n);
});
await check('viem, transactions that arrive in the wrong order', async () => {
  const first = await nonce();
  const signed = [];
  for (let index = 0; index < 5; index += 1) {
    signed.push(await signTransfer({ nonce: first + index, gas: 21_000n }));
  }
  const hashes = [];
  for (const serializedTransaction of signed.reverse()) {
    hashes.push(await client.sendRawTransaction({ serializedTransaction }));
  }
  const receipts = await Promise.all(hashes.map(receiptOf));
  assert.ok(receipts.every((receipt) => receipt.status === 'success'));
  assert.equal(await nonce(), first + 5);
});
await check('viem, a nonce that was used', async () => {
  const serializedTransaction = await signTransfer({ nonce: 0, gas: 21_000n });
  await assert.rejects(client.sendRawTransaction({ serializedTransaction }), /nonce.*too low/is);
});
await check('viem, insufficient funds', async () => {
  const poor = privateKeyToAccount(generatePrivateKey());
  const fees = { maxFeePerGas: parseGwei('100'), maxPriorityFeePerGas: 0n };
  const transfer = { to: FRIEND, value: 1n, gas: 21_000n, nonce: 0, chainId: CHAIN_ID };
  const serializedTransaction = await poor.signTransaction({
    ...transfer,
    ...fees,
    type: 'eip1559',
  });
  const refused = client.sendRawTransaction({ serializedTransaction });
  await assert.rejects(refused, /insufficient funds/i);
});
await check('viem, another chain', async () => {
  const fees = { maxFeePerGas: parseGwei('100'), maxPriorityFeePerGas: 0n };
  const transfer = { to: FRIEND, value: 1n, gas: 21_000n, nonce: await nonce(), chainId: 1 };
  const serializedTransaction = await account.signTransaction({
    ...transfer,
    ...fees,
    type: 'eip1559',
  });
  await assert.rejects(client.sendRawTransaction({ serializedTransaction }), /chain/i);
});
await check('viem, calls in one batch', async () => {
  const batched = createPublicClient({ chain, transport: http(url, { batch: true }) });
  const [id, number] = await Promise.all([batched.getChainId(), batched.getBlockNumber()]);
  assert.equal(id, CHAIN_ID);
  assert.ok(number > 0n);
});
await check('viem, an unknown method', async () => {
  const refused = client.request({ method: 'eth_noSuchMethod', params: [] });
  await assert.rejects(refused, (error) => error.code === -32601);
});
await check('a page in a browser may call', async () => {
  const headers = { origin: 'https://example.org', 'content-type': 'application/json' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const answer = await fetch(url, { method: 'POST', headers, body });
  assert.ok(['*', headers.origin].includes(answer.headers.get('access-control-allow-origin')));
});
await check('viem over WebSocket, a call', async () => {
  assert.equal(await socket.getChainId(), CHAIN_ID);
});
await check('viem over WebSocket, watchBlocks', async () => {
  const seen = [];
  const stop = socket.watchBlocks({ onBlock: (block) => seen.push(block) });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const receipt = await receiptOf(await wallet.sendTransaction({ to: FRIEND, value: 1n }));
  const isNext = (block) => block.number === receipt.blockNumber;
  const block = await until('the block', () => seen.find(isNext));
  stop();
  const { hash } = await client.getBlock({ blockNumber: receipt.blockNumber });
  assert.equal(block.hash, hash);
});
await check('viem over WebSocket, watchContractEvent', async () => {
  const seen = [];
  const onLogs = (logs) => seen.push(...logs);
  const stop = socket.watchContractEvent({ ...counter, eventName: 'Increased', onLogs });
  await new Promise((resolve) => setTimeout(resolve, 200));
  await wallet.writeContract({ ...counter, functionName: 'increase', args: [2n] });
  await until('the event', () => seen.some((log) => log.args.value === 10n));
  stop();
});
await check('viem over WebSocket, watchPendingTransactions', async () => {
  const seen = [];
  const onTransactions = (hashes) => seen.push(...hashes);
  const stop = socket.watchPendingTransactions({ onTransactions });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const hash = await wallet.sendTransaction({ to: FRIEND, value: 1n });
  await until('the transaction', () => seen.includes(hash));
  stop();
});
finish();
