// What `xtask precontracts` needs a JavaScript engine for. No package but soljson.js is loaded.
//   tool.cjs integrity FILE     prints the Subresource Integrity value of a file
//   tool.cjs compile SOLJSON    standard JSON: input on stdin, output on stdout
const { createHash } = require('node:crypto');
const { readFileSync, writeSync } = require('node:fs');
const { resolve } = require('node:path');

function print(text) {
  const bytes = Buffer.from(text);
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(1, bytes, sent);
}

const [command, path] = process.argv.slice(2);
if (command === 'integrity') {
  print('sha512-' + createHash('sha512').update(readFileSync(path)).digest('base64'));
} else if (command === 'compile') {
  const soljson = require(resolve(path));
  const compile = soljson.cwrap('solidity_compile', 'string', ['string', 'number', 'number']);
  print(compile(readFileSync(0, 'utf8'), 0, 0));
} else {
  throw new Error('usage: tool.cjs integrity FILE | tool.cjs compile SOLJSON');
}
