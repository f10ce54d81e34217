  ;; What the guests have in common. One input at a time at 4096; the memory below is the guests' own from 256 on.
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"clean\"]}")

  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 4096) (i32.const 0) (i32.le_u (local.get $size) (i32.const 120000))))

  (func (export "dealloc") (param i32 i32))

  (func $answer (param $pointer i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32))
      (i64.extend_i32_u (local.get $length))))

  (func $clean (result i64)
    (call $answer (i32.const 16) (i32.const 37)))

  ;; Where $told found the "!".
  (global $mark (mut i32) (i32.const 0))

  ;; Is there a "!" in the input?
  (func $told (param $at i32) (param $length i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (global.set $mark (local.get $at))
        (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x21)) (then (return (i32.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func (export "on_request_headers") (param $input i32) (param $length i32) (result i64)
    (if (result i64) (call $told (local.get $input) (local.get $length))
      (then (call $misbehave))
      (else (call $clean))))
