;; A maintenance page: every request gets 503 with a page, but for those to /health.
;; All of the contract in sixty lines, version 1: memory, alloc, dealloc, a handler.
(module
  (memory (export "memory") 2)

  ;; The answers, ready made, and what leads to them; each lies at the offset that stands before it.
  (data (i32.const 0x100) "{\"decision\":\"allow\",\"tags\":[\"health\"]}")
  (global $allow_length i32 (i32.const 38))
  (data (i32.const 0x200)
    "{\"decision\":\"block\",\"status\":503,\"body\":\"Back in a few minutes.\\n\",\"tags\":[\"maintenance\"]}")
  (global $block_length i32 (i32.const 90))
  (data (i32.const 0x300) "\"uri\":\"")
  (global $key_length i32 (i32.const 7))
  (data (i32.const 0x310) "/health\"")
  (global $path_length i32 (i32.const 8))

  ;; Memory for one input at a time, from 4 KiB on. A pointer of 0 says: no room.
  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 0x1000) (i32.const 0) (i32.le_u (local.get $size) (i32.const 0x1F000))))

  ;; Nothing to give back: the answers are no blocks, and the input's place is used again.
  (func (export "dealloc") (param $pointer i32) (param $size i32))

  ;; Gets JSON at $pointer: {"method":"GET","uri":"/health","client_ip":"192.0.2.1",...,"headers":{...}}
  (func (export "on_request_headers") (param $pointer i32) (param $length i32) (result i64)
    (local $last i32)
    ;; Beyond the input lies what an earlier one has left; this is where both texts still fit in.
    (local.set $last (i32.sub (i32.add (local.get $pointer) (local.get $length))
                              (i32.add (global.get $key_length) (global.get $path_length))))
    (loop $next
      (if (i32.gt_s (local.get $pointer) (local.get $last))
        (then (return (call $answer (i32.const 0x200) (global.get $block_length)))))
      ;; The first "uri" is the request's own, because the headers, which a client names as it likes, come last.
      (if (call $same (local.get $pointer) (i32.const 0x300) (global.get $key_length))
        (then (return (select
          (call $answer (i32.const 0x100) (global.get $allow_length))
          (call $answer (i32.const 0x200) (global.get $block_length))
          (call $same (i32.add (local.get $pointer) (global.get $key_length))
                      (i32.const 0x310) (global.get $path_length))))))
      (local.set $pointer (i32.add (local.get $pointer) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; 1 if the same bytes stand at $a and at $b.
  (func $same (param $a i32) (param $b i32) (param $length i32) (result i32)
    (local $index i32)
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (local.get $a) (local.get $index)))
                  (i32.load8_u (i32.add (local.get $b) (local.get $index))))
        (then (return (i32.const 0))))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $index) (local.get $length))))
    (i32.const 1))

  ;; Pointer and length in one number: (pointer << 32) | length.
  (func $answer (param $pointer i32) (param $length i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32))
            (i64.extend_i32_u (local.get $length)))))
