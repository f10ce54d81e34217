//! Every answer this module gives, as JSON text fixed at compile time: a host may remember what a text means.

use crate::policy::{Findings, RequestVerdict};

struct Rule {
    bit: Findings,
    tag: &'static str,
    /// The start of the answer, up to its tags.
    answer: &'static str,
}

pub const SQL_INJECTION: Findings = 1;
pub const XSS: Findings = 2;
pub const PATH_TRAVERSAL: Findings = 4;
pub const SCANNER: Findings = 8;
pub const UNAUTHENTICATED: Findings = 16;

/// The first rule that found something gives status and body; each of them gives its tag.
const RULES: [Rule; 5] = [
    Rule {
        bit: SQL_INJECTION,
        tag: "\"sql-injection\"",
        answer: r#"{"decision":"block","status":403,"body":"Blocked: SQL injection","tags":["#,
    },
    Rule {
        bit: XSS,
        tag: "\"xss\"",
        answer: r#"{"decision":"block","status":403,"body":"Blocked: cross-site scripting","tags":["#,
    },
    Rule {
        bit: PATH_TRAVERSAL,
        tag: "\"path-traversal\"",
        answer: r#"{"decision":"block","status":403,"body":"Blocked: path traversal","tags":["#,
    },
    Rule {
        bit: SCANNER,
        tag: "\"scanner\"",
        answer: r#"{"decision":"block","status":403,"body":"Blocked: scanner","tags":["#,
    },
    Rule {
        bit: UNAUTHENTICATED,
        tag: "\"unauthenticated\"",
        answer: concat!(
            r#"{"decision":"block","status":401,"body":"Authentication required","#,
            r#""add_response_headers":{"www-authenticate":"Bearer"},"tags":["#
        ),
    },
];

const ALLOW: &str = concat!(
    r#"{"decision":"allow","add_request_headers":{"x-wasm-agent":"rust-security"},"#,
    r#""remove_request_headers":["x-debug"],"tags":["inspected"]}"#
);

const ALLOW_ADMIN: &str = concat!(
    r#"{"decision":"allow","add_request_headers":{"x-wasm-agent":"rust-security"},"#,
    r#""remove_request_headers":["x-debug"],"tags":["inspected","admin"]}"#
);

const BAD_REQUEST: &str = r#"{"decision":"block","status":400,"body":"Malformed request","tags":["malformed"]}"#;

const RESPONSE: &str = concat!(
    r#"{"decision":"allow","add_response_headers":{"#,
    r#""x-frame-options":"DENY","#,
    r#""x-content-type-options":"nosniff","#,
    r#""referrer-policy":"strict-origin-when-cross-origin","#,
    r#""strict-transport-security":"max-age=31536000; includeSubDomains","#,
    r#""cross-origin-opener-policy":"same-origin"},"#,
    r#""remove_response_headers":["server","x-powered-by","x-aspnet-version"],"tags":["hardened"]}"#
);

const BAD_RESPONSE: &str = r#"{"decision":"block","status":502,"body":"Malformed response","tags":["malformed"]}"#;

pub const OUT_OF_MEMORY: &str =
    r#"{"decision":"block","status":503,"body":"Request too large to inspect","tags":["too-large"]}"#;

pub fn on_request(verdict: RequestVerdict) -> &'static str {
    match verdict {
        RequestVerdict::Clean { admin: false } => ALLOW,
        RequestVerdict::Clean { admin: true } => ALLOW_ADMIN,
        RequestVerdict::Found(findings) => BLOCKS[findings as usize % BLOCKS.len()].as_str(),
        RequestVerdict::Malformed => BAD_REQUEST,
    }
}

pub fn on_response(well_formed: bool) -> &'static str {
    if well_formed {
        RESPONSE
    } else {
        BAD_RESPONSE
    }
}

const MAX_ANSWER_BYTES: usize = 224;

#[derive(Clone, Copy)]
struct Answer {
    bytes: [u8; MAX_ANSWER_BYTES],
    length: usize,
}

impl Answer {
    const EMPTY: Answer = Answer { bytes: [0; MAX_ANSWER_BYTES], length: 0 };

    const fn with(mut self, text: &str) -> Answer {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() {
            self.bytes[self.length] = text[index];
            self.length += 1;
            index += 1;
        }
        self
    }

    fn as_str(&'static self) -> &'static str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or(BAD_REQUEST)
    }
}

/// One answer for each set of findings.
static BLOCKS: [Answer; 1 << RULES.len()] = {
    let mut blocks = [Answer::EMPTY; 1 << RULES.len()];
    let mut findings = 0;
    while findings < blocks.len() {
        blocks[findings] = block(findings as Findings);
        findings += 1;
    }
    blocks
};

const fn block(findings: Findings) -> Answer {
    let mut answer = Answer::EMPTY;
    let mut rule = 0;
    while rule < RULES.len() {
        if findings & RULES[rule].bit != 0 {
            answer = answer.with(if answer.length == 0 { RULES[rule].answer } else { "," }).with(RULES[rule].tag);
        }
        rule += 1;
    }
    if answer.length == 0 {
        return answer.with(BAD_REQUEST);
    }
    answer.with("]}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_rule_answers_and_each_tags() {
        assert_eq!(
            on_request(RequestVerdict::Found(XSS | SCANNER | UNAUTHENTICATED)),
            r#"{"decision":"block","status":403,"body":"Blocked: cross-site scripting","tags":["xss","scanner","unauthenticated"]}"#
        );
    }

    #[test]
    fn every_answer_is_json() {
        let mut texts = vec![ALLOW, ALLOW_ADMIN, BAD_REQUEST, RESPONSE, BAD_RESPONSE, OUT_OF_MEMORY];
        texts.extend((0..32).map(|findings| on_request(RequestVerdict::Found(findings))));
        for text in texts {
            let mut spare = vec![0; text.len()];
            let mut reader = crate::json::Reader::new(text.as_bytes(), &mut spare);
            assert_eq!(reader.skip().and_then(|_| reader.finish()), Ok(()), "{}", text);
        }
    }
}
