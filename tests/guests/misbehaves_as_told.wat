;; What comes after the "!" of the input is one letter, that says what to do, and a token of eight bytes, which the answer has as its tag.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 3)
  (table $partners funcref (elem $ping $pong))
  (type $partner (func (param i32) (result i32)))
  (tag $thrown (param i32))

  (data (i32.const 256) "{\"decision\":\"allow\",\"tags\":[\"--------\"]}")
  (data (i32.const 512) "{\"decision\":\"block\",\"status\":451,\"tags\":[\"--------\"]}")
  (data (i32.const 768) "{\"decision\":\"allow\"")
  (data (i32.const 800) "{\"decision\":\"alow\"}")
  (data (i32.const 832) "{\"decision\":\"allow\",\"tags\":[\"\\ud800\"]}")
  (data (i32.const 896) "a line\n")
  (data (i32.const 912) "\80\03\00\00\07\00\00\00")

  (global $mark (mut i32) (i32.const 0))

  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 65536) (i32.const 0) (i32.le_u (local.get $size) (i32.const 131072))))
  (func (export "dealloc") (param i32 i32))

  (func $answer (param $pointer i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32))
      (i64.extend_i32_u (local.get $length))))

  (func $token (result i64) (i64.load (i32.add (global.get $mark) (i32.const 2))))

  (func $allow (result i64)
    (i64.store (i32.const 285) (call $token))
    (call $answer (i32.const 256) (i32.const 40)))

  (func $block (result i64)
    (i64.store (i32.const 554) (call $token))
    (call $answer (i32.const 512) (i32.const 53)))

  (func $spin (loop $again (br $again)))

  (func $recurse (result i64) (i64.add (call $recurse) (i64.const 1)))

  (func $ping (param $count i32) (result i32)
    (i32.add (call_indirect (type $partner) (i32.add (local.get $count) (i32.const 1)) (i32.const 1)) (i32.const 1)))
  (func $pong (param $count i32) (result i32)
    (i32.add (call_indirect (type $partner) (i32.add (local.get $count) (i32.const 1)) (i32.const 0)) (i32.const 1)))

  (func $leak
    (local $page i32)
    (local.set $page (memory.grow (i32.const 1)))
    (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))
    (memory.fill (i32.mul (local.get $page) (i32.const 65536)) (i32.const 0x5a) (i32.const 65536)))

  (func $grow_all (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))))

  (func $fill_all
    (call $grow_all)
    (memory.fill
      (i32.const 196608)
      (i32.const 0x5a)
      (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 196608))))

  (func $print
    (local $left i32)
    (local.set $left (i32.const 300))
    (loop $again
      (drop (call $write (i32.const 1) (i32.const 912) (i32.const 1) (i32.const 928)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left))))

  (func $catch_exit (try (do (call $exit (i32.const 7))) (catch_all)))
  (func $catch_trap (try (do (unreachable)) (catch_all)))
  (func $catch_overflow (try (do (drop (call $recurse))) (catch_all)))

  (func $catch_on
    (loop $again
      (try (do (throw $thrown (i32.const 1))) (catch_all))
      (try (do (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 928)))) (catch_all))
      (br $again)))

  (func $branch_on
    (local $state i32)
    (loop $a
      (loop $b
        (loop $c
          (local.set $state (i32.rem_u (i32.add (local.get $state) (i32.const 1)) (i32.const 3)))
          (br_table $a $b $c (local.get $state))))))

  (func $add_on
    (local $lanes v128)
    (loop $again
      (local.set $lanes (i32x4.add (local.get $lanes) (v128.const i32x4 1 2 3 4)))
      (br_if $again (i32.eqz (v128.any_true (v128.and (local.get $lanes) (v128.const i32x4 0 0 0 0)))))))

  (func $call_on
    (loop $again
      (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 928)))
      (br $again)))

  (func $find (param $at i32)
    (loop $next
      (global.set $mark (local.get $at))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.ne (i32.load8_u (global.get $mark)) (i32.const 0x21)))))

  (func $is (param $letter i32) (result i32)
    (i32.eq (i32.load8_u (i32.add (global.get $mark) (i32.const 1))) (local.get $letter)))

  (func (export "on_request_headers") (param $input i32) (param $length i32) (result i64)
    (call $find (local.get $input))
    (if (call $is (i32.const 0x61 (; a ;))) (then (return (call $allow))))
    (if (call $is (i32.const 0x62 (; b ;))) (then (return (call $block))))
    (if (call $is (i32.const 0x63 (; c ;))) (then (call $catch_on)))
    (if (call $is (i32.const 0x64 (; d ;))) (then (call $branch_on)))
    (if (call $is (i32.const 0x65 (; e ;))) (then (call $exit (i32.const 3))))
    (if (call $is (i32.const 0x66 (; f ;))) (then (call $fill_all)))
    (if (call $is (i32.const 0x67 (; g ;))) (then (call $grow_all)))
    (if (call $is (i32.const 0x68 (; h ;))) (then (call $call_on)))
    (if (call $is (i32.const 0x69 (; i ;))) (then (drop (call $ping (i32.const 0)))))
    (if (call $is (i32.const 0x6a (; j ;))) (then (return (call $answer (i32.const 768) (i32.const 19)))))
    (if (call $is (i32.const 0x6b (; k ;))) (then (call $catch_exit)))
    (if (call $is (i32.const 0x6c (; l ;))) (then (call $leak)))
    (if (call $is (i32.const 0x6d (; m ;))) (then (call $catch_trap)))
    (if (call $is (i32.const 0x6e (; n ;))) (then (call $catch_overflow)))
    (if (call $is (i32.const 0x6f (; o ;))) (then (return (call $answer (i32.const 0xfffffff0) (i32.const 40)))))
    (if (call $is (i32.const 0x70 (; p ;))) (then (call $print)))
    (if (call $is (i32.const 0x71 (; q ;))) (then (return (call $answer (i32.const 256) (i32.const 0x7fffffff)))))
    (if (call $is (i32.const 0x72 (; r ;))) (then (drop (call $recurse))))
    (if (call $is (i32.const 0x73 (; s ;))) (then (call $spin)))
    (if (call $is (i32.const 0x74 (; t ;))) (then (unreachable)))
    (if (call $is (i32.const 0x75 (; u ;))) (then (return (call $answer (i32.const 800) (i32.const 19)))))
    (if (call $is (i32.const 0x76 (; v ;))) (then (call $add_on)))
    (if (call $is (i32.const 0x77 (; w ;))) (then (return (call $answer (i32.const 832) (i32.const 38)))))
    (if (call $is (i32.const 0x78 (; x ;))) (then (throw $thrown (i32.const 1))))
    (call $allow)))
