// The contracts that compile.mjs wrote: `{ abi, bytecode }` by name, those of others without `abi`.

import { readFileSync } from 'node:fs';

export const artifacts = JSON.parse(readFileSync('artifacts.json', 'utf8'));
