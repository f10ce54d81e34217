//! The attack patterns, looked for in one pass over folded text.
//!
//! A table sorts the bytes: nearly all are passed over by one look-up; a pattern is only tried at a symbol that can
//! start one and at the first letter of a word. Everything tried is bounded or remembered, so time stays
//! proportional to the text whatever the text is.

mod scanners;
mod sql;
mod traversal;
mod xss;

use crate::decisions::{PATH_TRAVERSAL, SQL_INJECTION};
use crate::policy::Findings;
use scanners::SCANNER_LETTERS;

/// Where the text comes from: not every pattern means harm everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Path,
    Query,
    Cookie,
    Referer,
    UserAgent,
}

const SYMBOL: u8 = 1;
const LETTER: u8 = 2;
const GAP: u8 = 4;
const DIGIT: u8 = 8;

static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = b'a';
    while byte <= b'z' {
        class[byte as usize] = LETTER;
        byte += 1;
    }
    class[b'_' as usize] = LETTER;
    let mut byte = b'0';
    while byte <= b'9' {
        class[byte as usize] = DIGIT;
        byte += 1;
    }
    let symbols = b"'\"`;<>&@.\0\xc0";
    let mut index = 0;
    while index < symbols.len() {
        class[symbols[index] as usize] = SYMBOL;
        index += 1;
    }
    // A plus is a space in queries; a0 is one to MySQL.
    let gaps = b" \t\n\r\x0b\x0c+\xa0";
    let mut index = 0;
    while index < gaps.len() {
        class[gaps[index] as usize] = GAP;
        index += 1;
    }
    class
};

#[inline]
fn is(byte: u8, class: u8) -> bool {
    CLASS[byte as usize] & class != 0
}

/// What the text, folded by `fold`, contains.
pub fn find(text: &[u8], part: Part) -> Findings {
    let mut scan =
        Scan { text, part, findings: 0, quotes: 0, in_tag: false, after_union_select: false, comment_end: 0 };
    let mut previous = 0;
    for (at, &byte) in text.iter().enumerate() {
        let class = CLASS[byte as usize];
        if class & (SYMBOL | (LETTER & !previous)) != 0 {
            if class == SYMBOL {
                scan.symbol(at);
            } else {
                scan.word(at);
            }
        }
        previous = class;
    }
    scan.findings
}

/// Words of which one is meant to follow another, for [`Scan::pair`].
type Words = &'static [&'static [u8]];

struct Scan<'t> {
    text: &'t [u8],
    part: Part,
    findings: Findings,
    /// Which kinds of quote were seen an odd number of times since the last `&`: bit 0 for ', 1 for ", 2 for `.
    quotes: u8,
    in_tag: bool,
    after_union_select: bool,
    /// Where the last comment looked at ends: those that start before it need no second search.
    comment_end: usize,
}

impl Scan<'_> {
    /// The byte there, or 0 past the end.
    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn starts(&self, at: usize, word: &[u8]) -> bool {
        match self.text.get(at..) {
            Some(rest) if rest.len() >= word.len() => rest.iter().zip(word).all(|(a, b)| a == b),
            _ => false,
        }
    }

    /// Like [`Self::starts`], and no letter follows.
    #[inline(always)]
    fn is_word(&self, at: usize, word: &[u8]) -> bool {
        self.starts(at, word) && !is(self.byte(at + word.len()), LETTER)
    }

    fn starts_any(&self, at: usize, words: Words) -> bool {
        words.iter().any(|word| self.starts(at, word))
    }

    fn before(&self, at: usize) -> u8 {
        if at == 0 {
            0
        } else {
            self.text[at - 1]
        }
    }

    /// The end of the white space and comments that start there.
    fn gap(&mut self, mut at: usize) -> usize {
        loop {
            match self.byte(at) {
                b'/' if self.starts(at, b"/*!") => {
                    // MySQL runs what stands in such a comment.
                    at += 3;
                    while is(self.byte(at), DIGIT) {
                        at += 1;
                    }
                }
                b'/' if self.byte(at + 1) == b'*' => match self.end_of_comment(at + 2) {
                    Some(end) => at = end,
                    None => return at,
                },
                b'*' if self.byte(at + 1) == b'/' => at += 2,
                byte if is(byte, GAP) => at += 1,
                _ => return at,
            }
        }
    }

    fn end_of_comment(&mut self, from: usize) -> Option<usize> {
        if self.comment_end < from + 2 {
            let rest = self.text.get(from..)?;
            self.comment_end = match rest.windows(2).position(|pair| pair == b"*/") {
                Some(position) => from + position + 2,
                None => usize::MAX,
            };
        }
        if self.comment_end == usize::MAX {
            None
        } else {
            Some(self.comment_end)
        }
    }

    /// The end of a run of gaps and of the given bytes.
    fn gap_and(&mut self, mut at: usize, bytes: &[u8]) -> usize {
        loop {
            at = self.gap(at);
            if at >= self.text.len() || !bytes.contains(&self.text[at]) {
                return at;
            }
            at += 1;
        }
    }

    /// `at` plus a gap plus one of `words`.
    fn pair(&mut self, at: usize, words: Words) -> bool {
        let next = self.gap(at);
        next > at && self.starts_any(next, words)
    }

    #[inline]
    fn symbol(&mut self, at: usize) {
        match self.text[at] {
            b'.' if self.byte(at + 1) == b'.' => self.dots(at),
            b'&' => self.quotes = 0,
            b';' => self.stacked_query(at),
            b'\'' => self.quote(at, 1),
            b'"' => self.quote(at, 2),
            b'`' => self.quote(at, 4),
            b'<' => self.open_tag(at),
            b'>' => self.in_tag = false,
            b'@' => {
                let variables: Words = &[b"@version", b"@hostname", b"@datadir", b"@servername", b"@global."];
                if self.starts_any(at + 1, variables) {
                    self.findings |= SQL_INJECTION;
                }
            }
            // A NUL byte, and dot and slash in the overlong form that old decoders accept.
            0 if self.is_uri() => self.findings |= PATH_TRAVERSAL,
            0xc0 if self.is_uri() && matches!(self.byte(at + 1), 0xae | 0xaf) => self.findings |= PATH_TRAVERSAL,
            _ => {}
        }
    }

    fn is_uri(&self) -> bool {
        matches!(self.part, Part::Path | Part::Query)
    }

    #[inline]
    fn word(&mut self, at: usize) {
        let first = self.text[at];
        if self.part == Part::UserAgent && first != b'_' && SCANNER_LETTERS >> (first - b'a') & 1 != 0 {
            self.scanner(at);
        }
        match first {
            b'a' => self.boolean(at, b"and"),
            b'b' => {
                self.function(at, b"benchmark");
                self.file(at, b"boot.ini");
            }
            b'd' => self.data_uri(at),
            b'e' => {
                self.call(at, b"extractvalue(");
                self.file(at, b"etc/passwd");
                self.file(at, b"etc/shadow");
            }
            b'f' => self.from(at),
            b'h' => self.boolean(at, b"having"),
            b'i' => self.words(at, b"into", &[b"outfile", b"dumpfile"]),
            b'j' => self.script_uri(at, b"javascript:"),
            b'l' => self.call(at, b"load_file("),
            b'o' => {
                self.boolean(at, b"or");
                self.event_handler(at);
                self.order_by(at);
            }
            b'p' => {
                self.call(at, b"pg_sleep(");
                self.file(at, b"proc/self/");
                self.wrapper(at, b"php://");
            }
            b's' => {
                self.function(at, b"sleep");
                self.subquery(at);
            }
            b'u' => {
                self.union(at);
                self.call(at, b"updatexml(");
            }
            b'v' => self.script_uri(at, b"vbscript:"),
            b'w' => {
                self.boolean(at, b"where");
                self.words(at, b"waitfor", &[b"delay", b"time"]);
                self.file(at, b"windows/system32");
                self.file(at, b"windows\\system32");
                self.file(at, b"win.ini");
            }
            b'x' => {
                self.boolean(at, b"xor");
                self.call(at, b"xp_cmdshell");
            }
            _ => {}
        }
    }

    fn name_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or(&[]);
        at + rest.iter().take(48).take_while(|&&byte| is(byte, LETTER | DIGIT) || byte == b'.').count()
    }
}

#[cfg(test)]
mod tests;
