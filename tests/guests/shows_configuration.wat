;; Version 2. Its answers have the configuration that it was given in their audit fields; one with a "!" in it is refused.
;; A request with a "@" in it takes some tens of milliseconds.
(module
  (memory (export "memory") 4)
  (data (i32.const 1024) "{\"decision\":\"allow\",\"audit\":{\"config\":")
  (global $start_length i32 (i32.const 38))
  (data (i32.const 768) "{\"error\":\"no exclamation marks\"}")
  (global $end (mut i32) (i32.const 1062))
  (func (export "agent_abi_version") (result i32) (i32.const 2))
  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 131072) (i32.const 0) (i32.le_u (local.get $size) (i32.const 60000))))
  (func (export "dealloc") (param i32 i32))

  (func $has (param $byte i32) (param $at i32) (param $length i32) (result i32)
    (loop $next
      (if (i32.eqz (local.get $length)) (then (return (i32.const 0))))
      (if (i32.eq (i32.load8_u (local.get $at)) (local.get $byte)) (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $next))
    (unreachable))

  (func (export "configure") (param $at i32) (param $length i32) (result i64)
    (if (call $has (i32.const 0x21) (local.get $at) (local.get $length))
      (then (return (i64.const 0x00000300_00000020))))
    (memory.copy (i32.const 1062) (local.get $at) (local.get $length))
    (global.set $end (i32.add (i32.const 1062) (local.get $length)))
    (i32.store16 (global.get $end) (i32.const 0x7d7d))
    (i64.const 0))

  (func (export "on_request_headers") (param $at i32) (param $length i32) (result i64)
    (local $left i32)
    (if (call $has (i32.const 0x40) (local.get $at) (local.get $length))
      (then
        (local.set $left (i32.const 30000000))
        (loop $again
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $again (local.get $left)))))
    (i64.or
      (i64.const 0x00000400_00000000)
      (i64.extend_i32_u (i32.sub (i32.add (global.get $end) (i32.const 2)) (i32.const 1024))))))
