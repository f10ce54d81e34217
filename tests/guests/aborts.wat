  ;; As AssemblyScript does: UTF-16, its size in bytes before it.
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (data (i32.const 256) "\08\00\00\00o\00h\00 \00n\00")

  (func $misbehave (result i64)
    (call $abort (i32.const 260) (i32.const 0) (i32.const 7) (i32.const 9))
    (call $clean))
