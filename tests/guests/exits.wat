  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))

  (func $misbehave (result i64)
    (call $exit (i32.const 3))
    (call $clean))
