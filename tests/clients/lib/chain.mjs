// What the viem scripts share: clients of the node at MINSTER_RPC_URL, and accounts with ether.

import { createPublicClient, createWalletClient, defineChain, http, parseEther } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { ACCOUNTS, CHAIN_ID } from './accounts.mjs';
import { until } from './check.mjs';

export const url = process.env.MINSTER_RPC_URL;
export const socketUrl = url.replace('http', 'ws');
export const pollingInterval = 50;
export const chain = defineChain({
  id: CHAIN_ID,
  name: 'Minster dev',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [url], webSocket: [socketUrl] } },
  contracts: { multicall3: { address: '0xcA11bde05977b3631167028862bE2a173976CA11' } },
});
export const client = createPublicClient({ chain, transport: http(), pollingInterval });

export const rpc = (method, ...params) => client.request({ method, params });
export const receiptOf = (hash) => client.waitForTransactionReceipt({ hash, timeout: 10_000 });

/** A new account that the node itself has given some ether, so that scripts are apart. */
export async function funded(ether = '10') {
  const account = privateKeyToAccount(generatePrivateKey());
  const value = `0x${parseEther(ether).toString(16)}`;
  const from = ACCOUNTS.faucet.address;
  await receiptOf(await rpc('eth_sendTransaction', { from, to: account.address, value }));
  return walletOf(account);
}

export function walletOf(account) {
  return createWalletClient({ account, chain, transport: http(), pollingInterval });
}

/** Sends by the wallet, and throws if it failed on the chain. */
export async function succeed(hash) {
  const receipt = await receiptOf(await hash);
  if (receipt.status !== 'success') throw new Error(`${receipt.transactionHash} failed`);
  return receipt;
}

/** Deploys, and returns what viem's contract actions take. */
export async function deploy(wallet, { abi, bytecode }, args = []) {
  const { contractAddress } = await succeed(wallet.deployContract({ abi, bytecode, args }));
  return { address: contractAddress, abi };
}

/** Waits until the block of this number is sealed, and with it what blocks by number tell. */
export async function seal(blockNumber) {
  const number = () => client.getBlockNumber({ cacheTime: 0 });
  await until('the seal', async () => (await number()) >= blockNumber);
}
