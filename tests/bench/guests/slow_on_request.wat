;; Allows everything; takes long over a request with "slow" in it. ROUNDS is replaced by a number fit for the machine.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\"}")

  ;; One input at a time at 4096.
  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 4096) (i32.const 0) (i32.le_u (local.get $size) (i32.const 120000))))

  (func (export "dealloc") (param i32 i32))

  (func $wanted (param $at i32) (param $length i32) (result i32)
    (local $end i32)
    (local.set $end (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 3)))
    (block $none
      (loop $next
        (br_if $none (i32.ge_s (local.get $at) (local.get $end)))
        ;; "slow" as a little-endian number
        (if (i32.eq (i32.load align=1 (local.get $at)) (i32.const 0x776f6c73)) (then (return (i32.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func $mix (param $x i64) (result i64)
    (i64.mul (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 29))) (i64.const 0x5851f42d4c957f2d)))

  ;; A chain in which each step needs the one before: so long that what a host adds to a loop does not count.
  (func $work (result i64)
    (local $left i32)
    (local $x i64)
    (local.set $left (i32.const ROUNDS))
    (local.set $x (i64.const 1))
    (loop $again
      (local.set $x
        (call $mix (call $mix (call $mix (call $mix (call $mix (call $mix (call $mix (call $mix (local.get $x))))))))))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $x))

  (func (export "on_request_headers") (param $input i32) (param $length i32) (result i64)
    (if (call $wanted (local.get $input) (local.get $length)) (then (i64.store (i32.const 256) (call $work))))
    ;; 20 bytes at 16
    (i64.const 0x0000001000000014)))
