(module
    ;; What is asked while an agent starts: it gives five answers, each with other keys and twice in a row. A tag of the first and of the
  ;; last is often a new one, and one call is long.
  (memory (export "memory") 1)
  (data (i32.const 64) "{\"decision\":\"allow\",\"tags\":[\"aa\"]}")
  (data (i32.const 128) "{\"decision\":\"allow\"}")
  (data (i32.const 192) "{\"decision\":\"block\",\"status\":403,\"body\":\"no\",\"tags\":[\"a\",\"b\"]}")
  (data (i32.const 320) "{\"decision\":\"allow\",\"add_request_headers\":{\"x-a\":\"b\"}}")
  (data (i32.const 448) "{\"decision\":\"allow\",\"add_response_headers\":{\"x-a\":\"b\"},\"remove_response_headers\":[\"x-b\"],\"tags\":[\"aa\"]}")
  ;; Pointer and length of each.
  (data (i32.const 0) "\22\00\00\00\40\00\00\00\14\00\00\00\80\00\00\00\3e\00\00\00\c0\00\00\00\36\00\00\00\40\01\00\00\67\00\00\00\c0\01\00\00")
  (global $calls (mut i32) (i32.const 0))

  (func (export "alloc") (param $size i32) (result i32)
    (i32.const 4096))

  (func (export "dealloc") (param i32 i32))

  (func (export "on_request_headers") (export "on_response_headers") (param i32 i32) (result i64)
        (local $left i32) (local $letter i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.eq (global.get $calls) (i32.const 150))
      (then
        (local.set $left (i32.const 1500000))
        (loop $again (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
    (local.set $letter (i32.add (i32.const 97) (i32.rem_u (i32.shr_u (global.get $calls) (i32.const 4)) (i32.const 26))))
    (i32.store8 (i32.const 93) (local.get $letter))
    (i32.store8 (i32.const 546) (local.get $letter))
    (local.set $letter (i32.add (i32.const 97) (i32.rem_u (i32.shr_u (global.get $calls) (i32.const 8)) (i32.const 26))))
    (i32.store8 (i32.const 94) (local.get $letter))
    (i32.store8 (i32.const 547) (local.get $letter))
    (i64.load (i32.shl (i32.rem_u (i32.shr_u (global.get $calls) (i32.const 1)) (i32.const 5)) (i32.const 3)))))
