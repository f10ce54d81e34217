//! A security policy for HTTP requests as a WebAssembly module.
//!
//! `abi` is what the host calls; `policy` decides; `json`, `fold` and `patterns` are its tools.

#![cfg_attr(target_arch = "wasm32", no_std)]

pub mod arena;
pub mod decisions;
pub mod fold;
pub mod json;
pub mod patterns;
pub mod policy;

#[cfg(target_arch = "wasm32")]
mod abi;
