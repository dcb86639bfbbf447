// Runs the `cast` and the `forge` of package.json; they are pinned for Linux on x86-64, elsewhere
// those on the PATH.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const CAST_LIMIT_MS = 15_000;
const FORGE_LIMIT_MS = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** A function that runs the tool against the node at `url` and returns what it prints. */
function toolAt(name, url, timeout) {
  const pinned = `node_modules/@foundry-rs/${name}-linux-amd64/bin/${name}`;
  const binary = existsSync(pinned) ? pinned : name;
  const env = { ...process.env, ETH_RPC_URL: url, FOUNDRY_CONFIG: 'foundry/foundry.toml' };
  const options = { timeout, env, maxBuffer: OUTPUT_BYTES_MAX };
  return async (...args) => {
    try {
      return (await promisify(execFile)(binary, args.map(String), options)).stdout.trim();
    } catch (error) {
      throw new Error(error.stderr || error.message);
    }
  };
}

export const castAt = (url) => toolAt('cast', url, CAST_LIMIT_MS);
/** Without a root named, forge takes that of the repository. */
export function forgeAt(url) {
  const forge = toolAt('forge', url, FORGE_LIMIT_MS);
  return (command, ...args) => forge(command, '--root', '.', ...args);
}

/** A new account that the node itself has given some ether, so that scripts are apart. */
export async function fundedBy(cast, faucet, ether = 10) {
  const [{ address, private_key: key }] = JSON.parse(await cast('wallet', 'new', '--json'));
  await cast('send', '--unlocked', '--from', faucet, address, '--value', `${ether}ether`);
  return { address, key };
}
