  ;; Two lines to stdout, the second with a forged line break, and one to stderr; then allows.
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 256) "first line\nsecond\r{\"level\":\"ERROR\"}\n")
  (data (i32.const 320) "to stderr\n")
  (data (i32.const 400) "\00\01\00\00\24\00\00\00")
  (data (i32.const 408) "\40\01\00\00\0a\00\00\00")

  (func $misbehave (result i64)
    (drop (call $write (i32.const 1) (i32.const 400) (i32.const 1) (i32.const 416)))
    (drop (call $write (i32.const 2) (i32.const 408) (i32.const 1) (i32.const 416)))
    (call $clean))
