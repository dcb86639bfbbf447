//! Random code and transactions, in a form that shrinks well.

use std::sync::LazyLock;

use alloy_primitives::{Address, Bytes, U64, U256};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::case::{Block, CHAIN_ID, CONTRACTS, Case, KEYS, Kind, Unsigned, accounts, contract};
use crate::batches::signer;

/// What an operand is about.
#[derive(Debug, Clone, Copy)]
enum Operand {
    Number,
    Slot,
    Offset,
    Size,
    /// What there is little of: what a call returned.
    Little,
    Address,
    Gas,
    Value,
}

use Operand::{
    Address as A, Gas as G, Little as L, Number as N, Offset as O, Size as Z, Slot as S, Value as V,
};

/// Opcodes with their operands from the top of the stack, and whether they leave a result.
const OPERATIONS: &[(&[u8], &[Operand], bool)] = &[
    // Arithmetic, comparison, bits.
    (&[1, 2, 3, 4, 5, 6, 7, 0x0a, 0x0b], &[N, N], true),
    (&[8, 9], &[N, N, N], true),
    (&[0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d], &[N, N], true),
    (&[0x15, 0x19, 0x1e, 0x35, 0x49], &[N], true),
    (&[0x20], &[O, Z], true),
    // The surroundings: ADDRESS to CALLVALUE, sizes, the block, PC, MSIZE, GAS.
    (&[0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d], &[], true),
    (&[0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58, 0x59, 0x5a], &[], true),
    (&[0x31, 0x3b, 0x3f], &[A], true),
    // Copies: CALLDATACOPY, CODECOPY, RETURNDATACOPY, MCOPY, EXTCODECOPY.
    (&[0x37, 0x39, 0x5e], &[O, O, Z], false),
    (&[0x3e], &[O, L, L], false),
    (&[0x3c], &[A, O, O, Z], false),
    // Memory, storage, transient storage.
    (&[0x51], &[O], true),
    (&[0x52, 0x53], &[O, N], false),
    (&[0x54, 0x5c], &[S], true),
    (&[0x55, 0x55, 0x5d], &[S, N], false),
    (&[0xa0], &[O, Z], false),
    (&[0xa2], &[O, Z, N, N], false),
    // CALL, CALLCODE; DELEGATECALL, STATICCALL; CREATE, CREATE2.
    (&[0xf1, 0xf1, 0xf2], &[G, A, V, O, Z, O, Z], true),
    (&[0xf4, 0xfa], &[G, A, O, Z, O, Z], true),
    (&[0xf0], &[V, O, Z], true),
    (&[0xf5], &[V, O, Z, S], true),
];

/// Opcodes that end a frame.
const ENDS: &[(u8, &[Operand])] =
    &[(0x00, &[]), (0xf3, &[O, Z]), (0xfd, &[O, Z]), (0xfe, &[]), (0xff, &[A])];

/// Creation codes that leave code, none, forbidden code, storage, or nothing at all.
const CREATIONS: &[&[u8]] = &[
    &[0x60, 0x5b, 0x5f, 0x53, 0x60, 1, 0x5f, 0xf3],
    &[0x60, 1, 0x60, 2, 0x55],
    &[0x60, 0xef, 0x5f, 0x53, 0x60, 1, 0x5f, 0xf3],
    &[0x5f, 0x5f, 0xfd],
    &[0x33, 0xff],
    // Code that destroys its account for its caller.
    &[0x61, 0x33, 0xff, 0x5f, 0x52, 0x60, 2, 0x60, 30, 0xf3],
    // Code that counts in slot 0.
    &[0x66, 0x5f, 0x54, 0x60, 1, 0x01, 0x5f, 0x55, 0x5f, 0x52, 0x60, 7, 0x60, 25, 0xf3],
];

/// What becomes of a result.
#[derive(Debug, Clone)]
enum Sink {
    Pop,
    Leave,
    Slot(u8),
    Memory(u8),
}

#[derive(Debug, Clone)]
enum Statement {
    Operation(u8, Vec<U256>, Option<Sink>),
    End(u8, Vec<U256>),
    /// Creation code in memory, created with this much value, by CREATE2 if there is a salt.
    Create(usize, u8, Option<u8>, Sink),
    /// Runs the statements unless the number is zero.
    If(U256, Vec<Statement>),
    Raw(Vec<u8>),
}

fn push(code: &mut Vec<u8>, number: U256) {
    let bytes = number.to_be_bytes_trimmed_vec();
    code.push(0x5f + bytes.len() as u8);
    code.extend(bytes);
}

impl Sink {
    fn write(&self, code: &mut Vec<u8>) {
        match self {
            Self::Pop => code.push(0x50),
            Self::Leave => {}
            Self::Slot(slot) => code.extend([0x60, *slot, 0x55]),
            Self::Memory(offset) => code.extend([0x60, *offset, 0x52]),
        }
    }
}

impl Statement {
    fn write(&self, code: &mut Vec<u8>) {
        match self {
            Self::Operation(opcode, operands, sink) => {
                operands.iter().rev().for_each(|operand| push(code, *operand));
                code.push(*opcode);
                sink.iter().for_each(|sink| sink.write(code));
            }
            Self::End(opcode, operands) => {
                operands.iter().rev().for_each(|operand| push(code, *operand));
                code.push(*opcode);
            }
            Self::Create(creation, value, salt, sink) => {
                let creation = CREATIONS[*creation];
                let mut word = [0; 32];
                word[..creation.len()].copy_from_slice(creation);
                push(code, U256::from_be_bytes(word));
                code.extend([0x5f, 0x52]);
                salt.iter().for_each(|salt| code.extend([0x60, *salt]));
                let opcode = if salt.is_some() { 0xf5 } else { 0xf0 };
                code.extend([0x60, creation.len() as u8, 0x5f, 0x60, *value, opcode]);
                sink.write(code);
            }
            Self::If(condition, body) => {
                push(code, *condition);
                code.extend([0x15, 0x61]);
                let place = code.len();
                code.extend([0, 0, 0x57]);
                body.iter().for_each(|statement| statement.write(code));
                let end = code.len() as u16;
                code[place..place + 2].copy_from_slice(&end.to_be_bytes());
                code.push(0x5b);
            }
            Self::Raw(bytes) => code.extend(bytes),
        }
    }
}

fn assembled(statements: &[Statement]) -> Bytes {
    let mut code = Vec::new();
    statements.iter().for_each(|statement| statement.write(&mut code));
    code.into()
}

/// Accounts with keys, contracts, precompiles, the coinbase, and nobody. Openings of blobs are
/// left out: the oracle has no trusted setup.
fn addresses() -> &'static [Address] {
    static ADDRESSES: LazyLock<Vec<Address>> = LazyLock::new(known_addresses);
    &ADDRESSES
}

fn known_addresses() -> Vec<Address> {
    let keys = (0..KEYS).map(|key| signer(key).address());
    let precompiles = (1..=9).chain(0x0b..=0x11).chain([0x100]);
    let precompiles = precompiles.map(|number| Address::from_word(U256::from(number).into()));
    let others = [Address::repeat_byte(0xfe), Address::repeat_byte(0xdd), Address::ZERO];
    let contracts = (0..CONTRACTS).map(contract);
    // Contracts twice: calls of them are what is most worth a try.
    contracts.clone().chain(contracts).chain(keys).chain(precompiles).chain(others).collect()
}

fn address() -> impl Strategy<Value = Address> {
    select(addresses())
}

fn number() -> impl Strategy<Value = U256> {
    let power = (0usize..256, 0u8..3)
        .prop_map(|(bit, less)| (U256::from(1) << bit).wrapping_sub(U256::from(less)));
    prop_oneof![
        3 => (0u64..5).prop_map(U256::from),
        2 => power,
        1 => Just(U256::MAX),
        1 => any::<[u8; 32]>().prop_map(U256::from_be_bytes),
        1 => address().prop_map(|address| address.into_word().into()),
    ]
}

fn operand(operand: Operand) -> BoxedStrategy<U256> {
    let small = |range: std::ops::Range<u64>| range.prop_map(U256::from);
    match operand {
        Operand::Number => number().boxed(),
        Operand::Slot => small(0..4).boxed(),
        Operand::Offset => prop_oneof![59 => small(0..200), 1 => number()].boxed(),
        Operand::Size => prop_oneof![59 => small(0..100), 1 => number()].boxed(),
        Operand::Little => prop_oneof![6 => Just(U256::ZERO), 1 => small(0..40)].boxed(),
        Operand::Address => {
            prop_oneof![9 => address().prop_map(|a| a.into_word().into()), 1 => number()].boxed()
        }
        Operand::Gas => {
            let known = select(vec![0, 2_300, 9_000, 40_000, u64::MAX]);
            prop_oneof![3 => known.prop_map(U256::from), 1 => small(0..60_000)].boxed()
        }
        Operand::Value => prop_oneof![3 => Just(U256::ZERO), 1 => small(1..2_000)].boxed(),
    }
}

fn operands(kinds: &[Operand]) -> impl Strategy<Value = Vec<U256>> + use<> {
    kinds.iter().map(|kind| operand(*kind)).collect::<Vec<_>>()
}

fn sink() -> impl Strategy<Value = Sink> {
    prop_oneof![
        3 => Just(Sink::Pop),
        1 => Just(Sink::Leave),
        3 => (0u8..6).prop_map(Sink::Slot),
        2 => (0u8..128).prop_map(Sink::Memory),
    ]
}

fn operation() -> impl Strategy<Value = Statement> {
    select(OPERATIONS).prop_flat_map(|(opcodes, kinds, has_result)| {
        let sink = if has_result { sink().prop_map(Some).boxed() } else { Just(None).boxed() };
        (select(opcodes), operands(kinds), sink)
            .prop_map(|(opcode, operands, sink)| Statement::Operation(opcode, operands, sink))
    })
}

fn end() -> impl Strategy<Value = Statement> {
    select(ENDS).prop_flat_map(|(opcode, kinds)| {
        operands(kinds).prop_map(move |operands| Statement::End(opcode, operands))
    })
}

fn creation() -> impl Strategy<Value = Statement> {
    let value = prop_oneof![3 => Just(0u8), 1 => any::<u8>()];
    let salt = prop::option::of(0u8..2);
    (0..CREATIONS.len(), value, salt, sink())
        .prop_map(|(creation, value, salt, sink)| Statement::Create(creation, value, salt, sink))
}

fn statement() -> impl Strategy<Value = Statement> {
    let leaf = prop_oneof![
        96 => operation(),
        8 => creation(),
        4 => end(),
        1 => vec(any::<u8>(), 1..5).prop_map(Statement::Raw),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        (number(), vec(inner, 0..4)).prop_map(|(condition, body)| Statement::If(condition, body))
    })
}

fn code() -> impl Strategy<Value = Bytes> {
    vec(statement(), 0..14).prop_map(|statements| assembled(&statements))
}

fn kind() -> impl Strategy<Value = Kind> {
    let chain = prop_oneof![3 => Just(CHAIN_ID), 1 => Just(0), 1 => Just(CHAIN_ID + 1)];
    let authorization = (0..KEYS, chain, 0u64..3, address());
    prop_oneof![
        20 => Just(Kind::Legacy),
        10 => (address(), 0u8..4).prop_map(|(address, slots)| Kind::Access(address, slots)),
        30 => (0u8..102).prop_map(Kind::Fee),
        1 => Just(Kind::Code(Vec::new())),
        20 => vec(authorization, 1..4).prop_map(Kind::Code),
    ]
}

fn transaction() -> impl Strategy<Value = Unsigned> {
    let contract = (0..CONTRACTS).prop_map(contract);
    let call = prop_oneof![4 => contract, 1 => address()];
    let input = vec(prop_oneof![Just(0), any::<u8>()], 0..80).prop_map(Bytes::from);
    let call = (call, input).prop_map(|(to, input)| (Some(to), input));
    let target = prop_oneof![6 => call, 1 => code().prop_map(|code| (None, code))];
    let value = prop_oneof![20 => Just(0), 10 => 1u64..1_000, 1 => Just(u64::MAX)];
    let gas = prop_oneof![3 => 20_000u64..90_000, 24 => Just(400_000), 1 => Just(1 << 25)];
    (0..KEYS, kind(), target, value, gas).prop_map(|(key, kind, (to, input), value, gas)| {
        Unsigned { key, kind, to, value, gas, input }
    })
}

/// Contracts with random code and slots, and transactions that call and create them.
pub fn case() -> impl Strategy<Value = Case> {
    let contracts = vec((code(), vec(number(), 0..4)), CONTRACTS as usize);
    (contracts, vec(transaction(), 1..5)).prop_map(|(contracts, unsigned)| {
        let mut nonces = [0; KEYS as usize];
        let mut transactions = Vec::new();
        for transaction in unsigned {
            let nonce = &mut nonces[transaction.key as usize];
            transactions.push(transaction.signed(*nonce));
            *nonce += 1;
        }
        let accounts = accounts(contracts);
        let (chain_id, block) = (U64::from(CHAIN_ID), Block::default());
        Case { chain_id, block, accounts, transactions }
    })
}
