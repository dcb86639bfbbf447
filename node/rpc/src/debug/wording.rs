//! Traces as geth words them, where the library that makes them does not.

use std::collections::BTreeMap;

use alloy_rpc_types_trace::{
    geth::{CallFrame, DefaultFrame, FlatCallConfig, GethTrace},
    parity::{Action, CallType, LocalizedTransactionTrace},
};

use crate::{
    eth::redirects::is_precompile,
    halt::{Fault, Instruction, REVERTED},
};

/// What a run's traces are worded with.
#[derive(Debug)]
pub(super) struct Wording<'a> {
    /// As their frames closed.
    faults: &'a [Fault],
    flat: FlatCallConfig,
}

impl<'a> Wording<'a> {
    pub(super) const fn new(faults: &'a [Fault], flat: FlatCallConfig) -> Self {
        Self { faults, flat }
    }

    /// Puts a trace right, or all of many.
    pub(super) fn reword(&self, trace: &mut GethTrace) {
        match trace {
            GethTrace::Default(frame) => self.reword_steps(frame),
            GethTrace::CallTracer(frame) => {
                // What failed has logged nothing; for inner calls that is known.
                if frame.error.is_some() {
                    frame.logs.clear();
                }
                reword_call(frame, &self.words(), &mut 0);
            }
            GethTrace::FlatCallTracer(frames) => self.reword_flat(frames),
            GethTrace::MuxTracer(frames) => {
                frames.0.values_mut().for_each(|trace| self.reword(trace));
            }
            _ => {}
        }
    }

    /// The words for each frame that failed.
    fn words(&self) -> BTreeMap<usize, &'a str> {
        self.faults.iter().map(|fault| (fault.frame, fault.words.as_str())).collect()
    }

    /// geth's steps tell what happens before them, so that only those fail which do not begin. What
    /// is empty or zero they do not show, but for the stack.
    fn reword_steps(&self, frame: &mut DefaultFrame) {
        // A frame closes with the step that it fails at: both are in the same order.
        let faults = self.faults.iter();
        let mut failed = faults.filter_map(|fault| Some((fault.instruction?, &fault.words)));
        for step in &mut frame.struct_logs {
            step.return_data = step.return_data.take().filter(|data| !data.is_empty());
            step.memory = step.memory.take().filter(|words| !words.is_empty());
            step.refund_counter = step.refund_counter.filter(|refund| *refund != 0);
            if step.error.take().is_none() {
                continue;
            }
            let Some((instruction, words)) = failed.next() else { continue };
            let Instruction { opcode, is_refused } = instruction;
            step.error = is_refused.then(|| words.clone());
            if step.op == "Unknown" {
                step.op = format!("opcode {opcode:#x} not defined").into();
            }
        }
    }

    fn reword_flat(&self, frames: &mut Vec<LocalizedTransactionTrace>) {
        let is_parity = self.flat.convert_parity_errors.unwrap_or_default();
        let words = self.words();
        let calls = frames.iter_mut().map(|frame| &mut frame.trace);
        let calls = calls.filter(|trace| !matches!(trace.action, Action::Selfdestruct(_)));
        for (number, trace) in calls.enumerate() {
            let Some(words) = words.get(&number) else { continue };
            // Only what reverts has something to say.
            trace.result = trace.result.take().filter(|_| *words == REVERTED);
            trace.error = Some(if is_parity { parity(words) } else { words }.to_owned());
        }
        if !self.flat.include_precompiles.unwrap_or_default() {
            *frames = without_precompiles(std::mem::take(frames));
        }
    }
}

/// Flat calls without those of precompiled contracts and what is within them; the others keep no
/// gaps in their addresses.
fn without_precompiles(calls: Vec<LocalizedTransactionTrace>) -> Vec<LocalizedTransactionTrace> {
    let mut kept: Vec<LocalizedTransactionTrace> = Vec::with_capacity(calls.len());
    // Of the calls that are open where they are kept, if they are.
    let mut open: Vec<Option<usize>> = Vec::new();
    for mut call in calls {
        let depth = call.trace.trace_address.len();
        open.truncate(depth);
        if depth > 0 {
            let parent = open.last().copied().flatten().filter(|_| !is_of_precompile(&call));
            let Some(parent) = parent.and_then(|parent| kept.get_mut(parent)) else {
                open.push(None);
                continue;
            };
            call.trace.trace_address.clone_from(&parent.trace.trace_address);
            call.trace.trace_address.push(parent.trace.subtraces);
            parent.trace.subtraces += 1;
        }
        // Those within it count themselves.
        call.trace.subtraces = 0;
        open.push(Some(kept.len()));
        kept.push(call);
    }
    kept
}

/// As geth: not of those that lend their code.
fn is_of_precompile(call: &LocalizedTransactionTrace) -> bool {
    let Action::Call(call) = &call.trace.action else { return false };
    matches!(call.call_type, CallType::Call | CallType::StaticCall) && is_precompile(&call.to)
}

/// Words a call and all within it, whose numbers are those from `next` on.
fn reword_call(frame: &mut CallFrame, words: &BTreeMap<usize, &str>, next: &mut usize) {
    // An end of a contract is among its calls, and is none.
    if frame.typ == "SELFDESTRUCT" {
        return;
    }
    if let Some(words) = words.get(next) {
        frame.error = Some((*words).to_owned());
    }
    *next += 1;
    for call in &mut frame.calls {
        reword_call(call, words, next);
    }
}

/// Parity's words for geth's, of those for which geth has some.
fn parity(words: &str) -> &str {
    match words {
        "out of gas"
        | "gas uint64 overflow"
        | "contract creation code storage out of gas"
        | "max code size exceeded" => "Out of gas",
        "invalid jump destination" => "Bad jump destination",
        "return data out of bounds" => "Out of bounds",
        "stack limit reached 1024 (1023)" => "Out of stack",
        "precompiled failed" => "Built-in failed",
        REVERTED => "Reverted",
        _ if words.starts_with("out of gas:") => "Out of gas",
        _ if words.starts_with("invalid opcode:") => "Bad instruction",
        _ if words.starts_with("stack underflow") => "Stack underflow",
        _ => words,
    }
}

#[cfg(test)]
mod tests;
