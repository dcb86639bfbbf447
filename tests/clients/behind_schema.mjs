// Runs a script behind a proxy that holds every answer of the node against the specification, in
// the folder that MINSTER_VECTORS names:
//
//   MINSTER_RPC_URL=http://127.0.0.1:8545 MINSTER_VECTORS=DIR node behind_schema.mjs viem/tokens.mjs
//
// Without MINSTER_VECTORS the script runs alone, and its answers go unchecked.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Recorder } from './lib/recorder.mjs';
import { Specification } from './lib/schema.mjs';

const FAULTS_MAX = 10;

const [script] = process.argv.slice(2);
const { MINSTER_RPC_URL: node, MINSTER_VECTORS: vectors } = process.env;
const specification = vectors ? new Specification(join(vectors, 'rpc/openrpc.json')) : null;
const recorder = specification ? new Recorder(node, specification) : null;
const url = recorder ? await recorder.listen() : node;

const program = script.endsWith('.py') ? 'venv/bin/python' : 'node';
const env = { ...process.env, MINSTER_RPC_URL: url, PYTHONPATH: 'lib' };
const child = spawn(program, [script], { env, stdio: 'inherit' });
const [code] = await once(child, 'exit');

if (recorder) {
  const { answers, faults } = recorder;
  for (const [what, { count, value }] of [...faults].slice(0, FAULTS_MAX)) {
    console.log(`FAIL schema ${script}: ${what} (${count} times) ${value.slice(0, 300)}`);
  }
  if (answers === 0) console.log(`FAIL schema ${script}: no answer came this way`);
  else if (faults.size === 0) console.log(`ok schema ${script}: ${answers} answers`);
}
const isGood = recorder === null || (recorder.answers > 0 && recorder.faults.size === 0);
process.exit(code === 0 && isGood ? 0 : 1);
