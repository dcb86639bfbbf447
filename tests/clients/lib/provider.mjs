// What the ethers scripts share: a provider of the node at MINSTER_RPC_URL, and wallets with ether.

import { JsonRpcProvider, Wallet, parseEther } from 'ethers';
import { ACCOUNTS } from './accounts.mjs';

export const url = process.env.MINSTER_RPC_URL;
/** ethers answers equal requests from memory for 250 ms; this chain is faster than that. */
export const OPTIONS = { cacheTimeout: -1, pollingInterval: 50 };
export const provider = new JsonRpcProvider(url, undefined, OPTIONS);

/** A new wallet that the node itself has given some ether, so that scripts are apart. */
export async function funded(ether = '10') {
  const faucet = await provider.getSigner(ACCOUNTS.faucet.address);
  const wallet = Wallet.createRandom(provider);
  const sent = await faucet.sendTransaction({ to: wallet.address, value: parseEther(ether) });
  await sent.wait();
  return wallet;
}
