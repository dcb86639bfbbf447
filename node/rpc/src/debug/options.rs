//! What a trace request asks for.

use std::{borrow::Cow, time::Duration};

use alloy_rpc_types_eth::state::StateOverride;
use alloy_rpc_types_trace::geth::{
    FlatCallConfig, GethDebugBuiltInTracerType as BuiltIn, GethDebugTracerConfig,
    GethDebugTracerType as Tracer, GethDebugTracingOptions,
};
use revm_inspectors::tracing::DebugInspector;
use serde_json::{Map, Value, value::RawValue};

use super::watch::{Recording, StepRecord};
use crate::{
    api::Api,
    error::ApiError,
    gate::Deadline,
    methods::Answer,
    read::{BlockOverrides, Foreign, FromJson, Index, Misread, Structure},
};

const CALL_OPTIONS: Structure = Structure::untagged("tracers.TraceCallConfig");

/// What `debug_traceCall` may be told beside what every trace may be.
#[derive(Debug, Default)]
pub(super) struct CallOptions {
    pub(super) tracing: Foreign<GethDebugTracingOptions>,
    pub(super) state_overrides: Option<StateOverride>,
    pub(super) block_overrides: BlockOverrides,
    pub(super) tx_index: Option<u64>,
}

impl<'a> FromJson<'a> for CallOptions {
    fn go_type() -> Cow<'static, str> {
        CALL_OPTIONS.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let mut options = Self::default();
        for member in CALL_OPTIONS.members(json)? {
            match member.name() {
                "stateOverrides" => options.state_overrides = member.read()?,
                "blockOverrides" => options.block_overrides = member.read()?.unwrap_or_default(),
                "txIndex" => options.tx_index = member.read()?.map(|Index(index)| index),
                _ => {}
            }
        }
        // It passes over those above.
        options.tracing = Foreign::from_json(json)?;
        Ok(options)
    }
}

/// A tracer made to a request's order.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) inspector: DebugInspector,
    pub(super) recording: Recording,
    /// Of `flatCallTracer`, alone or among many.
    pub(super) flat: FlatCallConfig,
    pub(super) deadline: Deadline,
}

impl Order {
    pub(super) fn new(api: &Api, options: Foreign<GethDebugTracingOptions>) -> Answer<Self> {
        let Foreign(mut options) = options;
        settle_configurations(&mut options);
        let mut deadline = Deadline::new(&api.config);
        if let Some(timeout) = &options.timeout {
            let timeout = parse_duration(timeout)
                .ok_or_else(|| ApiError::Tracer { reason: format!("bad timeout \"{timeout}\"") })?;
            deadline = deadline.at_most(timeout);
        }
        let (recording, flat) = (recording(&options)?, flat_config(&options));
        let inspector = DebugInspector::new(options)
            .map_err(|error| ApiError::Tracer { reason: error.to_string() })?;
        Ok(Self { inspector, recording, flat, deadline })
    }
}

/// Among many tracers, those that take no configuration ignore what is given for them, and the
/// others need none, as in geth.
fn settle_configurations(options: &mut GethDebugTracingOptions) {
    if !matches!(options.tracer, Some(Tracer::BuiltInTracer(BuiltIn::MuxTracer))) {
        return;
    }
    let Some(tracers) = options.tracer_config.0.as_object_mut() else { return };
    for (name, config) in tracers {
        if matches!(name.as_str(), "4byteTracer" | "noopTracer") {
            config.take();
        } else if config.is_null() {
            *config = Value::Object(Map::new());
        }
    }
}

fn flat_config(options: &GethDebugTracingOptions) -> FlatCallConfig {
    let config = &options.tracer_config.0;
    let config = match options.tracer {
        Some(Tracer::BuiltInTracer(BuiltIn::FlatCallTracer)) => Some(config),
        Some(Tracer::BuiltInTracer(BuiltIn::MuxTracer)) => config.get("flatCallTracer"),
        _ => None,
    };
    // What is no configuration is refused where the tracer is made.
    let config =
        config.cloned().map(GethDebugTracerConfig).map(|config| config.into_flat_call_config());
    config.and_then(Result::ok).unwrap_or_default()
}

fn recording(options: &GethDebugTracingOptions) -> Answer<Recording> {
    let config = &options.config;
    match &options.tracer {
        Some(Tracer::BuiltInTracer(BuiltIn::NoopTracer | BuiltIn::FourByteTracer)) => {
            Ok(Recording::Nothing)
        }
        Some(Tracer::BuiltInTracer(BuiltIn::PreStateTracer)) => Ok(Recording::Frames),
        Some(Tracer::BuiltInTracer(BuiltIn::FlatCallTracer | BuiltIn::MuxTracer)) => {
            Ok(Recording::Calls)
        }
        Some(Tracer::BuiltInTracer(BuiltIn::CallTracer)) => {
            // What is no configuration is refused where the tracer is made.
            let config = options.tracer_config.clone().into_call_config().unwrap_or_default();
            let is_top_only = config.only_top_call.unwrap_or_default();
            Ok(if is_top_only { Recording::TopCall } else { Recording::Calls })
        }
        Some(other) if !other.as_str().is_empty() => {
            let name: String = other.as_str().chars().take(64).collect();
            let reason =
                format!("unknown tracer \"{name}\"; tracers in JavaScript are not run here");
            Err(ApiError::Tracer { reason })
        }
        _ => Ok(Recording::Steps(StepRecord {
            stack: !config.disable_stack.unwrap_or_default(),
            memory: config.is_memory_enabled(),
            storage: !config.disable_storage.unwrap_or_default(),
            return_data: config.is_return_data_enabled(),
            limit: config.limit.unwrap_or_default(),
        })),
    }
}

/// A duration as Go writes it: `300ms`, `1.5s`, `1m30s`.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = Duration::ZERO;
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, after) = tail.split_at(letters);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            _ => return None,
        };
        let number: f64 = number.parse().ok()?;
        sum = sum.checked_add(Duration::try_from_secs_f64(number * seconds).ok()?)?;
        rest = after;
    }
    Some(sum)
}

#[cfg(test)]
mod tests;
