  (func $misbehave (result i64)
    (loop $again (br $again))
    unreachable)
