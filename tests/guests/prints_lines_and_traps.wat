  ;; Ten lines to stdout, then a trap.
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 256) "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n")
  (data (i32.const 400) "\00\01\00\00\14\00\00\00")

  (func $misbehave (result i64)
    (drop (call $write (i32.const 1) (i32.const 400) (i32.const 1) (i32.const 416)))
    (unreachable))
