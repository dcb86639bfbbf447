// The creation codes beside this file are those of the npm packages that manifest.json pins.
//   node check.mjs           compares them
//   node check.mjs --write   writes them, and their sizes and hashes into the manifest
// Prints `ok NAME` or `FAIL NAME reason` for each. Needs npm and tar; nothing is installed or run.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = import.meta.dirname;
const write = process.argv.includes('--write');
const manifestPath = join(folder, 'manifest.json');
const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'contracts-'));

/** The folder of the unpacked package, once its integrity holds. */
function unpack({ name, version, integrity }) {
  const quiet = ['--silent', '--ignore-scripts', '--pack-destination', scratch];
  const options = { cwd: scratch, encoding: 'utf8' };
  const tarball = execFileSync('npm', ['pack', ...quiet, `${name}@${version}`], options).trim();
  const bytes = readFileSync(join(scratch, tarball));
  const actual = 'sha512-' + createHash('sha512').update(bytes).digest('base64');
  if (actual !== integrity) throw new Error(`${name}@${version} has integrity ${actual}`);
  const target = mkdtempSync(join(scratch, 'package-'));
  execFileSync('tar', ['-xzf', join(scratch, tarball), '-C', target]);
  return join(target, 'package');
}

function creationCode(root, path) {
  const { bytecode } = JSON.parse(readFileSync(join(root, path), 'utf8'));
  return Buffer.from(bytecode.replace(/^0x/, ''), 'hex');
}

function compare(contract, code) {
  const sha256 = createHash('sha256').update(code).digest('hex');
  if (write) {
    writeFileSync(join(folder, contract.file), code);
    Object.assign(contract, { bytes: code.length, sha256 });
  }
  if (!readFileSync(join(folder, contract.file)).equals(code)) return 'is not what its package has';
  if (contract.sha256 !== sha256 || contract.bytes !== code.length) return 'the manifest is wrong';
  return null;
}

let failed = false;
try {
  const roots = new Map(manifest.packages.map((entry) => [entry.name, unpack(entry)]));
  for (const contract of manifest.contracts) {
    const code = creationCode(roots.get(contract.package), contract.path);
    const reason = compare(contract, code);
    failed ||= reason !== null;
    console.log(reason === null ? `ok ${contract.file}` : `FAIL ${contract.file} ${reason}`);
  }
  if (write) writeFileSync(manifestPath, JSON.stringify(manifest, null, 2) + '\n');
} finally {
  rmSync(scratch, { recursive: true });
}
process.exit(failed ? 1 : 0);
