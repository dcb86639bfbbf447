// Uniswap v2 and v3, by their own creation code.

import assert from 'node:assert/strict';
import { decodeEventLog, parseAbi, parseEther, zeroAddress } from 'viem';
import { artifacts } from '../lib/artifacts.mjs';
import { client, deploy, funded, succeed } from '../lib/chain.mjs';
import { check, finish } from '../lib/check.mjs';

const DEPTH = 10n ** 21n;
const AMOUNT = 10n ** 18n;
const FEE = 3000;
const DEADLINE = 2n ** 63n;
/** The square root of a price of 1, with 96 bits behind the point. */
const EVEN = 2n ** 96n;

const V2_FACTORY = parseAbi([
  'constructor(address feeToSetter)',
  'function getPair(address, address) view returns (address)',
]);
const V2_PAIR = parseAbi([
  'function getReserves() view returns (uint112, uint112, uint32)',
  'event Swap(address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, uint256 amount1Out, address indexed to)',
]);
const V2_ROUTER = parseAbi([
  'constructor(address factory, address weth)',
  'function addLiquidity(address, address, uint256, uint256, uint256, uint256, address, uint256) returns (uint256, uint256, uint256)',
  'function addLiquidityETH(address, uint256, uint256, uint256, address, uint256) payable returns (uint256, uint256, uint256)',
  'function getAmountsOut(uint256, address[]) view returns (uint256[])',
  'function swapExactTokensForTokens(uint256, uint256, address[], address, uint256) returns (uint256[])',
  'function swapExactETHForTokens(uint256, address[], address, uint256) payable returns (uint256[])',
]);
const V3_FACTORY = parseAbi(['function getPool(address, address, uint24) view returns (address)']);
const V3_ROUTER = parseAbi([
  'constructor(address factory, address weth)',
  'struct Single { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }',
  'function exactInputSingle(Single) payable returns (uint256)',
]);
const V3_POSITIONS = parseAbi([
  'constructor(address factory, address weth, address descriptor)',
  'struct Mint { address token0; address token1; uint24 fee; int24 tickLower; int24 tickUpper; uint256 amount0Desired; uint256 amount1Desired; uint256 amount0Min; uint256 amount1Min; address recipient; uint256 deadline; }',
  'function createAndInitializePoolIfNecessary(address, address, uint24, uint160) payable returns (address)',
  'function mint(Mint) payable returns (uint256, uint128, uint256, uint256)',
  'function ownerOf(uint256) view returns (address)',
]);
const V3_POOL = parseAbi([
  'function slot0() view returns (uint160, int24, uint16, uint16, uint16, uint8, bool)',
]);

const wallet = await funded('100');
const owner = wallet.account.address;

const read = (contract, functionName, ...args) =>
  client.readContract({ ...contract, functionName, args });
const simulate = (contract, functionName, args, value) =>
  client.simulateContract({ ...contract, functionName, args, value, account: wallet.account });
const write = (contract, functionName, args, value) =>
  succeed(wallet.writeContract({ ...contract, functionName, args, value }));
/** Deploys the contract of others with this interface. */
const others = (name, abi, args) =>
  deploy(wallet, { abi, bytecode: artifacts[name].bytecode }, args);

let weth;
let tokens;
let router2;
let pair;
let router3;
let positions;
let pool;

/** What v2 gives for an amount, by its formula: a fee of 0.3 %, and a constant product. */
function v2Output(amount, reserveIn, reserveOut) {
  const paid = amount * 997n;
  return (paid * reserveOut) / (reserveIn * 1000n + paid);
}

await check('uniswap: WETH and two tokens', async () => {
  weth = await others('weth', []);
  const made = [];
  for (const name of ['A', 'B']) {
    made.push(await deploy(wallet, artifacts.Token, [name, 10n * DEPTH]));
  }
  tokens = made.sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
});
await check('uniswap v2: liquidity makes the pair', async () => {
  const factory = await others('uniswap_v2_factory', V2_FACTORY, [owner]);
  router2 = await others('uniswap_v2_router', V2_ROUTER, [factory.address, weth.address]);
  for (const token of tokens) await write(token, 'approve', [router2.address, 10n * DEPTH]);
  const pairOf = tokens.map((token) => token.address);
  await write(router2, 'addLiquidity', [...pairOf, DEPTH, DEPTH, 0n, 0n, owner, DEADLINE]);
  pair = { address: await read(factory, 'getPair', ...pairOf), abi: V2_PAIR };
  assert.deepEqual((await read(pair, 'getReserves')).slice(0, 2), [DEPTH, DEPTH]);
});
await check('uniswap v2: a swap gives what its formula says', async () => {
  const path = tokens.map((token) => token.address);
  const before = await read(tokens[1], 'balanceOf', owner);
  const output = v2Output(AMOUNT, DEPTH, DEPTH);
  assert.deepEqual(await read(router2, 'getAmountsOut', AMOUNT, path), [AMOUNT, output]);
  const swap = [AMOUNT, output, path, owner, DEADLINE];
  const { logs } = await write(router2, 'swapExactTokensForTokens', swap);
  assert.equal((await read(tokens[1], 'balanceOf', owner)) - before, output);
  const { args } = decodeEventLog({ abi: V2_PAIR, ...logs.at(-1) });
  assert.equal(args.amount1Out, output);
});
await check('uniswap v2: a swap for too little is refused', async () => {
  const path = tokens.map((token) => token.address);
  const swap = [AMOUNT, AMOUNT, path, owner, DEADLINE];
  const refused = simulate(router2, 'swapExactTokensForTokens', swap);
  await assert.rejects(refused, /UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT/);
});
await check('uniswap v2: ether through two pairs', async () => {
  const [a, b] = tokens;
  const add = [a.address, AMOUNT, 0n, 0n, owner, DEADLINE];
  await write(router2, 'addLiquidityETH', add, parseEther('1'));
  const before = await read(b, 'balanceOf', owner);
  const path = [weth.address, a.address, b.address];
  const swap = [1n, path, owner, DEADLINE];
  const { result } = await simulate(router2, 'swapExactETHForTokens', swap, 1000n);
  await write(router2, 'swapExactETHForTokens', swap, 1000n);
  assert.equal((await read(b, 'balanceOf', owner)) - before, result[2]);
  assert.ok(result[2] > 980n && result[2] < 1000n, String(result));
});
await check('uniswap v3: a pool at the price of 1', async () => {
  const factory = await others('uniswap_v3_factory', V3_FACTORY);
  const places = [factory.address, weth.address];
  router3 = await others('uniswap_v3_router', V3_ROUTER, places);
  positions = await others('uniswap_v3_positions', V3_POSITIONS, [...places, zeroAddress]);
  const pairOf = tokens.map((token) => token.address);
  await write(positions, 'createAndInitializePoolIfNecessary', [...pairOf, FEE, EVEN]);
  pool = { address: await read(factory, 'getPool', ...pairOf, FEE), abi: V3_POOL };
  assert.equal((await read(pool, 'slot0'))[0], EVEN);
});
await check('uniswap v3: a position is a token', async () => {
  for (const { address, abi } of tokens) {
    await write({ address, abi }, 'approve', [positions.address, DEPTH]);
    await write({ address, abi }, 'approve', [router3.address, DEPTH]);
  }
  const [token0, token1] = tokens.map((token) => token.address);
  const range = { tickLower: -6000, tickUpper: 6000 };
  const amounts = { amount0Desired: DEPTH, amount1Desired: DEPTH, amount0Min: 0n, amount1Min: 0n };
  const last = { recipient: owner, deadline: DEADLINE };
  await write(positions, 'mint', [{ token0, token1, fee: FEE, ...range, ...amounts, ...last }]);
  assert.equal(await read(positions, 'ownerOf', 1n), owner);
});
await check('uniswap v3: a swap gives what its simulation said', async () => {
  const [tokenIn, tokenOut] = tokens.map((token) => token.address);
  const amounts = { amountIn: AMOUNT, amountOutMinimum: 1n, sqrtPriceLimitX96: 0n };
  const swap = { tokenIn, tokenOut, fee: FEE, recipient: owner, deadline: DEADLINE, ...amounts };
  const { result, request } = await simulate(router3, 'exactInputSingle', [swap]);
  // The fee is 0.3 %, and the depth moves the price by little.
  assert.ok(result < (AMOUNT * 997n) / 1000n && result > (AMOUNT * 996n) / 1000n, String(result));
  const before = await read(tokens[1], 'balanceOf', owner);
  await succeed(wallet.writeContract(request));
  assert.equal((await read(tokens[1], 'balanceOf', owner)) - before, result);
  assert.ok((await read(pool, 'slot0'))[0] < EVEN, 'the price fell');
});
await check('uniswap v3: a swap for too little is refused', async () => {
  const [tokenIn, tokenOut] = tokens.map((token) => token.address);
  const amounts = { amountIn: AMOUNT, amountOutMinimum: AMOUNT, sqrtPriceLimitX96: 0n };
  const swap = { tokenIn, tokenOut, fee: FEE, recipient: owner, deadline: DEADLINE, ...amounts };
  await assert.rejects(simulate(router3, 'exactInputSingle', [swap]), /Too little received/);
});
finish();
