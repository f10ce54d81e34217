  ;; Allows only if it ended at 64 pages, the limit of --max-memory 4.
  (data (i32.const 256) "{\"decision\":\"allow\",\"tags\":[\"64 pages\"]}")

  (func $misbehave (result i64)
    (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (if (i32.ne (memory.size) (i32.const 64)) (then (unreachable)))
    (call $answer (i32.const 256) (i32.const 40)))
