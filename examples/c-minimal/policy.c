// The smallest useful module: no library and no JSON parser.
// Blocks /private, allows the rest and marks what it has seen.

typedef __SIZE_TYPE__ size_t;

#define EXPORT(name) __attribute__((export_name(name)))
#define SCRATCH_BYTES (64 * 1024)

static const char allow[] = "{\"decision\":\"allow\",\"add_request_headers\":{\"x-wasm-agent\":\"c-minimal\"}}";
static const char block[] = "{\"decision\":\"block\",\"status\":403,\"body\":\"Private\",\"tags\":[\"private\"]}";
static const char malformed[] = "{\"decision\":\"block\",\"status\":400,\"body\":\"Malformed request\"}";
static const char response[] = "{\"decision\":\"allow\",\"add_response_headers\":{\"x-content-type-options\":\"nosniff\"}}";

// One input at a time: a second alloc before the dealloc is refused.
static char scratch[SCRATCH_BYTES];
static int in_use;

EXPORT("alloc") char *alloc(int size) {
  if (size <= 0 || size > SCRATCH_BYTES || in_use) return 0;
  in_use = 1;
  return scratch;
}

// Results are constants: giving those back changes nothing.
EXPORT("dealloc") void dealloc(char *pointer, int size) {
  (void)size;
  if (pointer == scratch) in_use = 0;
}

static long long pack(const char *text, size_t length) {
  return (long long)(((unsigned long long)(size_t)text << 32) | length);
}
#define RESULT(text) pack(text, sizeof(text) - 1)

static int starts(const char *at, const char *end, const char *word) {
  while (*word) {
    if (at == end || *at++ != *word++) return 0;
  }
  return 1;
}

// The quote that ends the string that starts at `at`, or `end`.
static const char *string_end(const char *at, const char *end) {
  for (at++; at < end && *at != '"'; at++) {
    if (*at == '\\' && at + 1 < end) at++;
  }
  return at;
}

// The first character of the value of the outermost object's member "uri", or 0. Only the outermost: a client may
// send a header of that name.
static const char *uri_of(const char *at, const char *end) {
  int depth = 0;
  for (; at < end; at++) {
    if (*at == '{' || *at == '[') depth++;
    if (*at == '}' || *at == ']') depth--;
    if (*at != '"') continue;
    if (depth == 1 && starts(at, end, "\"uri\"")) {
      const char *value = at + 5;
      while (value < end && (*value == ' ' || *value == ':')) value++;
      if (value > at + 5 && value < end && *value == '"') return value + 1;
    }
    at = string_end(at, end);
  }
  return 0;
}

EXPORT("on_request_headers") long long on_request_headers(const char *input, int length) {
  const char *end = input + (length > 0 ? length : 0);
  const char *uri = uri_of(input, end);
  if (!uri) return RESULT(malformed);
  if (starts(uri, end, "/private")) {
    const char *next = uri + 8;
    if (next == end || *next == '"' || *next == '/' || *next == '?') return RESULT(block);
  }
  return RESULT(allow);
}

EXPORT("on_response_headers") long long on_response_headers(const char *input, int length) {
  (void)input;
  (void)length;
  return RESULT(response);
}
