// ERC-4337: operations of accounts that are contracts, through the EntryPoint of the genesis.

import assert from 'node:assert/strict';
import { encodeFunctionData, parseAbi, parseEther, parseEventLogs } from 'viem';
import {
  entryPoint08Abi,
  entryPoint08Address,
  getUserOperationHash,
  getUserOperationTypedData,
  toPackedUserOperation,
} from 'viem/account-abstraction';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { CHAIN_ID } from '../lib/accounts.mjs';
import { artifacts } from '../lib/artifacts.mjs';
import { client, deploy, funded, succeed } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const FACTORY = parseAbi([
  'constructor(address entryPoint)',
  'function createAccount(address owner, uint256 salt) returns (address)',
  'function getAddress(address owner, uint256 salt) view returns (address)',
]);
const ACCOUNT = parseAbi([
  'struct Call { address target; uint256 value; bytes data; }',
  'function execute(address, uint256, bytes)',
  'function executeBatch(Call[])',
]);
const ENTRY_POINT = { address: entryPoint08Address, abi: entryPoint08Abi };
const DELEGATED_FACTORY = '0x7702';
const BENEFICIARY = '0x00000000000000000000000000000000beef4337';
const FRIEND = '0x00000000000000000000000000000000beef0001';
const SALT = 9n;

const bundler = await funded('20');
const owner = privateKeyToAccount(generatePrivateKey());
let factory;
let sender;

const read = (contract, functionName, ...args) =>
  client.readContract({ ...contract, functionName, args });
const execute = (to, value, data = '0x') =>
  encodeFunctionData({ abi: ACCOUNT, functionName: 'execute', args: [to, value, data] });

function operation(fields) {
  const gas = { callGasLimit: 500_000n, verificationGasLimit: 1_000_000n };
  const fees = { maxFeePerGas: parseEther('0.000000002'), maxPriorityFeePerGas: 1n };
  return { sender, preVerificationGas: 50_000n, ...gas, ...fees, signature: '0x', ...fields };
}

/** The operation under the signature of the account's owner, as the EntryPoint takes it. */
async function signed(fields, signer = owner) {
  const userOperation = operation(fields);
  const entryPoint = { chainId: CHAIN_ID, entryPointAddress: entryPoint08Address };
  const data = getUserOperationTypedData({ ...entryPoint, userOperation });
  const signature = await signer.signTypedData(data);
  return toPackedUserOperation({ ...userOperation, signature });
}

const bundle = (...operations) => ({
  ...ENTRY_POINT,
  functionName: 'handleOps',
  args: [operations, BENEFICIARY],
});
const handle = (...operations) => succeed(bundler.writeContract(bundle(...operations)));
const events = ({ logs }, eventName) => parseEventLogs({ abi: entryPoint08Abi, logs, eventName });
const refused = (...operations) =>
  client.simulateContract({ ...bundle(...operations), account: bundler.account });

await check('user operations: the EntryPoint hashes them as viem does', async () => {
  factory = await deploy(bundler, { abi: FACTORY, bytecode: artifacts.account_factory.bytecode }, [
    entryPoint08Address,
  ]);
  sender = await read(factory, 'getAddress', owner.address, SALT);
  const userOperation = operation({ nonce: 0n, callData: execute(FRIEND, 1n) });
  const packed = toPackedUserOperation(userOperation);
  const entryPoint = { chainId: CHAIN_ID, entryPointAddress: entryPoint08Address };
  const hash = getUserOperationHash({ ...entryPoint, entryPointVersion: '0.8', userOperation });
  assert.equal(await read(ENTRY_POINT, 'getUserOpHash', packed), hash);
});
await check('user operations: the first makes its account', async () => {
  await succeed(bundler.sendTransaction({ to: sender, value: parseEther('1') }));
  const args = [owner.address, SALT];
  const factoryData = encodeFunctionData({ abi: FACTORY, functionName: 'createAccount', args });
  const made = { factory: factory.address, factoryData };
  const first = await signed({ nonce: 0n, callData: execute(FRIEND, 77n), ...made });
  const before = await client.getBalance({ address: FRIEND });
  const receipt = await handle(first);
  const [done] = events(receipt, 'UserOperationEvent');
  assert.equal(done.args.success, true);
  assert.equal(done.args.sender.toLowerCase(), sender.toLowerCase());
  assert.equal(events(receipt, 'AccountDeployed').length, 1);
  assert.equal((await client.getBalance({ address: FRIEND })) - before, 77n);
});
await check(
  'user operations: two in a bundle, one of which fails inside and is paid for',
  async () => {
    const works = await signed({ nonce: 1n, callData: execute(FRIEND, 1n) });
    const fails = await signed({ nonce: 2n, callData: execute(FRIEND, parseEther('1000')) });
    const done = events(await handle(works, fails), 'UserOperationEvent');
    assert.deepEqual(
      done.map(({ args }) => args.success),
      [true, false],
    );
    assert.ok(done[1].args.actualGasCost > 0n);
    assert.ok((await client.getBalance({ address: BENEFICIARY })) > 0n, 'the bundler is paid');
  },
);
await check('user operations: a stranger has no say', async () => {
  const stranger = privateKeyToAccount(generatePrivateKey());
  const wrong = await signed({ nonce: 3n, callData: execute(FRIEND, 1n) }, stranger);
  await assert.rejects(refused(wrong), /AA24 signature error/);
});
await check('user operations: nonces go up by one', async () => {
  const wrong = await signed({ nonce: 9n, callData: execute(FRIEND, 1n) });
  await assert.rejects(refused(wrong), /AA25 invalid account nonce/);
  assert.equal(await read(ENTRY_POINT, 'getNonce', sender, 0n), 3n);
});
await check('user operations: an account without ether cannot pay', async () => {
  const poor = await read(factory, 'getAddress', owner.address, 10n);
  const args = [owner.address, 10n];
  const factoryData = encodeFunctionData({ abi: FACTORY, functionName: 'createAccount', args });
  const made = { sender: poor, factory: factory.address, factoryData };
  const wrong = await signed({ nonce: 0n, callData: execute(FRIEND, 0n), ...made });
  await assert.rejects(refused(wrong), /AA21 didn't pay prefund/);
});
await check('user operations: of a plain account, by EIP-7702', async () => {
  const code = await deploy(bundler, { abi: [], bytecode: artifacts.account_7702.bytecode });
  const self = await funded('1');
  const authorization = await self.signAuthorization({ contractAddress: code.address });
  const calls = [FRIEND, BENEFICIARY].map((target) => ({ target, value: 3n, data: '0x' }));
  const callData = encodeFunctionData({
    abi: ACCOUNT,
    functionName: 'executeBatch',
    args: [calls],
  });
  const fields = { sender: self.account.address, nonce: 0n, callData };
  const authorized = { ...fields, factory: DELEGATED_FACTORY, authorization };
  const first = await signed(authorized, self.account);
  const before = await client.getBalance({ address: FRIEND });
  const hash = bundler.writeContract({ ...bundle(first), authorizationList: [authorization] });
  const [done] = events(await succeed(hash), 'UserOperationEvent');
  assert.equal(done.args.success, true);
  assert.equal((await client.getBalance({ address: FRIEND })) - before, 3n);
});
finish();
