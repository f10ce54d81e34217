//! Nobody gets to what is private; the backend sees which requests were looked at.

mod sentinel;

use sentinel::{answer, configured, log, Decision, Level, Request, Response};
use serde::Deserialize;
use std::cell::RefCell;

/// The configuration: `{"private": "/private"}`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// A path: it and what lies below are blocked.
    private: String,
}

impl Default for Config {
    fn default() -> Self {
        Config { private: "/private".into() }
    }
}

thread_local!(static CONFIG: RefCell<Config> = RefCell::default());

fn decide(request: Request) -> Decision {
    if CONFIG.with(|config| lies_below(request.path(), &config.borrow().private)) {
        log(Level::Info, &format!("{} was turned away from {}", request.client_ip, request.path()));
        return Decision::block(403, "Private\n").tag("private");
    }
    Decision::allow().set_request_header("x-policy", "passed")
}

fn lies_below(path: &str, folder: &str) -> bool {
    matches!(path.strip_prefix(folder), Some(rest) if rest.is_empty() || rest.starts_with('/'))
}

#[no_mangle]
extern "C" fn configure(pointer: *const u8, length: usize) -> i64 {
    configured(pointer, length, |config: Config| {
        if !config.private.starts_with('/') {
            return Err(format!("\"private\" must begin with a slash: received {:?}", config.private));
        }
        CONFIG.with(|known| *known.borrow_mut() = config);
        Ok(())
    })
}

#[no_mangle]
extern "C" fn on_request_headers(pointer: *const u8, length: usize) -> i64 {
    answer(pointer, length, decide)
}

#[no_mangle]
extern "C" fn on_response_headers(pointer: *const u8, length: usize) -> i64 {
    answer(pointer, length, |_: Response| Decision::allow().remove_response_header("server"))
}
