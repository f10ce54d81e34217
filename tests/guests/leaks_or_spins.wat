;; Spins where it is told to by a "!"; else takes a page more with each request, and traps without one.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"clean\"]}")
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "dealloc") (param i32 i32))
  (func (export "on_request_headers") (param $at i32) (param $length i32) (result i64)
    (local $page i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (loop $next
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x21)) (then (loop $again (br $again))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.ne (local.get $at) (local.get $end))))
    (local.set $page (memory.grow (i32.const 1)))
    (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))
    (memory.fill (i32.mul (local.get $page) (i32.const 65536)) (i32.const 0x5a) (i32.const 65536))
    (i64.const 0x0000001000000025)))
