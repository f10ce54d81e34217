  (data (i32.const 256) "{\"decision\":\"redirect\",\"status\":307,\"body\":\"https://example.org/elsewhere\"}")

  (func $misbehave (result i64)
    (call $answer (i32.const 256) (i32.const 75)))
