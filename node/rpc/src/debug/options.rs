//! What a trace request asks for.

use std::{borrow::Cow, time::Duration};

use alloy_rpc_types_eth::state::StateOverride;
use alloy_rpc_types_trace::geth::{
    FlatCallConfig, GethDebugBuiltInTracerType as BuiltIn, GethDebugTracerConfig,
    GethDebugTracerType as Tracer, GethDebugTracingOptions,
};
use revm_inspectors::tracing::DebugInspector;
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    empty::EmptyAccounts,
    steps::steps_max,
    watch::{Recording, StepRecord},
};
use crate::{
    api::Api,
    error::ApiError,
    gate::Deadline,
    methods::Answer,
    read::{BlockOverrides, FromJson, Index, Misread, Structure, in_own_words, with_known_names},
};

/// Go counts nanoseconds in 64 bits, of which one is the sign.
const DURATION_MAX: Duration = Duration::from_nanos(i64::MAX.unsigned_abs());

/// What every trace may be told, as the library reads it.
#[derive(Debug, Default)]
pub(super) struct Tracing(GethDebugTracingOptions);

impl<'a> FromJson<'a> for Tracing {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("tracers.TraceConfig")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        serde_json::from_value(with_known_names(json)?).map(Self).map_err(in_own_words)
    }
}

const CALL_OPTIONS: Structure = Structure::untagged("tracers.TraceCallConfig");

/// What `debug_traceCall` may be told beside what every trace may be.
#[derive(Debug, Default)]
pub(super) struct CallOptions {
    pub(super) tracing: Tracing,
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
        options.tracing = Tracing::from_json(json)?;
        Ok(options)
    }
}

/// A tracer made to a request's order.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) inspector: DebugInspector,
    pub(super) recording: Recording,
    /// Bytes of steps after which no more of them are shown; `None` is no end.
    pub(super) steps_bytes_max: Option<u64>,
    /// Of `flatCallTracer`, alone or among many.
    pub(super) flat: FlatCallConfig,
    /// Whether `prestateTracer`, alone or among many, shows accounts without their code.
    pub(super) hides_code: bool,
    /// Whether it shows accounts that were empty.
    pub(super) empty: Option<EmptyAccounts>,
    pub(super) deadline: Deadline,
}

impl Order {
    pub(super) fn new(api: &Api, options: Tracing) -> Answer<Self> {
        let Tracing(mut options) = options;
        settle_configurations(&mut options);
        let mut deadline = Deadline::new(&api.config);
        if let Some(timeout) = &options.timeout {
            let timeout = parse_duration(timeout).map_err(|reason| ApiError::Tracer { reason })?;
            deadline = deadline.at_most(timeout);
        }
        let steps_bytes_max = options.config.limit.filter(|limit| *limit != 0);
        options.config.limit = steps_bytes_max.map(steps_max);
        let (recording, flat) = (recording(&options)?, settle_flat(&mut options));
        let hides_code = settle_code(&mut options);
        let prestate = config_of(&mut options, BuiltIn::PreStateTracer, "prestateTracer");
        let empty = prestate.map_or(Ok(None), |config| EmptyAccounts::asked(config))?;
        let inspector = DebugInspector::new(options)
            .map_err(|error| ApiError::Tracer { reason: error.to_string() })?;
        Ok(Self { inspector, recording, steps_bytes_max, flat, hides_code, empty, deadline })
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

/// What flat calls are to be like. The tracer hears of all calls, so that they have the numbers
/// that their faults have; what is not to be shown is left out of its answer.
fn settle_flat(options: &mut GethDebugTracingOptions) -> FlatCallConfig {
    let config = config_of(options, BuiltIn::FlatCallTracer, "flatCallTracer");
    let Some(config) = config else { return FlatCallConfig::default() };
    // What is no configuration is refused where the tracer is made.
    let asked = GethDebugTracerConfig(config.clone()).into_flat_call_config();
    let Ok(asked) = asked else { return FlatCallConfig::default() };
    *config = json!({"includePrecompiles": true});
    asked
}

/// Whether accounts are to be shown without their code. The tracer tells it nevertheless, because
/// the code's hash is shown.
fn settle_code(options: &mut GethDebugTracingOptions) -> bool {
    let config = config_of(options, BuiltIn::PreStateTracer, "prestateTracer");
    match config.and_then(|config| config.get_mut("disableCode")) {
        Some(Value::Bool(is_disabled)) => std::mem::take(is_disabled),
        _ => false,
    }
}

/// The configuration of a tracer, alone or among many.
fn config_of<'a>(
    options: &'a mut GethDebugTracingOptions,
    tracer: BuiltIn,
    name: &str,
) -> Option<&'a mut Value> {
    let config = &mut options.tracer_config.0;
    match &options.tracer {
        Some(Tracer::BuiltInTracer(BuiltIn::MuxTracer)) => config.get_mut(name),
        Some(Tracer::BuiltInTracer(asked)) if *asked == tracer => Some(config),
        _ => None,
    }
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

/// A duration as Go writes it (`300ms`, `1.5s`, `1m30s`), or why it is none, in Go's words. No time
/// is shorter than none.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
        let digits = rest.find(|c| !is_of_number(c)).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let (unit, after) = tail.split_at(tail.find(is_of_number).unwrap_or(tail.len()));
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            _ => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        let part = Duration::try_from_secs_f64(number * seconds).ok();
        sum = part
            .and_then(|part| sum.checked_add(part))
            .filter(|sum| *sum <= DURATION_MAX)
            .ok_or_else(invalid)?;
        rest = after;
    }
    Ok(if text.starts_with('-') { Duration::ZERO } else { sum })
}

#[cfg(test)]
mod tests;
