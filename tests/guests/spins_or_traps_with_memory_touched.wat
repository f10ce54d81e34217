  ;; Spins where an "s" comes after the "!"; else writes to 1 MiB that is new to it, then traps.
  (func $misbehave (result i64)
    (local $page i32)
    (if (i32.eq (i32.load8_u (i32.add (global.get $mark) (i32.const 1))) (i32.const 0x73))
      (then (loop $again (br $again))))
    (local.set $page (memory.grow (i32.const 16)))
    (memory.fill (i32.mul (local.get $page) (i32.const 65536)) (i32.const 0x5a) (i32.const 1048576))
    unreachable)
