//! The agent's side of a module, hidden behind a typed request and decision: ABI version 2.
//!
//! Copy this file as it is. An instance has one call at a time, so what it keeps between calls needs no lock.

#![allow(dead_code)]

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::alloc::{alloc as allocate, dealloc as release, Layout};
use std::collections::BTreeMap;

/// Header names in lower case, each with all of its values in order.
pub type Headers = BTreeMap<String, Vec<String>>;

/// A request's head. What the proxy does not tell is empty or `None`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub uri: String,
    pub client_ip: String,
    pub client_port: Option<u16>,
    /// The same for all events of a request.
    pub correlation_id: String,
    pub request_id: Option<String>,
    pub server_name: Option<String>,
    pub protocol: Option<String>,
    pub tls_version: Option<String>,
    pub tls_cipher: Option<String>,
    pub route_id: Option<String>,
    pub upstream_id: Option<String>,
    pub timestamp: Option<String>,
    pub traceparent: Option<String>,
    pub headers: Headers,
}

impl Request {
    /// The uri without its query.
    pub fn path(&self) -> &str {
        self.uri.split('?').next().unwrap_or("")
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

/// A response's head.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Response {
    pub status: u16,
    pub correlation_id: String,
    pub headers: Headers,
}

impl Response {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

fn first<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.get(name)?.first().map(String::as_str)
}

/// What is to happen. Made by `allow`, `block`, `redirect` or `challenge`, and added to: `Decision::allow().tag("seen")`.
/// The agent removes headers first, then sets, then adds.
#[derive(Serialize, Default)]
pub struct Decision {
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<Challenge>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: Headers,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remove_request_headers: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    set_request_headers: Headers,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    add_request_headers: Headers,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remove_response_headers: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    set_response_headers: Headers,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    add_response_headers: Headers,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rule_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reason_codes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    routing_metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Challenge {
    #[serde(rename = "type")]
    kind: String,
    params: BTreeMap<String, String>,
}

impl Decision {
    /// The request or response goes on.
    pub fn allow() -> Self {
        Decision { decision: "allow", ..Default::default() }
    }

    /// The client gets this status, 200 to 599, and body.
    pub fn block(status: u16, body: &str) -> Self {
        Decision { decision: "block", status: Some(status), body: Some(body.into()), ..Default::default() }
    }

    /// The client is sent elsewhere, with a status of 300 to 399.
    pub fn redirect(status: u16, url: &str) -> Self {
        Decision { decision: "redirect", status: Some(status), url: Some(url.into()), ..Default::default() }
    }

    /// The client has to prove something first. Proxies up to 0.6.50 let such a request through.
    pub fn challenge(kind: &str, params: &[(&str, &str)]) -> Self {
        let params = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Decision {
            decision: "challenge",
            challenge: Some(Challenge { kind: kind.into(), params }),
            ..Default::default()
        }
    }

    /// A header of the block or redirect itself.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.headers, name, value);
        self
    }

    /// The backend does not get this header.
    pub fn remove_request_header(mut self, name: &str) -> Self {
        self.remove_request_headers.push(name.into());
        self
    }

    /// The backend gets this header, in the place of what the client sent. Called again: a further value.
    pub fn set_request_header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.set_request_headers, name, value);
        self
    }

    /// The backend gets this header, beside what the client sent.
    pub fn add_request_header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.add_request_headers, name, value);
        self
    }

    /// The client does not get this header.
    pub fn remove_response_header(mut self, name: &str) -> Self {
        self.remove_response_headers.push(name.into());
        self
    }

    /// The client gets this header, in the place of what the backend sent. Called again: a further value.
    pub fn set_response_header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.set_response_headers, name, value);
        self
    }

    /// The client gets this header, beside what the backend sent.
    pub fn add_response_header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.add_response_headers, name, value);
        self
    }

    /// A word for the audit log.
    pub fn tag(mut self, tag: &str) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Which rule decided.
    pub fn rule_id(mut self, id: &str) -> Self {
        self.rule_ids.push(id.into());
        self
    }

    /// Why it decided so, as a code.
    pub fn reason_code(mut self, code: &str) -> Self {
        self.reason_codes.push(code.into());
        self
    }

    /// How sure it is, 0 to 1.
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// What the proxy may route by.
    pub fn routing_metadata(mut self, name: &str, value: &str) -> Self {
        self.routing_metadata.insert(name.into(), value.into());
        self
    }

    /// A field of the audit log.
    pub fn audit(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.audit.insert(name.into(), value.into());
        self
    }
}

fn push(headers: &mut Headers, name: &str, value: &str) {
    headers.entry(name.into()).or_default().push(value.into());
}

/// Reads a handler's input, decides, and hands the answer over.
pub fn answer<I: DeserializeOwned>(pointer: *const u8, length: usize, decide: impl FnOnce(I) -> Decision) -> i64 {
    // Input that does not fit the type is an error of this file: the call traps, and the agent takes its fail mode.
    let input = serde_json::from_slice(bytes(pointer, length)).unwrap();
    give(serde_json::to_vec(&decide(input)).unwrap())
}

/// Reads the configuration; an `Err` refuses it, and its text is shown to the operator.
pub fn configured<C: DeserializeOwned>(
    pointer: *const u8,
    length: usize,
    take: impl FnOnce(C) -> Result<(), String>,
) -> i64 {
    let config = serde_json::from_slice(bytes(pointer, length)).map_err(|error| error.to_string());
    match config.and_then(take) {
        Ok(()) => 0,
        Err(error) => give(serde_json::to_vec(&BTreeMap::from([("error", error)])).unwrap()),
    }
}

fn bytes<'a>(pointer: *const u8, length: usize) -> &'a [u8] {
    unsafe { std::slice::from_raw_parts(pointer, length) }
}

/// Pointer and length in one number. The agent calls `dealloc` with both.
fn give(answer: Vec<u8>) -> i64 {
    let answer = answer.into_boxed_slice();
    let length = answer.len() as i64;
    (Box::into_raw(answer) as *mut u8 as i64) << 32 | length
}

/// What the agent offers.
mod host {
    #[link(wasm_import_module = "sentinel")]
    extern "C" {
        pub fn log(level: u32, pointer: *const u8, length: usize);
        pub fn now_ms() -> i64;
        pub fn random(pointer: *mut u8, length: usize);
        pub fn config(pointer: *mut u8, capacity: usize) -> usize;
        pub fn metric_add(pointer: *const u8, length: usize, value: f64);
    }
}

/// How much a line of the log matters.
pub enum Level {
    Error,
    Warning,
    Info,
    Debug,
}

/// Writes a line of the agent's log.
pub fn log(level: Level, text: &str) {
    unsafe { host::log(level as u32, text.as_ptr(), text.len()) }
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    unsafe { host::now_ms() }
}

/// Random bytes, fit for secrets.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    unsafe { host::random(bytes.as_mut_ptr(), N) };
    bytes
}

/// The configuration as JSON, also for who has no `configure`.
pub fn config() -> Vec<u8> {
    let mut text = vec![0; unsafe { host::config(std::ptr::null_mut(), 0) }];
    unsafe { host::config(text.as_mut_ptr(), text.len()) };
    text
}

/// Adds to a counter of the module's own, which the agent shows.
pub fn metric_add(name: &str, value: f64) {
    unsafe { host::metric_add(name.as_ptr(), name.len(), value) }
}

/// Called once an instance, before all else.
#[no_mangle]
extern "C" fn agent_abi_version() -> i32 {
    // What a panic says would be lost otherwise: all that the agent sees of it is a trap.
    std::panic::set_hook(Box::new(|info| log(Level::Error, &info.to_string())));
    2
}

#[no_mangle]
extern "C" fn alloc(size: usize) -> *mut u8 {
    match Layout::from_size_align(size.max(1), 1) {
        Ok(layout) => unsafe { allocate(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

#[no_mangle]
extern "C" fn dealloc(pointer: *mut u8, size: usize) {
    if let Ok(layout) = Layout::from_size_align(size.max(1), 1) {
        unsafe { release(pointer, layout) }
    }
}
