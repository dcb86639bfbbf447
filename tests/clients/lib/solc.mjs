#!/usr/bin/env node
// The solc of package.json as forge calls a compiler: `--version`, or JSON on standard input.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const solc = createRequire(import.meta.url)('solc');

if (process.argv.includes('--version')) {
  const title = 'solc, the solidity compiler commandline interface';
  console.log(`${title}\nVersion: ${solc.version().replace('Emscripten.clang', 'Linux.g++')}`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')));
}
