// An EVM by others: one line of JSON in, one out.
//   in:  { chainId, block: { number, timestamp, gasLimit, baseFee, coinbase, prevRandao },
//          accounts: { ADDRESS: { balance, nonce, code, storage: { SLOT: VALUE } } },
//          transactions: [HEX] }
//   out: { results: [{ refused } | { success, gasUsed, output, logs: [[ADDRESS, [TOPIC], DATA]] }],
//          accounts: … }, the accounts as they are after the last transaction
// Numbers are hexadecimal. Accounts that are empty (EIP-161) and slots that are zero are left out.
import { createInterface } from 'node:readline';
import { createBlock } from '@ethereumjs/block';
import { Hardfork, Mainnet, createCustomCommon } from '@ethereumjs/common';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import { createTxFromRLP } from '@ethereumjs/tx';
import {
  bytesToHex,
  createAccount,
  createAddressFromString,
  hexToBytes,
  setLengthLeft,
  unpadBytes,
} from '@ethereumjs/util';
import { createVM, runTx } from '@ethereumjs/vm';

const hex = (number) => '0x' + number.toString(16);

async function stateOf(accounts, common) {
  const state = new SimpleStateManager({ common });
  for (const [name, { balance, nonce, code, storage }] of Object.entries(accounts)) {
    const address = createAddressFromString(name);
    await state.putAccount(
      address,
      createAccount({ balance: BigInt(balance), nonce: BigInt(nonce) }),
    );
    if (code !== '0x') await state.putCode(address, hexToBytes(code));
    for (const [slot, value] of Object.entries(storage)) {
      const key = setLengthLeft(hexToBytes(slot), 32);
      await state.putStorage(address, key, unpadBytes(hexToBytes(value)));
    }
  }
  return state;
}

async function dump(state) {
  const accounts = {};
  for (const [name, account] of state.topAccountStack()) {
    if (account === undefined || account.isEmpty()) continue;
    const code = await state.getCode(createAddressFromString(name));
    accounts[name] = {
      balance: hex(account.balance),
      nonce: hex(account.nonce),
      code: account.isContract() ? bytesToHex(code) : '0x',
      storage: {},
    };
  }
  for (const [place, value] of state.topStorageStack()) {
    const [name, slot] = place.split('_');
    if (value.some((byte) => byte !== 0) && name in accounts) {
      accounts[name].storage[hex(BigInt(slot))] = hex(BigInt(bytesToHex(value)));
    }
  }
  return accounts;
}

/**
 * Version 10.1.3 looks for the prefix that EIP-3541 forbids also in what a creation that failed has
 * returned, and then takes all of its gas. The EIP is about code alone, so it is off there.
 */
function repair(evm) {
  let failed = false;
  const run = evm.runInterpreter.bind(evm);
  evm.runInterpreter = async (...given) => {
    const result = await run(...given);
    failed = result.exceptionError !== undefined;
    return result;
  };
  const isActivated = evm.common.isActivatedEIP.bind(evm.common);
  evm.common.isActivatedEIP = (eip) => !(eip === 3541 && failed) && isActivated(eip);
}

async function execute(vm, block, bytes) {
  let result;
  try {
    const tx = createTxFromRLP(hexToBytes(bytes), { common: vm.common });
    result = await runTx(vm, { tx, block, skipBlockGasLimitValidation: true });
  } catch (error) {
    return { refused: String(error.message ?? error) };
  }
  const { execResult, totalGasSpent, receipt } = result;
  return {
    success: execResult.exceptionError === undefined,
    gasUsed: hex(totalGasSpent),
    output: bytesToHex(execResult.returnValue),
    logs: receipt.logs.map(([address, topics, data]) => [
      bytesToHex(address),
      topics.map((topic) => bytesToHex(topic)),
      bytesToHex(data),
    ]),
  };
}

async function answer({ chainId, block: given, accounts, transactions }) {
  const chain = { chainId: Number(chainId) };
  const common = createCustomCommon(chain, Mainnet, { hardfork: Hardfork.Osaka });
  const stateManager = await stateOf(accounts, common);
  const vm = await createVM({ common, stateManager });
  repair(vm.evm);
  const header = {
    number: BigInt(given.number),
    timestamp: BigInt(given.timestamp),
    gasLimit: BigInt(given.gasLimit),
    baseFeePerGas: BigInt(given.baseFee),
    coinbase: createAddressFromString(given.coinbase),
    mixHash: hexToBytes(given.prevRandao),
    excessBlobGas: 0n,
    blobGasUsed: 0n,
  };
  const block = createBlock({ header }, { common, skipConsensusFormatValidation: true });
  const results = [];
  for (const bytes of transactions) results.push(await execute(vm, block, bytes));
  return { results, accounts: await dump(stateManager) };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
