//! Honest proofs to edit: two runs of one program, of two segments and of one.

use std::sync::OnceLock;

use minster_emulator::{Io, Recorder, ecall};
use minster_machine::shape::SHAPES;
use minster_machine::trace::segment_traces;
use minster_prover::{Prover, SegmentWork};
use minster_riscv::{Instruction, Opcode, Program, encode};
use minster_verifier::{SegmentProof, VerifyingKey, encode_head, encode_output, encode_segment};

use crate::serializer::tree;
use crate::tree::Node;

const CODE: u32 = 0x1000;
const DATA: u32 = 0x4000;

/// The program's key and its runs.
pub struct Honest {
    prover: Prover,
    /// The runs' proofs.
    pub proofs: Vec<Proof>,
}

/// A proof and its parts.
pub struct Proof {
    /// All of it.
    pub bytes: Vec<u8>,
    /// The segments' parts.
    pub parts: Vec<Vec<u8>>,
    /// The same parts as trees.
    pub trees: Vec<Node>,
}

impl Honest {
    /// The key.
    pub fn key(&self) -> &VerifyingKey {
        self.prover.key()
    }

    /// Whether the bytes are one of the proofs.
    pub fn contains(&self, bytes: &[u8]) -> bool {
        self.proofs.iter().any(|proof| proof.bytes == bytes)
    }
}

/// The proofs, each made once.
pub fn honest() -> &'static Honest {
    static HONEST: OnceLock<Honest> = OnceLock::new();
    HONEST.get_or_init(|| {
        let prover = Prover::new(program()).expect("a key");
        let proofs = [300_u32, 5].map(|input| prove(&prover, input));
        assert_eq!(proofs.each_ref().map(|proof| proof.parts.len()), [2, 1]);
        let proofs = proofs.into();
        Honest { prover, proofs }
    })
}

/// Adds up the numbers from its input down to one, keeps the sum in memory, and makes it public.
fn program() -> Program {
    let mut code: Vec<Instruction> = Vec::new();
    let mut push = |opcode, rd, rs1, rs2, imm: i32| {
        code.push(Instruction { opcode, rd, rs1, rs2, imm: imm.cast_unsigned() });
    };
    let call = |push: &mut dyn FnMut(Opcode, u8, u8, u8, i32), number: u32, size: i32| {
        push(Opcode::Lui, 10, 0, 0, DATA.cast_signed());
        push(Opcode::Addi, 11, 0, 0, size);
        push(Opcode::Lui, 17, 0, 0, 0x1000);
        push(Opcode::Addi, 17, 17, 0, (number - 0x1000).cast_signed());
        push(Opcode::Ecall, 0, 0, 0, 0);
    };
    call(&mut push, ecall::READ_INPUT, 1);
    push(Opcode::Lui, 5, 0, 0, DATA.cast_signed());
    push(Opcode::Lw, 7, 5, 0, 0);
    push(Opcode::Add, 8, 8, 7, 0);
    push(Opcode::Sw, 0, 5, 8, 0);
    push(Opcode::Addi, 7, 7, 0, -1);
    push(Opcode::Bne, 0, 7, 0, -12);
    call(&mut push, ecall::COMMIT, 4);
    push(Opcode::Addi, 10, 0, 0, 0);
    push(Opcode::Addi, 17, 0, 0, ecall::HALT.cast_signed());
    push(Opcode::Ecall, 0, 0, 0, 0);
    let words: Vec<u32> = code.iter().map(encode).collect();
    Program::new(CODE, CODE, &words, &[(DATA, &[9; 64])]).expect("a program")
}

fn prove(prover: &Prover, input: u32) -> Proof {
    let io = Io::with_input(input.to_le_bytes().to_vec());
    let mut recorder = Recorder::new(prover.program(), io, 1 << 16);
    let (mut state, limits) = (prover.start(), [SHAPES[0].limits()]);
    let (mut bytes, mut parts, mut trees) = (encode_head(), Vec::new(), Vec::new());
    while !recorder.has_ended() {
        let record = recorder.next_segment(&limits).expect("a run without traps");
        let traces = segment_traces(&record, prover.rom(), &SHAPES[0], &mut state);
        let traces = traces.expect("the program's own record");
        let work = SegmentWork { segment: record.index, shape: 0, traces };
        let proof = prover.prove_segment(work).expect("a proof");
        trees.push(tree_of(&proof));
        let part = proof.encode().expect("an encoding");
        bytes.extend(encode_segment(&part).expect("a short part"));
        parts.push(part);
    }
    let output = recorder.into_outcome().expect("the run has halted").output;
    bytes.extend(encode_output(&output).expect("a short output"));
    assert_eq!(prover.key().verify(&bytes).expect("the honest proof"), output);
    Proof { bytes, parts, trees }
}

/// The tree of a segment's part.
fn tree_of(SegmentProof { shape, public, stark }: &SegmentProof) -> Node {
    tree(&(shape, public.elements().to_vec(), stark))
}

/// A tree is edited in place of a part: it must say all that the part says.
#[test]
fn trees_are_the_parts() {
    for proof in &honest().proofs {
        for (part, tree) in proof.parts.iter().zip(&proof.trees) {
            assert_eq!(tree.to_bytes(), *part);
        }
    }
}
