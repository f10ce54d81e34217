  ;; Begins below 4 GiB and ends, modulo 4 GiB, inside of memory.
  (func $misbehave (result i64)
    (call $answer (i32.const 0xfffffff0) (i32.const 53)))
