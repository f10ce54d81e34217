  ;; One byte above 1 MiB, all of it inside of memory.
  (func $misbehave (result i64)
    (drop (memory.grow (i32.const 32)))
    (call $answer (i32.const 4096) (i32.const 1048577)))
