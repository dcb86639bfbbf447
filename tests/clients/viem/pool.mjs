// Transactions on their way: gaps, replacements, cancellations, batches of requests, and all types.

import assert from 'node:assert/strict';
import { createPublicClient, http, parseGwei, parseTransaction } from 'viem';
import { chain, client, funded, receiptOf, rpc, succeed, url } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const FRIEND = '0x00000000000000000000000000000000beef0006';
const OTHER = '0x00000000000000000000000000000000beef0007';
const FEES = { maxFeePerGas: parseGwei('20'), maxPriorityFeePerGas: parseGwei('1') };
const TRANSFER = { to: FRIEND, value: 1n, gas: 21_000n, ...FEES };

/** Signs with the given nonce and sends; the answer is the hash. */
async function send(wallet, fields) {
  const request = { chainId: chain.id, type: 'eip1559', ...TRANSFER, ...fields };
  const serializedTransaction = await wallet.account.signTransaction(request);
  return client.sendRawTransaction({ serializedTransaction });
}
const raised = (percent) => ({
  maxFeePerGas: (FEES.maxFeePerGas * percent) / 100n,
  maxPriorityFeePerGas: (FEES.maxPriorityFeePerGas * percent) / 100n,
});
const counts = async (address) => [
  await client.getTransactionCount({ address }),
  await client.getTransactionCount({ address, blockTag: 'pending' }),
];

await check('pool: what comes after a gap waits, and is seen', async () => {
  const wallet = await funded();
  const { address } = wallet.account;
  const hash = await send(wallet, { nonce: 1 });
  assert.deepEqual(await counts(address), [0, 0]);
  const waiting = await client.getTransaction({ hash });
  assert.deepEqual([waiting.blockHash, waiting.blockNumber], [null, null]);
  await assert.rejects(client.getTransactionReceipt({ hash }), /could not be found/);
  const { queued } = await rpc('txpool_contentFrom', address);
  assert.equal(queued['1'].hash, hash);
  await send(wallet, { nonce: 0 });
  assert.equal((await receiptOf(hash)).status, 'success');
  assert.deepEqual(await counts(address), [2, 2]);
});
await check('pool: a replacement must pay a tenth more', async () => {
  const wallet = await funded();
  await send(wallet, { nonce: 1 });
  const little = send(wallet, { nonce: 1, value: 2n, ...raised(105n) });
  await assert.rejects(little, /replacement transaction underpriced/);
  const better = await send(wallet, { nonce: 1, value: 3n, ...raised(111n) });
  await send(wallet, { nonce: 0 });
  assert.equal((await receiptOf(better)).status, 'success');
});
await check('pool: who waits for a transaction learns of its replacement', async () => {
  const kinds = [
    ['repriced', { ...raised(120n) }],
    ['replaced', { to: OTHER, ...raised(120n) }],
  ];
  for (const [reason, change] of kinds) {
    const wallet = await funded();
    const hash = await send(wallet, { nonce: 1 });
    const seen = [];
    const options = { hash, timeout: 15_000, onReplaced: (event) => seen.push(event) };
    const waiting = client.waitForTransactionReceipt(options);
    // It looks at the transaction itself before the replacement comes.
    await new Promise((resolve) => setTimeout(resolve, 400));
    const replacement = await send(wallet, { nonce: 1, ...change });
    await send(wallet, { nonce: 0 });
    assert.equal((await waiting).transactionHash, replacement);
    assert.deepEqual(
      seen.map((event) => event.reason),
      [reason],
    );
  }
});
await check('pool: the same transaction again is known', async () => {
  const wallet = await funded();
  await send(wallet, { nonce: 1 });
  await assert.rejects(send(wallet, { nonce: 1 }), /already known/);
});
await check('pool: fees that cannot be', async () => {
  const wallet = await funded();
  const inverted = { nonce: 0, maxFeePerGas: 5n, maxPriorityFeePerGas: 6n };
  const request = { chainId: chain.id, type: 'eip1559', ...TRANSFER, ...inverted };
  // viem would not sign it, so what it signs is a legacy transaction below the base fee.
  await assert.rejects(wallet.account.signTransaction(request), /tip|priority/i);
  const legacy = { chainId: chain.id, type: 'legacy', to: FRIEND, gas: 21_000n, nonce: 0 };
  const cheap = await wallet.account.signTransaction({ ...legacy, gasPrice: 1n });
  const sent = client.sendRawTransaction({ serializedTransaction: cheap });
  await assert.rejects(sent, /less than block base fee|underpriced/);
});
await check('pool: too little gas for what it carries', async () => {
  const wallet = await funded();
  await assert.rejects(send(wallet, { nonce: 0, gas: 20_999n }), /intrinsic gas too low/);
  const data = `0x${'ff'.repeat(1000)}`;
  await assert.rejects(
    send(wallet, { nonce: 0, data, gas: 40_000n }),
    /floor data gas|intrinsic gas/,
  );
  const code = `0x${'00'.repeat(49_153)}`;
  const creation = send(wallet, { nonce: 0, to: undefined, data: code, gas: 10_000_000n });
  await assert.rejects(creation, /max initcode size exceeded/);
});
await check('types: each is prepared, sent, and told as what it is', async () => {
  const wallet = await funded();
  const base = { to: FRIEND, value: 1n };
  const accessList = [{ address: OTHER, storageKeys: [] }];
  const requests = {
    legacy: { type: 'legacy', ...base },
    eip2930: { type: 'eip2930', accessList, ...base },
    eip1559: { type: 'eip1559', accessList, ...base },
  };
  for (const [type, request] of Object.entries(requests)) {
    const prepared = await wallet.prepareTransactionRequest(request);
    assert.equal(prepared.type, type);
    const serializedTransaction = await wallet.signTransaction(prepared);
    const receipt = await client.sendRawTransactionSync({ serializedTransaction });
    assert.deepEqual([receipt.type, receipt.status], [type, 'success']);
    const told = await client.getTransaction({ hash: receipt.transactionHash });
    const signed = parseTransaction(serializedTransaction);
    assert.deepEqual([told.type, told.nonce], [type, prepared.nonce]);
    assert.equal(BigInt(told.r), BigInt(signed.r));
    assert.deepEqual(told.accessList ?? [], request.accessList ?? []);
    const raw = await rpc('eth_getRawTransactionByHash', receipt.transactionHash);
    assert.equal(raw, serializedTransaction);
  }
});
await check('types: a blob transaction is refused, with the reason', async () => {
  const wallet = await funded();
  // An empty body of type 3 is enough: the type alone is refused.
  await assert.rejects(rpc('eth_sendRawTransaction', '0x03c0'), /transaction type not supported/);
  assert.equal(await client.getTransactionCount({ address: wallet.account.address }), 0);
});
await check('batches: a hundred requests in one', async () => {
  const batch = { wait: 10, batchSize: 200 };
  const batched = createPublicClient({ chain, transport: http(url, { batch }) });
  const numbers = Array.from({ length: 100 }, (_, index) => index);
  const balances = await Promise.all(
    numbers.map((n) => batched.getBalance({ address: n % 2 ? FRIEND : OTHER })),
  );
  assert.equal(new Set(balances.filter((_, index) => index % 2 === 0)).size, 1);
});
await check('batches: what fails stands among what does not, each under its id', async () => {
  const ask = (id, method, ...params) => ({ jsonrpc: '2.0', id, method, params });
  const note = { jsonrpc: '2.0', method: 'eth_chainId', params: [] };
  const requests = [ask('a', 'eth_chainId'), ask(7, 'eth_nothing'), note, ask(null, 'net_version')];
  const options = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const response = await fetch(url, { ...options, body: JSON.stringify(requests) });
  const answers = new Map((await response.json()).map((answer) => [answer.id, answer]));
  assert.equal(answers.get('a').result, '0x539');
  assert.equal(answers.get(7).error.code, -32601);
  assert.equal(answers.get(null).result, '1337');
  assert.equal(answers.size, 3, 'a notification has no answer');
});
await check('many wallets at once, each with many transactions', async () => {
  const wallets = [];
  for (let index = 0; index < 5; index += 1) wallets.push(await funded('1'));
  const hashes = await Promise.all(
    wallets.flatMap((wallet) =>
      Array.from({ length: 20 }, (_, nonce) => send(wallet, { nonce: 19 - nonce })),
    ),
  );
  const receipts = await Promise.all(hashes.map(receiptOf));
  assert.ok(receipts.every(({ status }) => status === 'success'));
  for (const { account } of wallets) assert.deepEqual(await counts(account.address), [20, 20]);
});
await check('finality: a transaction is told where it stands', async () => {
  const wallet = await funded();
  const { transactionHash } = await succeed(wallet.sendTransaction({ to: FRIEND }));
  const told = await rpc('minster_getFinality', transactionHash);
  assert.equal(told.proof, 'none', 'this node does not prove');
});
finish();
