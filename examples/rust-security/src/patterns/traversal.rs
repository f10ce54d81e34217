//! Path traversal.

use super::{is, Part, Scan, DIGIT, LETTER};
use crate::decisions::PATH_TRAVERSAL;

impl Scan<'_> {
    /// `..` as a whole segment of the path; elsewhere two of them in a row, for one may be an honest relative link.
    pub(super) fn dots(&mut self, at: usize) {
        let is_slash = |byte: u8| byte == b'/' || byte == b'\\';
        let before = self.before(at);
        let next = self.byte(at + 2);
        let found = match self.part {
            Part::Path => {
                let starts_segment = at == 0 || is_slash(before);
                starts_segment && (at + 2 == self.text.len() || is_slash(next) || matches!(next, b';' | 0))
            }
            Part::Query | Part::Cookie => {
                let starts_segment = !is(before, LETTER | DIGIT) && before != b'.';
                starts_segment
                    && is_slash(next)
                    && self.starts(at + 3, b"..")
                    && (at + 5 == self.text.len() || is_slash(self.byte(at + 5)))
            }
            _ => return,
        };
        // Becomes ../ where a filter takes one ../ away.
        let doubled = self.starts(at, b"....//") || self.starts(at, b"....\\\\");
        if found || doubled {
            self.findings |= PATH_TRAVERSAL;
        }
    }

    /// A file that traversals aim at, by an absolute path.
    pub(super) fn file(&mut self, at: usize, name: &[u8]) {
        if !self.starts(at, name) || !matches!(self.part, Part::Path | Part::Query | Part::Cookie) {
            return;
        }
        let absolute = matches!(self.before(at), b'/' | b'\\');
        if absolute && (at == 1 || matches!(self.text[at - 2], b'=' | b'.' | b':' | b'/' | b'\\' | b'\'' | b'"')) {
            self.findings |= PATH_TRAVERSAL;
        }
    }

    /// A parameter that names a file by `file://` or a stream by `php://`.
    pub(super) fn wrapper(&mut self, at: usize, scheme: &[u8]) {
        if self.part == Part::Query && self.starts(at, scheme) && self.before(at) == b'=' {
            self.findings |= PATH_TRAVERSAL;
        }
    }
}
