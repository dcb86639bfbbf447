#!/usr/bin/env node
// The solc of package.json as forge calls a compiler: `--version`, or JSON on standard input.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

if (process.argv.includes('--version')) {
  // forge asks often, and the compiler itself takes a second to load.
  const { version } = require('solc/package.json');
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else {
  process.stdout.write(require('solc').compile(readFileSync(0, 'utf8')));
}
