//! Nobody gets to what is private; the backend sees which requests were looked at.

const std = @import("std");
const sentinel = @import("sentinel.zig");

pub const panic = sentinel.panic;

/// The configuration: {"private": "/private"}
const Config = struct {
    /// A path: it and what lies below are blocked.
    private: []const u8 = "/private",
};

var config = Config{};
/// Holds the texts of the configuration until another one is taken.
var config_arena = std.heap.ArenaAllocator.init(sentinel.gpa);

fn decide(arena: std.mem.Allocator, request: sentinel.Request) !sentinel.Decision {
    var decision = sentinel.Decision{};
    if (liesBelow(request.path(), config.private)) {
        sentinel.log(.info, try std.mem.concat(arena, u8, &.{ request.client_ip, " was turned away from ", request.path() }));
        decision = .{ .decision = .block, .status = 403, .body = "Private\n" };
        try decision.tags.append(arena, "private");
    } else try decision.set_request_headers.add(arena, "x-policy", "passed");
    return decision;
}

fn liesBelow(path: []const u8, folder: []const u8) bool {
    if (!std.mem.startsWith(u8, path, folder)) return false;
    return path.len == folder.len or path[folder.len] == '/';
}

fn decideResponse(arena: std.mem.Allocator, _: sentinel.Response) !sentinel.Decision {
    var decision = sentinel.Decision{};
    try decision.remove_response_headers.append(arena, "server");
    return decision;
}

export fn configure(pointer: [*]const u8, length: usize) i64 {
    var arena = std.heap.ArenaAllocator.init(sentinel.gpa);
    const given = std.json.parseFromSliceLeaky(Config, arena.allocator(), pointer[0..length], .{ .allocate = .alloc_always }) catch |fault| {
        arena.deinit();
        return sentinel.refuse(@errorName(fault));
    };
    if (!std.mem.startsWith(u8, given.private, "/")) {
        arena.deinit();
        return sentinel.refuse("\"private\" must begin with a slash");
    }
    config_arena.deinit();
    config_arena = arena;
    config = given;
    return 0;
}

export fn on_request_headers(pointer: [*]const u8, length: usize) i64 {
    return sentinel.answer(sentinel.Request, pointer, length, decide);
}

export fn on_response_headers(pointer: [*]const u8, length: usize) i64 {
    return sentinel.answer(sentinel.Response, pointer, length, decideResponse);
}
