//! Answers with everything that the helper has, so that a test sees whether all of it arrives.

const std = @import("std");
const sentinel = @import("sentinel.zig");

pub const panic = sentinel.panic;

export fn on_request_headers(pointer: [*]const u8, length: usize) i64 {
    return sentinel.answer(sentinel.Request, pointer, length, decide);
}

export fn on_response_headers(pointer: [*]const u8, length: usize) i64 {
    return sentinel.answer(sentinel.Response, pointer, length, respond);
}

fn decide(arena: std.mem.Allocator, request: sentinel.Request) !sentinel.Decision {
    var decision = sentinel.Decision{};
    if (std.mem.eql(u8, request.path(), "/block")) {
        decision = .{ .decision = .block, .status = 418, .body = "tea \"\n" };
        try decision.headers.add(arena, "x", "1");
        try decision.headers.add(arena, "x", "2");
    } else if (std.mem.eql(u8, request.path(), "/redirect")) {
        decision = .{ .decision = .redirect, .status = 307, .url = "/there" };
        try decision.headers.add(arena, "x", "1");
    } else if (std.mem.eql(u8, request.path(), "/challenge")) {
        decision = .{ .decision = .challenge, .challenge = .{ .type = "captcha" } };
        try decision.challenge.?.params.map.put(arena, "site", "k");
    } else if (std.mem.eql(u8, request.path(), "/host")) {
        sentinel.log(.warning, "a line");
        sentinel.metricAdd("seen", 2.5);
        var bytes: [4]u8 = undefined;
        sentinel.random(&bytes);
        const same = bytes[0] == 7 and bytes[3] == 7;
        try decision.audit.map.put(arena, "now", .{ .integer = sentinel.nowMs() });
        try decision.audit.map.put(arena, "random", .{ .string = if (same) "7" else "other" });
        try decision.audit.map.put(arena, "config", .{ .string = try sentinel.configuration(arena) });
    } else if (std.mem.eql(u8, request.path(), "/panic")) {
        @panic("on purpose");
    } else {
        try decision.remove_request_headers.append(arena, "a");
        try decision.set_request_headers.add(arena, "b", request.header("x") orelse "");
        try decision.add_request_headers.add(arena, "c", "1");
        try decision.add_request_headers.add(arena, "c", "2");
        try decision.tags.appendSlice(arena, &.{ "t1", "t2" });
        try decision.rule_ids.append(arena, "r");
        try decision.reason_codes.append(arena, "why");
        decision.confidence = 0.25;
        try decision.routing_metadata.map.put(arena, "pool", "blue");
        inline for (.{ "method", "client_ip", "correlation_id", "request_id", "server_name", "protocol", "tls_version", "tls_cipher", "route_id", "upstream_id", "timestamp", "traceparent" }) |name| {
            try decision.audit.map.put(arena, name, .{ .string = @field(request, name) });
        }
        const port = try std.fmt.allocPrint(arena, "{d}", .{request.client_port});
        try decision.audit.map.put(arena, "client_port", .{ .string = port });
    }
    return decision;
}

fn respond(arena: std.mem.Allocator, response: sentinel.Response) !sentinel.Decision {
    var decision = sentinel.Decision{};
    try decision.remove_response_headers.append(arena, "a");
    try decision.set_response_headers.add(arena, "b", response.header("x") orelse "");
    try decision.add_response_headers.add(arena, "c", "1");
    try decision.add_response_headers.add(arena, "c", "2");
    try decision.tags.append(arena, try std.fmt.allocPrint(arena, "{d}", .{response.status}));
    return decision;
}
