  ;; Works some tens of milliseconds, then allows.
  (func $misbehave (result i64)
    (local $left i32)
    (local.set $left (i32.const 30000000))
    (loop $again
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (call $clean))
