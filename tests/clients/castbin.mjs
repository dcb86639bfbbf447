// Runs the `cast` of package.json; it is pinned for Linux on x86-64, elsewhere the one on the PATH.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const LIMIT_MS = 15_000;
const PINNED = 'node_modules/@foundry-rs/cast-linux-amd64/bin/cast';
const BINARY = existsSync(PINNED) ? PINNED : 'cast';

/** A function that runs cast against the node at `url` and returns what it prints. */
export function castAt(url) {
  const options = { timeout: LIMIT_MS, env: { ...process.env, ETH_RPC_URL: url } };
  return async (...args) => {
    try {
      return (await promisify(execFile)(BINARY, args.map(String), options)).stdout.trim();
    } catch (error) {
      throw new Error(error.stderr || error.message);
    }
  };
}
