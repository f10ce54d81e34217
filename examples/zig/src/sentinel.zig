//! The agent's side of a module, hidden behind a typed request and decision: ABI version 2.
//! Copy this file as it is. An instance has one call at a time, so what it keeps between calls needs no lock.

const std = @import("std");
const json = std.json;
const Allocator = std.mem.Allocator;

/// For what lives longer than a call.
pub const gpa = std.heap.wasm_allocator;

/// What the agent offers.
const host = struct {
    extern "sentinel" fn log(level: u32, pointer: [*]const u8, length: usize) void;
    extern "sentinel" fn now_ms() i64;
    extern "sentinel" fn random(pointer: [*]u8, length: usize) void;
    extern "sentinel" fn config(pointer: ?[*]u8, capacity: usize) usize;
    extern "sentinel" fn metric_add(pointer: [*]const u8, length: usize, value: f64) void;
};

/// How much a line of the log matters.
pub const Level = enum(u32) { err, warning, info, debug };

/// Writes a line of the agent's log.
pub fn log(level: Level, text: []const u8) void {
    host.log(@intFromEnum(level), text.ptr, text.len);
}

/// Milliseconds since 1970.
pub fn nowMs() i64 {
    return host.now_ms();
}

/// Fills with random bytes, fit for secrets.
pub fn random(bytes: []u8) void {
    host.random(bytes.ptr, bytes.len);
}

/// The configuration as JSON, also for who has no `configure`.
pub fn configuration(arena: Allocator) ![]const u8 {
    const text = try arena.alloc(u8, host.config(null, 0));
    _ = host.config(text.ptr, text.len);
    return text;
}

/// Adds to a counter of the module's own, which the agent shows.
pub fn metricAdd(name: []const u8, value: f64) void {
    host.metric_add(name.ptr, name.len, value);
}

/// Says in the log what a panic says, of which the agent sees nothing but a trap. The root file takes it up:
/// `pub const panic = sentinel.panic;`
pub const panic = std.debug.FullPanic(fail);

fn fail(text: []const u8, _: ?usize) noreturn {
    log(.err, text);
    @trap();
}

/// Header names in lower case, each with all of its values in order.
pub const Headers = json.ArrayHashMap([]const []const u8);

/// A request's head. What the proxy does not tell is empty.
pub const Request = struct {
    method: []const u8 = "",
    /// Path and query.
    uri: []const u8 = "",
    client_ip: []const u8 = "",
    client_port: u16 = 0,
    /// The same for all events of a request.
    correlation_id: []const u8 = "",
    request_id: []const u8 = "",
    server_name: []const u8 = "",
    protocol: []const u8 = "",
    tls_version: []const u8 = "",
    tls_cipher: []const u8 = "",
    route_id: []const u8 = "",
    upstream_id: []const u8 = "",
    timestamp: []const u8 = "",
    traceparent: []const u8 = "",
    headers: Headers = .{},

    /// The uri without its query.
    pub fn path(self: Request) []const u8 {
        return std.mem.sliceTo(self.uri, '?');
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(self: Request, name: []const u8) ?[]const u8 {
        return first(self.headers, name);
    }
};

/// A response's head.
pub const Response = struct {
    status: u16 = 0,
    correlation_id: []const u8 = "",
    headers: Headers = .{},

    /// The first value of a header, by its name in lower case.
    pub fn header(self: Response, name: []const u8) ?[]const u8 {
        return first(self.headers, name);
    }
};

fn first(headers: Headers, name: []const u8) ?[]const u8 {
    const values = headers.map.get(name) orelse return null;
    return if (values.len > 0) values[0] else null;
}

pub const Names = std.ArrayList([]const u8);
pub const Texts = json.ArrayHashMap([]const u8);

/// Headers to set or to add, each with one value or several.
pub const Values = struct {
    map: std.StringArrayHashMapUnmanaged(Names) = .empty,

    /// A further value of a header.
    pub fn add(self: *Values, arena: Allocator, name: []const u8, value: []const u8) !void {
        const entry = try self.map.getOrPutValue(arena, name, .empty);
        try entry.value_ptr.append(arena, value);
    }

    pub fn jsonStringify(self: Values, out: anytype) !void {
        try out.beginObject();
        for (self.map.keys(), self.map.values()) |name, values| {
            try out.objectField(name);
            try out.write(values.items);
        }
        try out.endObject();
    }
};

/// What the client has to prove first.
pub const Challenge = struct { type: []const u8, params: Texts = .{} };

/// What is to happen. What is null or empty does not go to the agent, which removes headers first, then sets, then adds.
pub const Decision = struct {
    /// `challenge`: proxies up to 0.6.50 let such a request through.
    decision: enum { allow, block, redirect, challenge } = .allow,
    /// 200 to 599 for a block, 300 to 399 for a redirect
    status: ?u16 = null,
    /// of a block
    body: ?[]const u8 = null,
    /// of a redirect
    url: ?[]const u8 = null,
    challenge: ?Challenge = null,
    /// of a block or redirect
    headers: Values = .{},
    remove_request_headers: Names = .empty,
    set_request_headers: Values = .{},
    add_request_headers: Values = .{},
    remove_response_headers: Names = .empty,
    set_response_headers: Values = .{},
    add_response_headers: Values = .{},
    /// words for the audit log
    tags: Names = .empty,
    rule_ids: Names = .empty,
    reason_codes: Names = .empty,
    /// 0 to 1
    confidence: ?f64 = null,
    routing_metadata: Texts = .{},
    /// fields of the audit log
    audit: json.ArrayHashMap(json.Value) = .{},

    pub fn jsonStringify(self: Decision, out: anytype) !void {
        try out.beginObject();
        inline for (comptime std.meta.fieldNames(Decision)) |name| {
            const value = @field(self, name);
            const given = switch (@TypeOf(value)) {
                Names => value.items.len > 0,
                Values, Texts, json.ArrayHashMap(json.Value) => value.map.count() > 0,
                else => |T| @typeInfo(T) != .optional or value != null,
            };
            if (given) {
                try out.objectField(name);
                try out.write(if (@TypeOf(value) == Names) value.items else value);
            }
        }
        try out.endObject();
    }
};

/// Reads a handler's input, decides, and hands the answer over. What `decide` allocates lives until it has been written.
/// Input that does not fit, memory that runs out, an error of `decide`: its name is logged, the call traps,
/// and the agent takes its fail mode.
pub fn answer(
    comptime Input: type,
    pointer: [*]const u8,
    length: usize,
    decide: fn (Allocator, Input) anyerror!Decision,
) i64 {
    var arena = std.heap.ArenaAllocator.init(gpa);
    defer arena.deinit();
    const options = json.ParseOptions{ .ignore_unknown_fields = true };
    const input = json.parseFromSliceLeaky(Input, arena.allocator(), pointer[0..length], options) catch |fault| fail(@errorName(fault), null);
    return give(decide(arena.allocator(), input) catch |fault| fail(@errorName(fault), null));
}

/// Refuses a configuration; the operator sees why. To take it, `configure` returns 0.
pub fn refuse(why: []const u8) i64 {
    return give(.{ .@"error" = why });
}

/// Hands a value over as JSON: pointer and length in one number. The agent calls `dealloc` with both.
fn give(value: anytype) i64 {
    const text = json.Stringify.valueAlloc(gpa, value, .{}) catch |fault| fail(@errorName(fault), null);
    return @bitCast(@as(u64, @intFromPtr(text.ptr)) << 32 | text.len);
}

export fn agent_abi_version() i32 {
    return 2;
}

export fn alloc(size: usize) ?[*]u8 {
    const block = gpa.alloc(u8, size) catch return null;
    return block.ptr;
}

export fn dealloc(pointer: [*]u8, size: usize) void {
    gpa.free(pointer[0..size]);
}
