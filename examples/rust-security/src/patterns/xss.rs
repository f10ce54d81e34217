//! Cross-site scripting.

use super::{is, Scan, Words, GAP, LETTER};
use crate::decisions::XSS;

const EVENTS: Words = &[
    b"error",
    b"load",
    b"click",
    b"focus",
    b"blur",
    b"mouse",
    b"key",
    b"pointer",
    b"submit",
    b"toggle",
    b"begin",
    b"animation",
    b"transition",
    b"change",
    b"input",
    b"drag",
    b"drop",
    b"touch",
    b"wheel",
    b"scroll",
    b"paste",
    b"copy",
    b"cut",
    b"hash",
    b"pop",
    b"message",
    b"before",
    b"unload",
    b"page",
    b"play",
    b"canplay",
    b"select",
    b"resize",
    b"dblclick",
    b"contextmenu",
    b"auxclick",
    b"search",
    b"invalid",
    b"finish",
    b"start",
    b"end",
];

impl Scan<'_> {
    pub(super) fn open_tag(&mut self, at: usize) {
        let name = if self.byte(at + 1) == b'/' { at + 2 } else { at + 1 };
        if !is(self.byte(name), LETTER) {
            return;
        }
        self.in_tag = true;
        let tags: [&[u8]; 4] = [b"script", b"iframe", b"frameset", b"applet"];
        for tag in tags {
            let end = self.byte(name + tag.len());
            if self.starts(name, tag) && (matches!(end, 0 | b'>' | b'/' | b'<' | b'&') || is(end, GAP)) {
                self.findings |= XSS;
            }
        }
    }

    /// `onerror=` in a tag, or behind the quote that ends an attribute of the page's.
    pub(super) fn event_handler(&mut self, at: usize) {
        if self.byte(at + 1) != b'n' || self.findings & XSS != 0 || !self.starts_any(at + 2, EVENTS) {
            return;
        }
        let before = self.before(at);
        if !is(before, GAP) && !matches!(before, b'/' | b'\'' | b'"' | b'`') {
            return;
        }
        let mut start = at;
        while start > 0 && (is(self.text[start - 1], GAP) || self.text[start - 1] == b'/') {
            start -= 1;
        }
        let name_end = self.name_end(at);
        let equals = self.gap(name_end);
        if (self.in_tag || matches!(self.before(start), b'\'' | b'"' | b'`')) && self.byte(equals) == b'=' {
            self.findings |= XSS;
        }
    }

    fn is_value_start(&self, at: usize) -> bool {
        let before = self.before(at);
        at == 0 || is(before, GAP) || matches!(before, b'=' | b'\'' | b'"' | b'`' | b'(' | b',')
    }

    /// `javascript:` with code behind it.
    pub(super) fn script_uri(&mut self, at: usize, scheme: &[u8]) {
        if !self.starts(at, scheme) || !self.is_value_start(at) {
            return;
        }
        let code = self.gap_and(at + scheme.len(), b"/");
        let next = self.name_end(code);
        if matches!(self.byte(next), b'(' | b'`' | b'[' | b'=') {
            self.findings |= XSS;
        }
    }

    pub(super) fn data_uri(&mut self, at: usize) {
        if self.starts(at, b"data:text/html") && self.is_value_start(at) {
            self.findings |= XSS;
        }
    }
}
