  (data (i32.const 256) "{\"decision\":\"allow\",\"add_response_headers\":{\"x\":\"a\\r\\nset-cookie: b\"}}")

  (func $misbehave (result i64)
    (call $answer (i32.const 256) (i32.const 70)))
