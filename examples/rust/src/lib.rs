//! Lets only those in who know a key: `x-api-key` against the keys of the configuration, compared in constant time.

mod sentinel;

use sentinel::{answer, configured, metric_add, Decision, Request, Response};
use serde::Deserialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// `{"keys": {"team-a": "s3cret"}, "open": ["/health"]}`
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// Who has which key. Without any nobody gets in, but to the open paths.
    keys: BTreeMap<String, String>,
    /// Paths that need no key, without query.
    open: Vec<String>,
}

thread_local!(static CONFIG: RefCell<Config> = RefCell::default());

fn decide(request: Request) -> Decision {
    CONFIG.with(|config| {
        let config = config.borrow();
        // What the backend reads in x-api-client is from here, never from the client.
        let allow = Decision::allow().remove_request_header("x-api-client").remove_request_header("x-api-key");
        if config.open.iter().any(|path| path == request.path()) {
            return allow.tag("open");
        }
        match owner(&config.keys, request.header("x-api-key").unwrap_or("")) {
            Some(name) => allow.set_request_header("x-api-client", name).tag("api-key"),
            None => {
                metric_add("api_keys_refused", 1.0);
                Decision::block(401, "A valid x-api-key is required\n")
                    .header("www-authenticate", "ApiKey")
                    .tag("no-api-key")
            }
        }
    })
}

/// Looks at every key, so that the time it takes tells nothing about which of them is near to what was given.
fn owner<'a>(keys: &'a BTreeMap<String, String>, given: &str) -> Option<&'a str> {
    let mut found = None;
    for (name, key) in keys {
        if same(key.as_bytes(), given.as_bytes()) {
            found = Some(name.as_str());
        }
    }
    found
}

/// Looks at the key to its end, so that the time it takes tells nothing about how much of it was right.
fn same(key: &[u8], given: &[u8]) -> bool {
    let mut difference = key.len() ^ given.len();
    for (index, byte) in key.iter().enumerate() {
        difference |= (byte ^ given.get(index).copied().unwrap_or(0)) as usize;
    }
    difference == 0 && !key.is_empty()
}

fn harden(_: Response) -> Decision {
    Decision::allow().remove_response_header("server").remove_response_header("x-powered-by")
}

#[no_mangle]
extern "C" fn configure(pointer: *const u8, length: usize) -> i64 {
    configured(pointer, length, |config: Config| {
        if let Some((name, _)) = config.keys.iter().find(|(_, key)| key.is_empty()) {
            return Err(format!("the key of {:?} must not be empty", name));
        }
        CONFIG.with(|current| *current.borrow_mut() = config);
        Ok(())
    })
}

#[no_mangle]
extern "C" fn on_request_headers(pointer: *const u8, length: usize) -> i64 {
    answer(pointer, length, decide)
}

#[no_mangle]
extern "C" fn on_response_headers(pointer: *const u8, length: usize) -> i64 {
    answer(pointer, length, harden)
}
