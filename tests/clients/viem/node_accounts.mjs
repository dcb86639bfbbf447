// Accounts whose keys the node has, as a wallet beside a page uses them.

import assert from 'node:assert/strict';
import {
  createWalletClient,
  hashMessage,
  http,
  parseEther,
  parseTransaction,
  recoverAddress,
  verifyMessage,
  verifyTypedData,
} from 'viem';
import { ACCOUNTS } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { chain, client, receiptOf, rpc, succeed, walletOf } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const { address } = ACCOUNTS.faucet;
const FRIEND = '0x00000000000000000000000000000000beef000c';
const wallet = walletOf(address);
const fees = { maxFeePerGas: '0x4a817c800', maxPriorityFeePerGas: '0x1' };

await check('accounts of the node: it names them', async () => {
  const anybody = createWalletClient({ chain, transport: http() });
  const addresses = await anybody.getAddresses();
  assert.equal(addresses.length, 10);
  assert.deepEqual([addresses[0], addresses[9]], [ACCOUNTS.cast.address, address]);
});
await check('accounts of the node: a transaction, filled by the node', async () => {
  const before = await client.getBalance({ address: FRIEND });
  await succeed(wallet.sendTransaction({ to: FRIEND, value: parseEther('0.1') }));
  assert.equal((await client.getBalance({ address: FRIEND })) - before, parseEther('0.1'));
});
await check('accounts of the node: a contract', async () => {
  const { contractAddress } = await succeed(wallet.deployContract(artifacts.Counter));
  const counter = { address: contractAddress, abi: artifacts.Counter.abi };
  await succeed(wallet.writeContract({ ...counter, functionName: 'increase', args: [8n] }));
  assert.equal(await client.readContract({ ...counter, functionName: 'value' }), 8n);
});
await check('accounts of the node: several transactions without waiting', async () => {
  const hashes = [];
  for (let value = 1n; value <= 5n; value += 1n) {
    hashes.push(await wallet.sendTransaction({ to: FRIEND, value }));
  }
  const receipts = await Promise.all(hashes.map(receiptOf));
  assert.ok(receipts.every(({ status }) => status === 'success'));
});
await check('accounts of the node: eth_sign signs a message for people', async () => {
  const signature = await rpc('eth_sign', address, '0x68616c6c6f');
  assert.equal(await recoverAddress({ hash: hashMessage('hallo'), signature }), address);
});
await check('accounts of the node: a message', async () => {
  const message = 'guten Tag ☀';
  const signature = await wallet.signMessage({ message });
  assert.equal(await verifyMessage({ address, message, signature }), true);
});
await check('accounts of the node: typed data', async () => {
  const types = { Mail: [{ name: 'to', type: 'address' }, { name: 'text', type: 'string' }] };
  const message = { to: FRIEND, text: 'grüße 💌' };
  const typed = { domain: { name: 'Post', chainId: chain.id }, types, primaryType: 'Mail', message };
  const signature = await wallet.signTypedData(typed);
  assert.equal(await verifyTypedData({ address, signature, ...typed }), true);
});
await check('accounts of the node: eth_fillTransaction and eth_signTransaction', async () => {
  const filled = await rpc('eth_fillTransaction', { from: address, to: FRIEND, value: '0x1' });
  const { nonce, gas, chainId } = filled.tx;
  assert.deepEqual([gas, chainId], ['0x5208', '0x539']);
  const request = { from: address, to: FRIEND, value: '0x1', nonce, gas, chainId, ...fees };
  const { raw, tx } = await rpc('eth_signTransaction', request);
  assert.equal(BigInt(parseTransaction(raw).r), BigInt(tx.r));
  assert.equal((await receiptOf(await rpc('eth_sendRawTransaction', raw))).status, 'success');
});
await check('accounts of the node: it has no key of anybody else', async () => {
  const stranger = { from: FRIEND, to: address, value: '0x0' };
  await assert.rejects(rpc('eth_sendTransaction', stranger), /unknown account/);
});
finish();
