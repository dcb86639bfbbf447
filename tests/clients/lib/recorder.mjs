// A proxy before a node that judges each of its answers, over HTTP and WebSocket.

import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import WebSocket, { WebSocketServer } from 'ws';
import { ofEnvelope } from './schema.mjs';

const NO_JSON = 'an answer is no JSON';
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

export class Recorder {
  answers = 0;
  /** What is wrong, each thing once, with how often it was seen. */
  faults = new Map();
  #upstream;
  #specification;
  #agent = new Agent({ keepAlive: true });

  constructor(upstream, specification) {
    this.#upstream = upstream;
    this.#specification = specification;
  }

  /** Listens on a free port, and returns the URL to use instead of the node's. */
  async listen() {
    const server = createServer((request, response) => this.#http(request, response));
    const sockets = new WebSocketServer({ server, maxPayload: FRAME_BYTES_MAX });
    sockets.on('connection', (socket) => this.#socket(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${server.address().port}`;
  }

  async #http(request, response) {
    const asked = await body(request);
    const { method, headers } = request;
    const options = { method, headers, agent: this.#agent, path: request.url };
    const upstream = httpRequest(this.#upstream, options);
    upstream.on('error', () => response.destroy());
    upstream.on('response', async (answer) => {
      const bytes = await body(answer);
      response.writeHead(answer.statusCode, answer.headers).end(bytes);
      if (answer.statusCode === 200) this.#exchange(parse(asked), parse(bytes));
    });
    upstream.end(asked);
  }

  #socket(client) {
    const options = { maxPayload: FRAME_BYTES_MAX };
    const node = new WebSocket(this.#upstream.replace('http', 'ws'), options);
    const waiting = new Map();
    const early = [];
    const toNode = (bytes) => node.send(bytes, { binary: false });
    client.on('message', (bytes) => {
      for (const request of list(parse(bytes))) waiting.set(request.id, request);
      if (node.readyState === WebSocket.OPEN) toNode(bytes);
      else early.push(bytes);
    });
    node.on('open', () => early.forEach(toNode));
    node.on('message', (bytes) => {
      const answered = parse(bytes);
      if (answered === undefined) this.#fault(NO_JSON);
      for (const answer of list(answered)) {
        if (answer.method === undefined) this.#judge(waiting.get(answer.id), answer);
        else this.#notification(answer);
      }
      client.send(bytes, { binary: false });
    });
    for (const [one, other] of [
      [client, node],
      [node, client],
    ]) {
      one.on('close', () => other.close());
      one.on('error', () => other.terminate());
    }
  }

  #exchange(asked, answered) {
    // What is no JSON, or no request, is a script's own matter: it is not answered one by one.
    if (asked === undefined) return;
    if (answered === undefined) return this.#fault(NO_JSON);
    const requests = new Map(list(asked).map((request) => [request.id, request]));
    for (const answer of list(answered)) this.#judge(requests.get(answer.id), answer);
  }

  #judge(request, answer) {
    this.answers += 1;
    if (request === undefined) {
      if (answer.id !== null) this.#fault(`an answer to ${JSON.stringify(answer.id)}, unasked`);
      return;
    }
    const { method } = request;
    const wrong = ofEnvelope(request, answer);
    if (wrong !== null) return this.#fault(`${method}: ${wrong}`);
    if (answer.error !== undefined) return;
    const unlike = this.#specification.ofResult(method, answer.result);
    if (unlike !== null) this.#fault(`${method}: ${unlike}`, answer.result);
  }

  #notification(message) {
    this.answers += 1;
    if (message.method !== 'eth_subscription') return;
    const { result } = message.params;
    const unlike = this.#specification.ofNotification(result);
    if (unlike !== null) this.#fault(`eth_subscription: ${unlike}`, result);
  }

  #fault(what, value) {
    const seen = this.faults.get(what) ?? { count: 0, value: JSON.stringify(value) ?? '' };
    this.faults.set(what, { ...seen, count: seen.count + 1 });
  }
}

async function body(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function parse(bytes) {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** The messages of a batch, or the one message; none of what is no message. */
function list(message) {
  const messages = Array.isArray(message) ? message : [message];
  return messages.filter((each) => typeof each === 'object' && each !== null);
}
