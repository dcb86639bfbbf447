// Writes artifacts.json for the scripts of every language: what contracts/ has, compiled by the
// solc of package.json, and the creation codes of others in the folder that MINSTER_CONTRACTS names,
// whose interfaces the scripts write themselves.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import solc from 'solc';

const ENDING = '.creation.bin';

function compile() {
  const names = readdirSync('contracts').filter((name) => name.endsWith('.sol'));
  const read = (path) => ({ content: readFileSync(path, 'utf8') });
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(names.map((name) => [name, read(join('contracts', name))])),
    settings: {
      evmVersion: 'osaka',
      optimizer: { enabled: true },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  };
  const findImport = (path) => ({ contents: read(join('node_modules', path)).content });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImport }));
  const errors = (output.errors ?? []).filter((error) => error.severity === 'error');
  if (errors.length > 0) throw new Error(errors[0].formattedMessage);
  const own = names.flatMap((name) => Object.entries(output.contracts[name]));
  return own.map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }]);
}

function others(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(ENDING));
  const code = (name) => `0x${readFileSync(join(folder, name), 'hex')}`;
  return names.map((name) => [name.slice(0, -ENDING.length), { bytecode: code(name) }]);
}

const artifacts = Object.fromEntries([...compile(), ...others(process.env.MINSTER_CONTRACTS)]);
writeFileSync('artifacts.json', JSON.stringify(artifacts));
console.log(`ok ${Object.keys(artifacts).length} contracts`);
