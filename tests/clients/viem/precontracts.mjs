// The contracts of the genesis as tools use them: Multicall3, the CREATE2 deployer, Permit2.

import assert from 'node:assert/strict';
import {
  concat,
  createPublicClient,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  http,
  parseAbi,
  zeroHash,
} from 'viem';
import { CHAIN_ID } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { chain, client, deploy, funded, succeed } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const DEPLOYER = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
const PERMIT2 = parseAbi([
  'struct Permitted { address token; uint256 amount; }',
  'struct Permit { Permitted permitted; uint256 nonce; uint256 deadline; }',
  'struct Details { address to; uint256 requestedAmount; }',
  'function permitTransferFrom(Permit, Details, address owner, bytes signature)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
  'error InvalidSigner()',
  'error InvalidNonce()',
]);
const permit2 = { address: '0x000000000022D473030F116dDEE9F6B43aC78BA3', abi: PERMIT2 };
const MULTICALL = {
  address: chain.contracts.multicall3.address,
  abi: parseAbi([
    'struct Call3Value { address target; bool allowFailure; uint256 value; bytes callData; }',
    'struct Result { bool success; bytes returnData; }',
    'function aggregate3Value(Call3Value[]) payable returns (Result[])',
    'function getEthBalance(address) view returns (uint256)',
    'function getBlockNumber() view returns (uint256)',
    'function getChainId() view returns (uint256)',
  ]),
};
const FRIEND = '0x00000000000000000000000000000000beef0002';

const wallet = await funded();
const owner = wallet.account.address;
const token = await deploy(wallet, artifacts.Token, ['T', 10n ** 24n]);
const failing = await deploy(wallet, artifacts.Failing);

await check('multicall: many reads in one call', async () => {
  const contracts = [
    { ...token, functionName: 'totalSupply' },
    { ...token, functionName: 'balanceOf', args: [FRIEND] },
    { ...MULTICALL, functionName: 'getEthBalance', args: [owner] },
    { ...MULTICALL, functionName: 'getChainId' },
  ];
  const results = await client.multicall({ contracts, allowFailure: false });
  const balance = await client.getBalance({ address: owner });
  assert.deepEqual(results, [10n ** 24n, 0n, balance, BigInt(CHAIN_ID)]);
});
await check('multicall: what fails stands beside what does not', async () => {
  const contracts = [
    { ...failing, functionName: 'reason', args: ['nein'] },
    { ...token, functionName: 'symbol' },
  ];
  const [failed, symbol] = await client.multicall({ contracts });
  assert.match(String(failed.error), /nein/);
  assert.equal(symbol.result, 'TOK');
});
await check('multicall: a transaction with value for two', async () => {
  const to = (target) => ({ target, allowFailure: false, value: 5n, callData: '0x' });
  const calls = [to(FRIEND), to(FRIEND)];
  const before = await client.getBalance({ address: FRIEND });
  const call = { ...MULTICALL, functionName: 'aggregate3Value', args: [calls], value: 10n };
  await succeed(wallet.writeContract(call));
  assert.equal((await client.getBalance({ address: FRIEND })) - before, 10n);
});
await check('multicall: reads at once become one call by themselves', async () => {
  const batched = createPublicClient({ chain, transport: http(), batch: { multicall: true } });
  const read = (functionName) => batched.readContract({ ...token, functionName });
  assert.deepEqual(await Promise.all([read('name'), read('decimals')]), ['T', 18]);
});
await check('CREATE2: the deployer puts code where it was foreseen', async () => {
  const args = [`at ${Date.now()}`, 1n];
  const bytecode = encodeDeployData({ ...artifacts.Token, args });
  const place = { from: DEPLOYER, salt: zeroHash, bytecode, opcode: 'CREATE2' };
  const foreseen = getContractAddress(place);
  const data = concat([zeroHash, bytecode]);
  const { data: answer } = await client.call({ to: DEPLOYER, data });
  assert.equal(answer, foreseen.toLowerCase());
  await succeed(wallet.sendTransaction({ to: DEPLOYER, data }));
  const there = { address: foreseen, abi: artifacts.Token.abi };
  assert.equal(await client.readContract({ ...there, functionName: 'name' }), args[0]);
  // The deployer reverts without a word where code stands already.
  await assert.rejects(client.call({ to: DEPLOYER, data }), /revert/);
});
await check('CREATE: an address by nonce', async () => {
  const nonce = BigInt(await client.getTransactionCount({ address: owner }));
  const made = await deploy(wallet, artifacts.Counter);
  assert.equal(
    getContractAddress({ from: owner, nonce }).toLowerCase(),
    made.address.toLowerCase(),
  );
});

/** A permit of the owner for the spender, with its signature. */
async function permitted(amount, nonce, spender) {
  const word = (name, type = 'uint256') => ({ name, type });
  const types = {
    TokenPermissions: [word('token', 'address'), word('amount')],
    PermitTransferFrom: [
      word('permitted', 'TokenPermissions'),
      word('spender', 'address'),
      word('nonce'),
      word('deadline'),
    ],
  };
  const domain = { name: 'Permit2', chainId: CHAIN_ID, verifyingContract: permit2.address };
  const permit = { permitted: { token: token.address, amount }, nonce, deadline: 2n ** 63n };
  const message = { ...permit, spender };
  const primaryType = 'PermitTransferFrom';
  const signature = await wallet.signTypedData({ domain, types, primaryType, message });
  return { permit, signature };
}

await check('Permit2: a transfer by signature', async () => {
  const spender = await funded();
  const unlimited = [permit2.address, 2n ** 256n - 1n];
  await succeed(wallet.writeContract({ ...token, functionName: 'approve', args: unlimited }));
  const { permit, signature } = await permitted(40n, 0n, spender.account.address);
  const details = { to: FRIEND, requestedAmount: 40n };
  const args = [permit, details, owner, signature];
  const call = { ...permit2, functionName: 'permitTransferFrom', args };
  await assert.rejects(
    client.simulateContract({ ...call, account: wallet.account }),
    /InvalidSigner/,
  );
  await succeed(spender.writeContract(call));
  const balance = { ...token, functionName: 'balanceOf', args: [FRIEND] };
  assert.equal(await client.readContract(balance), 40n);
  await assert.rejects(
    client.simulateContract({ ...call, account: spender.account }),
    /InvalidNonce/,
  );
});
await check('calls without a contract: code that is sent along', async () => {
  const { abi, bytecode: code } = artifacts.Failing;
  const divide = { abi, code, functionName: 'divide' };
  assert.equal(await client.readContract({ ...divide, args: [1n] }), 1n);
  await assert.rejects(client.readContract({ ...divide, args: [0n] }), /zero/);
});
await check('calls without a contract: one that is made by a factory within the call', async () => {
  const bytecode = encodeDeployData({ ...artifacts.Token, args: ['not there', 3n] });
  const place = { from: DEPLOYER, salt: zeroHash, bytecode, opcode: 'CREATE2' };
  const to = getContractAddress(place);
  const data = encodeFunctionData({ abi: token.abi, functionName: 'name' });
  const factory = { factory: DEPLOYER, factoryData: concat([zeroHash, bytecode]) };
  const answer = await client.call({ to, data, ...factory });
  assert.match(Buffer.from(answer.data.slice(2), 'hex').toString(), /not there/);
  assert.equal(await client.getCode({ address: to }), undefined);
});
await check('signatures: of an account with a key, by a call without a contract', async () => {
  const message = 'ich war’s';
  const signature = await wallet.signMessage({ message });
  assert.equal(await client.verifyMessage({ address: owner, message, signature }), true);
  assert.equal(await client.verifyMessage({ address: FRIEND, message, signature }), false);
});
finish();
