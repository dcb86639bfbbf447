// The rest of what viem reads: blocks by every name, transactions by place, values of many slots.

import assert from 'node:assert/strict';
import { pad, toHex } from 'viem';
import { artifacts } from '../lib/artifacts.mjs';
import { client, deploy, funded, rpc, seal, succeed } from '../lib/chain.mjs';
import { check, finish, until } from '../lib/check.mjs';

const FRIEND = '0x00000000000000000000000000000000beef000d';

const wallet = await funded();
const owner = wallet.account.address;
const token = await deploy(wallet, artifacts.Token, ['Domäne', 7n]);
const sent = await succeed(wallet.sendTransaction({ to: FRIEND, value: 1n }));
await seal(sent.blockNumber);
const hash = sent.transactionHash;

await check('reading: blocks by their names', async () => {
  const at = (blockTag) => client.getBlock({ blockTag });
  assert.equal((await at('earliest')).number, 0n);
  // Nothing is settled on a chain without an L1.
  assert.deepEqual([(await at('finalized')).number, (await at('safe')).number], [0n, 0n]);
  const [latest, pending] = await until('no seal between two answers', async () => {
    const blocks = [await at('latest'), await at('pending')];
    return (await at('latest')).hash === blocks[0].hash && blocks;
  });
  assert.ok(latest.number >= sent.blockNumber);
  assert.deepEqual([pending.number, pending.parentHash], [latest.number + 1n, latest.hash]);
});
await check('reading: a block is the same by number and by hash', async () => {
  const byNumber = await client.getBlock({
    blockNumber: sent.blockNumber,
    includeTransactions: true,
  });
  const byHash = await client.getBlock({ blockHash: byNumber.hash, includeTransactions: true });
  assert.deepEqual(byHash, byNumber);
  const count = await client.getBlockTransactionCount({ blockHash: byNumber.hash });
  assert.equal(count, byNumber.transactions.length);
  const { parentHash } = byNumber;
  assert.equal((await client.getBlock({ blockHash: parentHash })).number, sent.blockNumber - 1n);
});
await check('reading: a transaction by hash and by place, and its bytes', async () => {
  const { blockNumber, transactionIndex: index } = sent;
  const byHash = await client.getTransaction({ hash });
  assert.deepEqual(await client.getTransaction({ blockNumber, index }), byHash);
  const { blockHash } = byHash;
  assert.deepEqual(await client.getTransaction({ blockHash, index }), byHash);
  assert.match(await rpc('eth_getRawTransactionByHash', hash), /^0x02/);
  assert.ok((await client.getTransactionConfirmations({ hash })) >= 1n);
});
await check('reading: what is not there is null, and viem says so', async () => {
  const missing = pad('0x1');
  await assert.rejects(client.getTransaction({ hash: missing }), /could not be found/);
  await assert.rejects(client.getTransactionReceipt({ hash: missing }), /could not be found/);
  await assert.rejects(client.getBlock({ blockHash: missing }), /could not be found/);
  assert.equal(await rpc('eth_getTransactionByBlockNumberAndIndex', '0x0', '0x0'), null);
  assert.equal(await rpc('eth_getUncleCountByBlockNumber', 'latest'), '0x0');
});
await check('reading: prices', async () => {
  assert.ok((await client.getGasPrice()) > 0n);
  assert.ok((await client.estimateMaxPriorityFeePerGas()) > 0n);
  assert.equal(await client.getBlobBaseFee(), 1n);
});
await check('reading: the domain of a contract', async () => {
  const { domain, fields } = await client.getEip712Domain(token);
  assert.deepEqual([domain.name, domain.version, domain.chainId], ['Domäne', '1', 1337]);
  assert.equal(fields, '0x0f');
});
await check('reading: values of many slots of many contracts', async () => {
  const [none, supply] = [pad('0x0'), pad(toHex(2))];
  const values = await rpc('eth_getStorageValues', { [token.address]: [supply, none] }, 'latest');
  assert.deepEqual(values[token.address.toLowerCase()].map(BigInt), [7n, 0n]);
});
await check('reading: a transaction that the node fills', async () => {
  const request = { account: owner, to: FRIEND, value: 1n };
  const { transaction } = await client.fillTransaction(request);
  assert.equal(transaction.nonce, await client.getTransactionCount({ address: owner }));
  assert.ok(transaction.gas >= 21_000n && transaction.maxFeePerGas > 0n);
});
await check('synchronous sending: a transfer, a contract, a call', async () => {
  const transfer = await wallet.sendTransactionSync({ to: FRIEND, value: 1n });
  assert.equal(transfer.status, 'success');
  const { abi, bytecode: data } = artifacts.Counter;
  const { contractAddress: address } = await wallet.sendTransactionSync({ data });
  const call = { address, abi, functionName: 'increase', args: [2n] };
  assert.equal((await wallet.writeContractSync(call)).logs.length, 1);
  assert.equal(await client.readContract({ address, abi, functionName: 'value' }), 2n);
});
finish();
