  ;; What comes after the "!" says what: "l" works for long, "t" traps, "s" spins forever.
  (func $misbehave (result i64)
    (local $left i32)
    (local $word i32)
    (local.set $word (i32.load8_u (i32.add (global.get $mark) (i32.const 1))))
    (if (i32.eq (local.get $word) (i32.const 0x74)) (then (unreachable)))
    (if (i32.eq (local.get $word) (i32.const 0x73)) (then (loop $again (br $again))))
    (local.set $left (i32.const 30000000))
    (loop $more
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $more (local.get $left)))
    (call $clean))
