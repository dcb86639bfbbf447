// Counter.sol, compiled by the solc of package.json: no bytecode to keep in step with it.

import { readFileSync } from 'node:fs';
import solc from 'solc';

const SOURCE = 'Counter.sol';

const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: 'Solidity',
      sources: { [SOURCE]: { content: readFileSync(SOURCE, 'utf8') } },
      settings: {
        evmVersion: 'osaka',
        optimizer: { enabled: true },
        outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
      },
    }),
  ),
);
if (output.errors) throw new Error(output.errors[0].formattedMessage);
const { Counter } = output.contracts[SOURCE];

export const abi = Counter.abi;
export const bytecode = `0x${Counter.evm.bytecode.object}`;
