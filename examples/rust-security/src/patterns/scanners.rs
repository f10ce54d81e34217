//! Scanners by the names they give themselves.

use super::{Scan, Words};
use crate::decisions::SCANNER;

const SCANNERS: Words = &[
    b"acunetix",
    b"arachni",
    b"commix",
    b"dirbuster",
    b"feroxbuster",
    b"fuzz faster",
    b"ffuf",
    b"gobuster",
    b"havij",
    b"jaeles",
    b"masscan",
    b"nessus",
    b"netsparker",
    b"nikto",
    b"nmap",
    b"nuclei",
    b"openvas",
    b"skipfish",
    b"sqlmap",
    b"w3af",
    b"wfuzz",
    b"whatweb",
    b"wpscan",
    b"zgrab",
    b"zmeu",
];

/// A bit for each letter that starts a name in [`SCANNERS`].
pub(super) const SCANNER_LETTERS: u32 = {
    let mut letters = 0;
    let mut index = 0;
    while index < SCANNERS.len() {
        letters |= 1 << (SCANNERS[index][0] - b'a');
        index += 1;
    }
    letters
};

impl Scan<'_> {
    pub(super) fn scanner(&mut self, at: usize) {
        if SCANNERS.iter().any(|name| self.is_word(at, name)) {
            self.findings |= SCANNER;
        }
    }
}
