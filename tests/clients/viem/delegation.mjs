// EIP-7702: accounts with code, set by themselves, by a sponsor, wrongly, and taken back.

import assert from 'node:assert/strict';
import { encodeFunctionData, isAddressEqual, parseEventLogs, zeroAddress } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { artifacts } from '../lib/artifacts.mjs';
import { client, deploy, funded, rpc, succeed } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const { abi } = artifacts.Delegate;
const FRIEND = '0x00000000000000000000000000000000beef7702';

const sponsor = await funded();
const delegate = await deploy(sponsor, artifacts.Delegate);

const marker = `0xef0100${delegate.address.slice(2).toLowerCase()}`;
const codeOf = (address) => client.getCode({ address });
const leave = (number) => encodeFunctionData({ abi, functionName: 'leave', args: [number] });
const noteOf = (address) => client.readContract({ address, abi, functionName: 'note' });
const batch = (...calls) => encodeFunctionData({ abi, functionName: 'batch', args: [calls] });
const newKey = () => privateKeyToAccount(generatePrivateKey());

await check('delegation: by the account itself, with several calls at once', async () => {
  const wallet = await funded();
  const { account } = wallet;
  const contractAddress = delegate.address;
  const authorization = await wallet.signAuthorization({ contractAddress, executor: 'self' });
  const before = await client.getBalance({ address: FRIEND });
  const note = { to: account.address, value: 0n, data: leave(4n) };
  const data = batch({ to: FRIEND, value: 2n, data: '0x' }, note);
  const transaction = { authorizationList: [authorization], to: account.address, data };
  const receipt = await succeed(wallet.sendTransaction(transaction));
  assert.equal(receipt.type, 'eip7702');
  assert.equal(await codeOf(account.address), marker);
  assert.equal((await client.getBalance({ address: FRIEND })) - before, 2n);
  assert.equal(await noteOf(account.address), 4n);
  assert.equal(await client.getTransactionCount({ address: account.address }), 2);
  const sent = await client.getTransaction({ hash: receipt.transactionHash });
  assert.equal(sent.authorizationList.length, 1);
  assert.ok(isAddressEqual(sent.authorizationList[0].address, contractAddress));
});
await check('delegation: for an account without ether, and cleared again', async () => {
  const account = newKey();
  const authorize = async (address, nonce) =>
    account.signAuthorization({ contractAddress: address, chainId: 1337, nonce });
  const first = [await authorize(delegate.address, 0)];
  const to = account.address;
  const set = { authorizationList: first, to, data: leave(5n) };
  const { logs } = await succeed(sponsor.sendTransaction(set));
  const [event] = parseEventLogs({ abi, logs, eventName: 'Noted' });
  assert.equal(event.args.account, account.address);
  assert.equal(event.args.by, sponsor.account.address);
  assert.equal(await codeOf(to), marker);
  assert.ok(isAddressEqual(await client.getDelegation({ address: to }), delegate.address));
  const second = [await authorize(zeroAddress, 1)];
  await succeed(sponsor.sendTransaction({ authorizationList: second, to: FRIEND }));
  assert.equal(await codeOf(to), undefined);
  assert.equal(await client.getTransactionCount({ address: to }), 2);
});
await check('delegation: for every chain, with chain id 0', async () => {
  const account = newKey();
  const fields = { contractAddress: delegate.address, chainId: 0, nonce: 0 };
  const authorizationList = [await account.signAuthorization(fields)];
  await succeed(sponsor.sendTransaction({ authorizationList, to: FRIEND }));
  assert.equal(await codeOf(account.address), marker);
});
await check('delegation: what is wrong is skipped, and its transaction goes on', async () => {
  const wrong = [
    { chainId: 1, nonce: 0 },
    { chainId: 1337, nonce: 7 },
  ];
  for (const fields of wrong) {
    const account = newKey();
    const contractAddress = delegate.address;
    const authorizationList = [await account.signAuthorization({ contractAddress, ...fields })];
    await succeed(sponsor.sendTransaction({ authorizationList, to: FRIEND, gas: 100_000n }));
    assert.equal(await codeOf(account.address), undefined, JSON.stringify(fields));
    assert.equal(await client.getTransactionCount({ address: account.address }), 0);
  }
});
await check('delegation: others may not call what is the account’s', async () => {
  const account = newKey();
  const fields = { contractAddress: delegate.address, chainId: 1337, nonce: 0 };
  const authorizationList = [await account.signAuthorization(fields)];
  await succeed(sponsor.sendTransaction({ authorizationList, to: FRIEND }));
  const call = { address: account.address, abi, functionName: 'batch', args: [[]] };
  await assert.rejects(
    client.simulateContract({ ...call, account: sponsor.account }),
    /NotTheAccount/,
  );
  await client.simulateContract({ ...call, account: account.address });
});
await check('delegation: an authorization is simulated before it is sent', async () => {
  const account = newKey();
  const fields = { contractAddress: delegate.address, chainId: 1337, nonce: 0 };
  const authorizationList = [await account.signAuthorization(fields)];
  const transaction = { authorizationList, to: account.address, data: leave(6n) };
  const gas = await client.estimateGas({ account: sponsor.account, ...transaction });
  assert.ok(gas > 60_000n && gas < 120_000n, String(gas));
  const { data } = await client.call({
    ...transaction,
    data: encodeFunctionData({ abi, functionName: 'note' }),
  });
  assert.equal(BigInt(data), 0n);
});
await check('delegation: an empty list is refused', async () => {
  const request = { to: FRIEND, gas: 100_000n, nonce: 0, chainId: 1337, type: 'eip7702' };
  const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 0n };
  const raw = await newKey().signTransaction({ ...request, ...fees, authorizationList: [] });
  await assert.rejects(rpc('eth_sendRawTransaction', raw), /must have at least one authorization/);
});
finish();
