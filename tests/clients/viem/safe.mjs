// Safe 1.4.1: three owners, two of whom must agree. Its contracts come by the singleton factory.

import assert from 'node:assert/strict';
import {
  concat,
  encodeFunctionData,
  getContractAddress,
  hashMessage,
  hashTypedData,
  pad,
  parseAbi,
  parseEther,
  parseEventLogs,
  zeroAddress,
  zeroHash,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { CHAIN_ID } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { client, funded, succeed } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const SINGLETON_FACTORY = '0x914d7Fec6aaC8cd542e72Bca78B30650d45643d7';
const FRIEND = '0x000000000000000000000000000000000000fa11';

const SAFE = parseAbi([
  'function setup(address[], uint256, address, bytes, address, address, uint256, address)',
  'function nonce() view returns (uint256)',
  'function getThreshold() view returns (uint256)',
  'function getTransactionHash(address, uint256, bytes, uint8, uint256, uint256, uint256, address, address, uint256) view returns (bytes32)',
  'function execTransaction(address, uint256, bytes, uint8, uint256, uint256, uint256, address, address, bytes) payable returns (bool)',
  'function isValidSignature(bytes32, bytes) view returns (bytes4)',
  'event ExecutionSuccess(bytes32 indexed hash, uint256 payment)',
]);
const PROXY_FACTORY = parseAbi([
  'function createProxyWithNonce(address, bytes, uint256) returns (address)',
  'event ProxyCreation(address indexed proxy, address singleton)',
]);

const wallet = await funded('10');
const owners = [1, 2, 3]
  .map(() => privateKeyToAccount(generatePrivateKey()))
  .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));

let safe;

/** Deploys at an address that depends on the code alone. */
async function singleton(name) {
  const data = artifacts[name].bytecode;
  const place = { from: SINGLETON_FACTORY, salt: zeroHash, bytecode: data, opcode: 'CREATE2' };
  const address = getContractAddress(place);
  if ((await client.getCode({ address })) === undefined) {
    const to = SINGLETON_FACTORY;
    await succeed(wallet.sendTransaction({ to, data: concat([zeroHash, data]) }));
  }
  assert.ok((await client.getCode({ address })).length > 1000, `${name} at ${address}`);
  return address;
}

/** The typed data of a transaction of the Safe. */
function typed(to, value, nonce) {
  const kinds = ['address to', 'uint256 value', 'bytes data', 'uint8 operation'];
  kinds.push('uint256 safeTxGas', 'uint256 baseGas', 'uint256 gasPrice', 'address gasToken');
  kinds.push('address refundReceiver', 'uint256 nonce');
  const SafeTx = kinds.map((kind) => ({ type: kind.split(' ')[0], name: kind.split(' ')[1] }));
  const nothing = { data: '0x', operation: 0, safeTxGas: 0n, baseGas: 0n, gasPrice: 0n };
  const nobody = { gasToken: zeroAddress, refundReceiver: zeroAddress };
  return {
    domain: { chainId: CHAIN_ID, verifyingContract: safe.address },
    types: { SafeTx },
    primaryType: 'SafeTx',
    message: { to, value, ...nothing, ...nobody, nonce },
  };
}

const call = (to, value, signatures) => ({
  ...safe,
  functionName: 'execTransaction',
  args: [to, value, '0x', 0, 0n, 0n, 0n, zeroAddress, zeroAddress, signatures],
});
const nonce = () => client.readContract({ ...safe, functionName: 'nonce' });

await check('safe: a proxy for three owners', async () => {
  const names = ['safe', 'safe_fallback_handler', 'safe_proxy_factory'];
  const places = [];
  for (const name of names) places.push(await singleton(name));
  const [code, handler, factory] = places;
  const addresses = owners.map((owner) => owner.address);
  const nobody = zeroAddress;
  const args = [addresses, 2n, nobody, '0x', handler, nobody, 0n, nobody];
  const setup = encodeFunctionData({ abi: SAFE, functionName: 'setup', args });
  const { logs } = await succeed(
    wallet.writeContract({
      address: factory,
      abi: PROXY_FACTORY,
      functionName: 'createProxyWithNonce',
      args: [code, setup, BigInt(Date.now())],
    }),
  );
  const [created] = parseEventLogs({ abi: PROXY_FACTORY, logs });
  safe = { address: created.args.proxy, abi: SAFE };
  assert.equal(await client.readContract({ ...safe, functionName: 'getThreshold' }), 2n);
});
await check('safe: it takes ether, and the receipt tells of it', async () => {
  const { logs } = await succeed(
    wallet.sendTransaction({ to: safe.address, value: parseEther('1') }),
  );
  assert.equal(logs.length, 1);
  assert.equal(await client.getBalance({ address: safe.address }), parseEther('1'));
});
await check('safe: its hash is that of the typed data', async () => {
  const args = [FRIEND, 5n, '0x', 0, 0n, 0n, 0n, zeroAddress, zeroAddress, 0n];
  const hash = await client.readContract({ ...safe, functionName: 'getTransactionHash', args });
  assert.equal(hash, hashTypedData(typed(FRIEND, 5n, 0n)));
});
await check('safe: two signatures of typed data move ether', async () => {
  const before = await client.getBalance({ address: FRIEND });
  const data = typed(FRIEND, 5n, 0n);
  const signatures = concat(
    await Promise.all(owners.slice(0, 2).map((o) => o.signTypedData(data))),
  );
  const { logs } = await succeed(wallet.writeContract(call(FRIEND, 5n, signatures)));
  const [done] = parseEventLogs({ abi: SAFE, logs, eventName: 'ExecutionSuccess' });
  assert.equal(done.args.payment, 0n);
  assert.equal((await client.getBalance({ address: FRIEND })) - before, 5n);
  assert.equal(await nonce(), 1n);
});
await check('safe: one signature is not enough', async () => {
  const signature = await owners[0].signTypedData(typed(FRIEND, 5n, 1n));
  const refused = { ...call(FRIEND, 5n, signature), account: wallet.account };
  await assert.rejects(client.simulateContract(refused), /GS020/);
});
await check('safe: a signature of a stranger is none', async () => {
  const stranger = privateKeyToAccount(generatePrivateKey());
  const data = typed(FRIEND, 5n, 1n);
  const pair = [owners[0], stranger].sort((a, b) =>
    BigInt(a.address) < BigInt(b.address) ? -1 : 1,
  );
  const signatures = concat(await Promise.all(pair.map((each) => each.signTypedData(data))));
  const refused = { ...call(FRIEND, 5n, signatures), account: wallet.account };
  await assert.rejects(client.simulateContract(refused), /GS026/);
});
await check('safe: a refused transaction costs its nonce nothing', async () => {
  const signatures = pad('0x', { size: 65 });
  const hash = await wallet.writeContract({ ...call(FRIEND, 5n, signatures), gas: 200_000n });
  assert.equal((await client.waitForTransactionReceipt({ hash })).status, 'reverted');
  assert.equal(await nonce(), 1n);
});
await check('safe: ERC-1271 by its fallback handler', async () => {
  const hash = hashMessage('agreed');
  const types = { SafeMessage: [{ name: 'message', type: 'bytes' }] };
  const domain = { chainId: CHAIN_ID, verifyingContract: safe.address };
  const data = { domain, types, primaryType: 'SafeMessage', message: { message: hash } };
  const pair = owners.slice(1);
  const signature = concat(await Promise.all(pair.map((owner) => owner.signTypedData(data))));
  const { address } = safe;
  assert.equal(await client.verifyMessage({ address, message: 'agreed', signature }), true);
  assert.equal(await client.verifyMessage({ address, message: 'denied', signature }), false);
});
finish();
