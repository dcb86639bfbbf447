// Holds answers against the Ethereum JSON-RPC specification.

import { readFileSync } from 'node:fs';
import Ajv from 'ajv';

const NAME = 'openrpc';
/** What a head lacks of a block; the specification has no schema of its own for heads. */
const BLOCK_ALONE = ['transactions', 'uncles', 'size'];

export class Specification {
  #ajv = new Ajv({ strict: false, validateFormats: false, schemaId: '$id' });
  #validators = new Map();
  #places = new Map();

  constructor(path) {
    // An empty list is both no logs and no hashes: `oneOf` would refuse it.
    const text = readFileSync(path, 'utf8').replaceAll('"oneOf"', '"anyOf"');
    const openrpc = JSON.parse(text);
    const block = openrpc.components.schemas.Block;
    const required = block.required.filter((name) => !BLOCK_ALONE.includes(name));
    openrpc.components.schemas.Head = { ...block, required };
    this.#ajv.addSchema({ $id: NAME, ...openrpc });
    openrpc.methods.forEach(({ name }, index) => this.#places.set(name, `methods/${index}/result`));
  }

  /** Whether the specification has the method. */
  has(method) {
    return this.#places.has(method);
  }

  /** Why the result is not one of the method; null if it is, or if the method is not specified. */
  ofResult(method, result) {
    // The specification forgot that a transaction may wait; clients told of null since ever.
    if (method === 'eth_getTransactionByHash' && result?.blockHash === null) {
      return this.#check('components/schemas/PendingTransactionInfo', result);
    }
    const place = this.#places.get(method);
    return place === undefined ? null : this.#check(`${place}/schema`, result);
  }

  /** Why this is no notification of `eth_subscribe`; null if it is one. */
  ofNotification(result) {
    const isHash = typeof result === 'string' || result === null;
    const kind = isHash ? 'hash32' : 'topics' in result ? 'Log' : 'Head';
    return this.#check(`components/schemas/${kind}`, result);
  }

  #check(place, value) {
    if (!this.#validators.has(place)) {
      this.#validators.set(place, this.#ajv.compile({ $ref: `${NAME}#/${place}` }));
    }
    const validate = this.#validators.get(place);
    return validate(value) ? null : this.#ajv.errorsText(validate.errors, { dataVar: 'result' });
  }
}

/** Why this is no JSON-RPC answer to the request; null if it is one. */
export function ofEnvelope(request, answer) {
  if (answer.jsonrpc !== '2.0') return 'jsonrpc is not 2.0';
  if (answer.id !== request.id) return `id ${JSON.stringify(answer.id)}, not that of the request`;
  if ('result' in answer === 'error' in answer) return 'not one of result and error';
  if ('result' in answer) return null;
  const { code, message } = answer.error;
  return Number.isInteger(code) && typeof message === 'string' ? null : 'no code or no message';
}
