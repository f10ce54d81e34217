  (func $misbehave (result i64)
    unreachable)
