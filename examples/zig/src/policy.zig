//! Keeps to itself what a backend tells too much: removes headers that give away its software, and replaces names and
//! addresses of the inner network in the others, such as in `location`.

const std = @import("std");
const sentinel = @import("sentinel.zig");

pub const panic = sentinel.panic;

/// `{"remove": ["server", "x-powered-by"], "replace": {"http://10.0.0.5:8080": "https://www.example.com"}}`
const Config = struct {
    /// Names in lower case.
    remove: []const []const u8 = &.{ "server", "x-powered-by", "x-aspnet-version", "via" },
    replace: std.json.ArrayHashMap([]const u8) = .{},
};

var config = Config{};
/// Holds the texts of the configuration until another one is taken.
var config_arena = std.heap.ArenaAllocator.init(sentinel.gpa);

export fn configure(pointer: [*]const u8, length: usize) i64 {
    var arena = std.heap.ArenaAllocator.init(sentinel.gpa);
    const given = std.json.parseFromSliceLeaky(Config, arena.allocator(), pointer[0..length], .{ .allocate = .alloc_always }) catch |fault| {
        arena.deinit();
        return sentinel.refuse(@errorName(fault));
    };
    for (given.replace.map.keys()) |name| if (name.len == 0) {
        arena.deinit();
        return sentinel.refuse("what is to be replaced must not be empty");
    };
    config_arena.deinit();
    config_arena = arena;
    config = given;
    return 0;
}

export fn on_response_headers(pointer: [*]const u8, length: usize) i64 {
    return sentinel.answer(sentinel.Response, pointer, length, redact);
}

fn redact(arena: std.mem.Allocator, response: sentinel.Response) !sentinel.Decision {
    var decision = sentinel.Decision{};
    var headers = response.headers.map.iterator();
    while (headers.next()) |header| {
        const name = header.key_ptr.*;
        if (contains(config.remove, name)) {
            try decision.remove_response_headers.append(arena, name);
        } else for (header.value_ptr.*) |value| {
            if (try replaced(arena, value) == null) continue;
            // All values of the header are set anew, in their order.
            for (header.value_ptr.*) |each| {
                try decision.set_response_headers.add(arena, name, try replaced(arena, each) orelse each);
            }
            break;
        }
    }
    const changes = decision.remove_response_headers.items.len + decision.set_response_headers.map.count();
    if (changes > 0) try decision.tags.append(arena, "redacted");
    return decision;
}

/// Null for a text in which nothing is to be replaced.
fn replaced(arena: std.mem.Allocator, text: []const u8) !?[]const u8 {
    var result: ?[]const u8 = null;
    var pairs = config.replace.map.iterator();
    while (pairs.next()) |pair| {
        const from = result orelse text;
        if (std.mem.indexOf(u8, from, pair.key_ptr.*) == null) continue;
        result = try std.mem.replaceOwned(u8, arena, from, pair.key_ptr.*, pair.value_ptr.*);
    }
    return result;
}

fn contains(names: []const []const u8, wanted: []const u8) bool {
    for (names) |name| if (std.mem.eql(u8, name, wanted)) return true;
    return false;
}
