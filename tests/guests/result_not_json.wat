  (data (i32.const 256) "{decision: allow}")

  (func $misbehave (result i64)
    (call $answer (i32.const 256) (i32.const 17)))
