//! Answers with everything that the helper has, so that a test sees whether all of it arrives.

mod sentinel;

use sentinel::{answer, config, log, metric_add, now_ms, random, Decision, Level, Request, Response};

fn decide(request: Request) -> Decision {
    match request.path() {
        "/block" => Decision::block(418, "tea \"\n").header("x", "1").header("x", "2"),
        "/redirect" => Decision::redirect(307, "/there").header("x", "1"),
        "/challenge" => Decision::challenge("captcha", &[("site", "k")]),
        "/host" => {
            log(Level::Warning, "a line");
            metric_add("seen", 2.5);
            Decision::allow()
                .audit("now", now_ms())
                .audit("random", random::<4>().to_vec())
                .audit("config", String::from_utf8(config()).unwrap())
        }
        "/panic" => panic!("on purpose"),
        _ => Decision::allow()
            .remove_request_header("a")
            .set_request_header("b", request.header("x").unwrap_or(""))
            .add_request_header("c", "1")
            .add_request_header("c", "2")
            .tag("t1")
            .tag("t2")
            .rule_id("r")
            .reason_code("why")
            .confidence(0.25)
            .routing_metadata("pool", "blue")
            .audit("method", request.method.as_str())
            .audit("client_ip", request.client_ip.as_str())
            .audit("client_port", request.client_port.unwrap_or(0).to_string())
            .audit("correlation_id", request.correlation_id.as_str())
            .audit("request_id", request.request_id.as_deref().unwrap_or(""))
            .audit("server_name", request.server_name.as_deref().unwrap_or(""))
            .audit("protocol", request.protocol.as_deref().unwrap_or(""))
            .audit("tls_version", request.tls_version.as_deref().unwrap_or(""))
            .audit("tls_cipher", request.tls_cipher.as_deref().unwrap_or(""))
            .audit("route_id", request.route_id.as_deref().unwrap_or(""))
            .audit("upstream_id", request.upstream_id.as_deref().unwrap_or(""))
            .audit("timestamp", request.timestamp.as_deref().unwrap_or(""))
            .audit("traceparent", request.traceparent.as_deref().unwrap_or("")),
    }
}

fn respond(response: Response) -> Decision {
    Decision::allow()
        .remove_response_header("a")
        .set_response_header("b", response.header("x").unwrap_or(""))
        .add_response_header("c", "1")
        .add_response_header("c", "2")
        .tag(&response.status.to_string())
}

#[no_mangle]
extern "C" fn on_request_headers(pointer: *const u8, length: usize) -> i64 {
    answer(pointer, length, decide)
}

#[no_mangle]
extern "C" fn on_response_headers(pointer: *const u8, length: usize) -> i64 {
    answer(pointer, length, respond)
}
