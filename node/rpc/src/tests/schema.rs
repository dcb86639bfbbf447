//! As much of JSON Schema as the Ethereum JSON-RPC specification uses.
//!
//! The specification is a vector: `MINSTER_VECTORS` names the folder it is in, and it is never
//! copied here. Without it the shapes go unchecked, which `cargo xtask test` says in its last line,
//! and with `MINSTER_REQUIRE_ALL=1` that is a failure.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex_lite::Regex;
use serde_json::Value;

static OPENRPC: LazyLock<Option<Value>> = LazyLock::new(|| {
    let root = std::env::var_os("MINSTER_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let path = root.join("rpc/openrpc.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        let is_required = std::env::var_os("MINSTER_REQUIRE_ALL").is_some_and(|value| value == "1");
        assert!(!is_required, "no specification at {}", path.display());
        eprintln!("vectors: answers unchecked, no specification at {}", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("the specification is JSON"))
});

/// The names of all methods that the specification has; none without it.
pub(crate) fn method_names() -> Vec<&'static str> {
    let Some(openrpc) = OPENRPC.as_ref() else { return Vec::new() };
    let methods = list(&openrpc["methods"]).iter();
    methods.filter_map(|method| method["name"].as_str()).collect()
}

/// Each method with an example of its parameters, as many of them as it requires.
pub(crate) fn required_parameters() -> Vec<(&'static str, Vec<Value>)> {
    let Some(openrpc) = OPENRPC.as_ref() else { return Vec::new() };
    let methods = list(&openrpc["methods"]).iter().filter_map(|method| {
        let is_required = |parameter: &&Value| parameter["required"] == true;
        let count = list(&method["params"]).iter().take_while(is_required).count();
        let example = method["examples"][0]["params"].as_array()?.iter().take(count);
        Some((method["name"].as_str()?, example.map(|each| each["value"].clone()).collect()))
    });
    methods.collect()
}

/// The method of the specification whose answers look like those of one that it does not have.
fn akin(method: &str) -> &str {
    match method {
        "eth_sendRawTransactionSync" => "eth_getTransactionReceipt",
        "eth_getRawTransactionByHash"
        | "eth_getRawTransactionByBlockHashAndIndex"
        | "eth_getRawTransactionByBlockNumberAndIndex" => "debug_getRawTransaction",
        "debug_traceBlock" => "debug_traceBlockByHash",
        other => other,
    }
}

/// What an answer has to look like; `None` where nothing says so. The exceptions are as geth's.
fn schema_of(openrpc: &'static Value, method: &str, answer: &Value) -> Option<&'static Value> {
    match method {
        // Of no blocks, which the specification does not let anybody ask for, geth gives no base
        // fees, and null for ratios.
        "eth_feeHistory" if answer["gasUsedRatio"].is_null() => return None,
        // Of a number that no block has yet.
        "debug_getRawReceipts" if answer.is_null() => return None,
        // What waits in the pool is in no block. There is a shape for that, which this method does
        // not name.
        "eth_getTransactionByHash" if answer.is_object() && answer["blockHash"].is_null() => {
            return Some(&openrpc["components"]["schemas"]["PendingTransactionInfo"]);
        }
        _ => {}
    }
    let name = akin(method);
    let found = list(&openrpc["methods"]).iter().find(|entry| entry["name"] == name)?;
    Some(&found["result"]["schema"])
}

/// Panics where an answer is not what the specification says; of methods that it does not have it
/// says nothing.
#[track_caller]
pub(crate) fn check_answer(method: &str, answer: &Value) {
    let Some(openrpc) = OPENRPC.as_ref() else { return };
    let Some(schema) = schema_of(openrpc, method, answer) else { return };
    if let Err(reason) = check(schema, answer, "result") {
        panic!("{method}: {reason}\nin {answer:#}");
    }
}

/// Panics where a value has not a named shape.
#[track_caller]
pub(crate) fn check_shape(name: &str, value: &Value) {
    let Some(openrpc) = OPENRPC.as_ref() else { return };
    let schema = &openrpc["components"]["schemas"][name];
    assert!(!schema.is_null(), "{name} is not in the specification");
    if let Err(reason) = check(schema, value, name) {
        panic!("{reason}\nin {value:#}");
    }
}

fn check(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (keyword, content) in schema.as_object().expect("a schema is an object") {
        match keyword.as_str() {
            "$ref" => check(resolve(content), value, at)?,
            "allOf" => list(content).iter().try_for_each(|each| check(each, value, at))?,
            "oneOf" | "anyOf" => check_some(content, value, at, keyword == "oneOf")?,
            "type" => check_type(content, value, at)?,
            "pattern" => check_pattern(content, value, at)?,
            "required" => check_required(content, value, at)?,
            "properties" => check_properties(content, value, at)?,
            "additionalProperties" => check_additional(schema, content, value, at)?,
            "const" if content != value => return Err(format!("{at}: not {content}")),
            "enum" if !list(content).contains(value) => {
                return Err(format!("{at}: not one of {content}"));
            }
            "const" | "enum" => {}
            "items" => check_items(content, value, at)?,
            "minimum" if value.is_number() && value.as_f64() < content.as_f64() => {
                return Err(format!("{at}: {value} is below {content}"));
            }
            "maximum" if value.is_number() && value.as_f64() > content.as_f64() => {
                return Err(format!("{at}: {value} is above {content}"));
            }
            "minimum" | "maximum" => {}
            "title" | "description" => {}
            other => panic!("keyword {other} is not implemented"),
        }
    }
    Ok(())
}

fn resolve(reference: &Value) -> &'static Value {
    let pointer = reference.as_str().expect("a reference").trim_start_matches('#');
    let openrpc = OPENRPC.as_ref().expect("a schema comes from the specification");
    openrpc.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn check_some(content: &Value, value: &Value, at: &str, is_one: bool) -> Result<(), String> {
    let results: Vec<_> = list(content).iter().map(|each| check(each, value, at)).collect();
    let count = results.iter().filter(|result| result.is_ok()).count();
    // An empty array is both empty logs and empty hashes: the specification is ambiguous there.
    let is_ambiguous = value.as_array().is_some_and(Vec::is_empty);
    if count == 0 || (is_one && count > 1 && !is_ambiguous) {
        let reasons: Vec<_> = results.into_iter().filter_map(Result::err).collect();
        return Err(format!("{at}: matches {count} alternatives: {reasons:#?}"));
    }
    Ok(())
}

fn check_type(content: &Value, value: &Value, at: &str) -> Result<(), String> {
    let is_right = match content.as_str().expect("a type") {
        "null" => value.is_null(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("type {other} is not implemented"),
    };
    if is_right { Ok(()) } else { Err(format!("{at}: not of type {content}: {value}")) }
}

fn check_pattern(content: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    let pattern = content.as_str().expect("a pattern");
    let is_match = Regex::new(pattern).expect("a valid pattern").is_match(text);
    if is_match { Ok(()) } else { Err(format!("{at}: {text} does not match {pattern}")) }
}

fn check_required(content: &Value, value: &Value, at: &str) -> Result<(), String> {
    for name in list(content).iter().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            return Err(format!("{at}: {name} is missing"));
        }
    }
    Ok(())
}

fn check_properties(content: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (name, schema) in content.as_object().expect("properties") {
        if let Some(property) = value.get(name) {
            check(schema, property, &format!("{at}.{name}"))?;
        }
    }
    Ok(())
}

fn check_additional(
    schema: &Value,
    content: &Value,
    value: &Value,
    at: &str,
) -> Result<(), String> {
    let Some(object) = value.as_object() else { return Ok(()) };
    for (name, property) in object {
        if schema["properties"].get(name).is_some() {
            continue;
        }
        match content {
            Value::Bool(true) => {}
            Value::Bool(false) => return Err(format!("{at}: {name} is not in the specification")),
            schema => check(schema, property, &format!("{at}.{name}"))?,
        }
    }
    Ok(())
}

fn check_items(content: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Some(items) = value.as_array() else { return Ok(()) };
    for (index, item) in items.iter().enumerate() {
        check(content, item, &format!("{at}[{index}]"))?;
    }
    Ok(())
}
