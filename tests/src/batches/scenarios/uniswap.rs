//! Uniswap v2 and v3, by their own contracts.

use alloy_primitives::{Address, Bytes, U256};
use minster_evm::Outcome;

use super::super::abi::{self, Value, call};
use super::super::chain::Chain;
use super::super::contracts::{
    UNISWAP_V2_FACTORY, UNISWAP_V2_ROUTER, UNISWAP_V3_FACTORY, UNISWAP_V3_POSITIONS,
    UNISWAP_V3_ROUTER, WETH, with_arguments,
};
use super::super::signer;
use super::{approve, balance, chain, deadline, token};

/// What liquidity is provided with.
const DEPTH: u64 = 1_000_000_000_000;

pub(super) fn weth(chain: &mut Chain, key: u64) -> Address {
    chain.create(key, Bytes::from_static(WETH))
}

/// Two tokens of account 0, which `spender` may take, in the order of their addresses.
fn pair(chain: &mut Chain, spender: Address) -> [Address; 2] {
    let mut tokens = [token(chain, 0), token(chain, 0)];
    tokens.sort_unstable();
    for token in tokens {
        chain.call(0, token, 0, approve(spender));
    }
    tokens
}

/// Pairs of two tokens and of a token with ether; swaps both ways, one that is refused, and the
/// liquidity taken out again.
#[must_use]
pub fn v2() -> Chain {
    let mut chain = chain();
    let owner = signer(0).address();
    let weth = weth(&mut chain, 0);
    let factory = chain.create(0, with_arguments(UNISWAP_V2_FACTORY, &[owner.into()]));
    let arguments = [factory.into(), weth.into()];
    let router = chain.create(0, with_arguments(UNISWAP_V2_ROUTER, &arguments));
    let [a, b] = pair(&mut chain, router);
    chain.cut();

    let add = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)";
    let (depth, zero): (Value, Value) = (DEPTH.into(), 0.into());
    let amounts = [depth.clone(), depth.clone(), zero.clone(), zero.clone()];
    let tokens = [a.into(), b.into()];
    let last = [owner.into(), deadline()];
    chain.call(0, router, 0, call(add, &[&tokens[..], &amounts, &last].concat()));
    let add = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)";
    let amounts = [a.into(), depth, zero.clone(), zero.clone()];
    chain.call(0, router, DEPTH, call(add, &[&amounts[..], &last].concat()));
    chain.seal();

    swaps_v2(&mut chain, router, [a, b], weth);
    let arguments = [a.into(), b.into()];
    let pair = chain.view(factory, call("getPair(address,address)", &arguments));
    let pair = abi::address(&pair);
    let shares = balance(&chain, pair, owner);
    chain.call(0, pair, 0, approve(router));
    let remove = "removeLiquidity(address,address,uint256,uint256,uint256,address,uint256)";
    let shares = [shares.into(), zero.clone(), zero];
    chain.call(0, router, 0, call(remove, &[&tokens[..], &shares, &last].concat()));
    assert_eq!(balance(&chain, pair, owner), U256::ZERO);
    chain
}

fn swaps_v2(chain: &mut Chain, router: Address, [a, b]: [Address; 2], weth: Address) {
    let to: Value = signer(1).address().into();
    let path = |tokens: &[Address]| Value::Array(tokens.iter().map(|&t| t.into()).collect());
    let exact = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)";
    let swap = |least: u64| [10_000.into(), least.into(), path(&[a, b]), to.clone(), deadline()];
    chain.call(0, router, 0, call(exact, &swap(1)));
    assert_eq!(chain.fail(0, router, 0, call(exact, &swap(10_000))), Outcome::Revert);
    let ether = "swapExactETHForTokens(uint256,address[],address,uint256)";
    let arguments = [1.into(), path(&[weth, a, b]), to.clone(), deadline()];
    chain.call(2, router, 5_000, call(ether, &arguments));
    let back = "swapExactTokensForETH(uint256,uint256,address[],address,uint256)";
    let arguments = [3_000.into(), 1.into(), path(&[a, weth]), to.clone(), deadline()];
    chain.call(0, router, 0, call(back, &arguments));
    let output = "swapTokensForExactTokens(uint256,uint256,address[],address,uint256)";
    let arguments = [700.into(), 1_000.into(), path(&[b, a]), to, deadline()];
    chain.call(0, router, 0, call(output, &arguments));
    assert!(balance(chain, b, signer(1).address()) > U256::from(14_000));
    chain.seal();
}

/// The pool of two tokens, and the contracts that users call.
struct V3 {
    router: Address,
    positions: Address,
    tokens: [Address; 2],
}

impl V3 {
    fn new(chain: &mut Chain) -> Self {
        let weth = weth(chain, 0);
        let factory = chain.create(0, Bytes::from_static(UNISWAP_V3_FACTORY));
        let mut arguments = vec![factory.into(), weth.into()];
        let router = chain.create(0, with_arguments(UNISWAP_V3_ROUTER, &arguments));
        arguments.push(Address::ZERO.into());
        let positions = chain.create(0, with_arguments(UNISWAP_V3_POSITIONS, &arguments));
        let tokens = pair(chain, router);
        for token in tokens {
            chain.call(0, token, 0, approve(positions));
        }
        let create = "createAndInitializePoolIfNecessary(address,address,uint24,uint160)";
        // Tokens of equal worth: the square root of 1, with 96 bits behind the point.
        let price: U256 = U256::from(1) << 96;
        let [a, b] = tokens;
        let arguments = [a.into(), b.into(), FEE.into(), price.into()];
        chain.call(0, positions, 0, call(create, &arguments));
        Self { router, positions, tokens }
    }

    fn mint(&self, chain: &mut Chain, low: i32, high: i32, owner: Address) {
        let mint = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,\
                    address,uint256))";
        let [a, b] = self.tokens;
        let amount: Value = DEPTH.into();
        let position = vec![
            a.into(),
            b.into(),
            FEE.into(),
            low.into(),
            high.into(),
            amount.clone(),
            amount,
            0.into(),
            0.into(),
            owner.into(),
            deadline(),
        ];
        chain.call(0, self.positions, 0, call(mint, &[Value::Tuple(position)]));
    }

    /// A swap of so much of the token with this index, for at least `least` of the other one.
    fn swap(&self, index: usize, amount: u64, least: u64) -> Bytes {
        let single = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,\
                      uint160))";
        let arguments = vec![
            self.tokens[index].into(),
            self.tokens[1 - index].into(),
            FEE.into(),
            signer(1).address().into(),
            deadline(),
            amount.into(),
            least.into(),
            0.into(),
        ];
        call(single, &[Value::Tuple(arguments)])
    }
}

/// 0.3 %, in millionths.
const FEE: u64 = 3_000;

/// A pool with two positions; swaps that cross their ticks, both ways; fees collected, a position
/// closed and burnt.
#[must_use]
pub fn v3() -> Chain {
    let mut chain = chain();
    let owner = signer(0).address();
    let pool = V3::new(&mut chain);
    chain.cut();
    pool.mint(&mut chain, -887_220, 887_220, owner);
    pool.mint(&mut chain, -120, 60, owner);
    chain.seal();
    for (index, amount) in [(0, 1_000), (1, DEPTH * 2), (0, DEPTH * 3), (1, 7)] {
        chain.call(0, pool.router, 0, pool.swap(index, amount, 1));
    }
    let greedy = pool.swap(0, 1_000, 1_000_000);
    assert_eq!(chain.fail(0, pool.router, 0, greedy), Outcome::Revert);
    chain.seal();

    let id: Value = 2.into();
    let position =
        chain.view(pool.positions, call("positions(uint256)", std::slice::from_ref(&id)));
    let liquidity = abi::word(&position, 7);
    assert!(!liquidity.is_zero());
    let decrease = "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))";
    let parameters = vec![id.clone(), liquidity.into(), 0.into(), 0.into(), deadline()];
    let decrease = call(decrease, &[Value::Tuple(parameters)]);
    let most: Value = U256::from(u128::MAX).into();
    let collect = "collect((uint256,address,uint128,uint128))";
    let parameters = vec![id.clone(), owner.into(), most.clone(), most];
    let collect = call(collect, &[Value::Tuple(parameters)]);
    let both = Value::Array(vec![(&decrease).into(), (&collect).into()]);
    chain.call(0, pool.positions, 0, call("multicall(bytes[])", &[both]));
    chain.call(0, pool.positions, 0, call("burn(uint256)", &[id]));
    chain
}
