/* The agent's side of a module, hidden behind a typed request and decision: ABI version 2, without any library.
 *
 * Copy this file as it is, and include it in one source file. An instance has one call at a time, so one input and one
 * answer in memory suffice. A call for which there is no room says so in the log and traps: the agent then takes its
 * fail mode.
 *
 *     SENTINEL_EXPORT("on_request_headers") long long on_request_headers(char *json, int length) {
 *       sentinel_value request = sentinel_event(json, length);
 *       if (sentinel_same(sentinel_path(request), "/private")) {
 *         sentinel_block(403, "Private\n");
 *         sentinel_tag("private");
 *       }
 *       return sentinel_give();
 *     }
 */
#ifndef SENTINEL_H
#define SENTINEL_H

#define SENTINEL_EXPORT(name) __attribute__((export_name(name)))

enum {
  SENTINEL_INPUT_BYTES = 128 * 1024,
  SENTINEL_DECODED_BYTES = SENTINEL_INPUT_BYTES, /* enough to read every text with escapes once */
  SENTINEL_ANSWER_BYTES = 16 * 1024,
  SENTINEL_MAX_ENTRIES = 64
};

/* Bytes in UTF-8, not ended by a zero. A length of -1: there is none. */
typedef struct {
  const char *at;
  int length;
} sentinel_text;

/* A value as it stands in the JSON. A length of -1: there is none. */
typedef struct {
  const char *at;
  int length;
} sentinel_value;

/* ---- what the agent offers ---- */

#define SENTINEL_IMPORT(name) __attribute__((import_module("sentinel"), import_name(name)))

SENTINEL_IMPORT("log") void sentinel_host_log(int level, const char *at, int length);
SENTINEL_IMPORT("metric_add") void sentinel_host_metric_add(const char *at, int length, double value);

/* Milliseconds since 1970. */
SENTINEL_IMPORT("now_ms") long long sentinel_now_ms(void);
/* Fills memory with random bytes, fit for secrets. */
SENTINEL_IMPORT("random") void sentinel_random(void *at, int length);
/* Copies what fits of the configuration, JSON, also for who has no configure; its whole length. */
SENTINEL_IMPORT("config") int sentinel_config(char *at, int capacity);

enum sentinel_level { SENTINEL_ERROR, SENTINEL_WARNING, SENTINEL_INFO, SENTINEL_DEBUG };

/* Writes a line of the agent's log. */
#define sentinel_log(level, text) sentinel_log_text(level, SENTINEL_TEXT(text))
/* Adds to a counter of the module's own, which the agent shows. */
#define sentinel_metric_add(name, value) sentinel_metric_add_text(SENTINEL_TEXT(name), value)

static char sentinel_input[SENTINEL_INPUT_BYTES];
static char sentinel_decoded[SENTINEL_DECODED_BYTES];
static char sentinel_answer[SENTINEL_ANSWER_BYTES];
static int sentinel_input_taken, sentinel_decoded_bytes, sentinel_answer_bytes;

SENTINEL_EXPORT("agent_abi_version") int sentinel_abi_version(void) { return 2; }

SENTINEL_EXPORT("alloc") char *sentinel_alloc(int size) {
  if (sentinel_input_taken || size <= 0 || size > SENTINEL_INPUT_BYTES) return 0;
  sentinel_input_taken = 1;
  return sentinel_input;
}

SENTINEL_EXPORT("dealloc") void sentinel_dealloc(char *pointer, int size) {
  (void)size;
  if (pointer == sentinel_input) sentinel_input_taken = 0;
}

/* ---- texts ---- */

static inline sentinel_text sentinel_text_of(const char *ended_by_zero) {
  sentinel_text text = {ended_by_zero, 0};
  while (ended_by_zero[text.length]) text.length++;
  return text;
}

static inline sentinel_text sentinel_text_itself(sentinel_text text) { return text; }

/* Takes a sentinel_text as well as a C string. */
#define SENTINEL_TEXT(text) \
  _Generic((text), sentinel_text: sentinel_text_itself, char *: sentinel_text_of, const char *: sentinel_text_of)(text)

static inline void sentinel_log_text(enum sentinel_level level, sentinel_text text) {
  sentinel_host_log(level, text.at, text.length);
}

static inline void sentinel_metric_add_text(sentinel_text name, double value) {
  sentinel_host_metric_add(name.at, name.length, value);
}

/* Ends the call; the log says why. */
static inline void sentinel_no_room(const char *what) {
  sentinel_log(SENTINEL_ERROR, what);
  __builtin_trap();
}

static inline char sentinel_lower(char letter) { return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter; }

static inline int sentinel_same_texts(sentinel_text a, sentinel_text b) {
  if (a.length != b.length) return 0;
  for (int at = 0; at < a.length; at++)
    if (a.at[at] != b.at[at]) return 0;
  return 1;
}

/* True if both are there and have the same bytes. */
#define sentinel_same(a, b) sentinel_same_texts(SENTINEL_TEXT(a), SENTINEL_TEXT(b))

/* True if `needle`, in lower case, stands anywhere in the text, in whatever case. */
static inline int sentinel_contains(sentinel_text hay, const char *needle) {
  for (int from = 0; from < hay.length; from++) {
    int at = 0;
    while (needle[at] && from + at < hay.length && sentinel_lower(hay.at[from + at]) == needle[at]) at++;
    if (!needle[at]) return 1;
  }
  return 0;
}

/* The text before the first `mark`, or all of it. */
static inline sentinel_text sentinel_before(sentinel_text text, char mark) {
  for (int at = 0; at < text.length; at++)
    if (text.at[at] == mark) return (sentinel_text){text.at, at};
  return text;
}

/* ---- reading ---- */

static inline const char *sentinel_space(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
  return at;
}

/* The place behind the value that stands at `at`. */
static inline const char *sentinel_skip(const char *at, const char *end) {
  int depth = 0;
  while (at < end) {
    char letter = *at++;
    if (letter == '"') {
      while (at < end && *at != '"') at += *at == '\\' ? 2 : 1;
      at = at < end ? at + 1 : end;
    } else if (letter == '{' || letter == '[') depth++;
    else if (letter == '}' || letter == ']') depth--;
    if (depth > 0 || at >= end) continue;
    if (letter == '"' || letter == '}' || letter == ']') return at;
    if (*at == ',' || *at == '}' || *at == ']' || sentinel_space(at, end) != at) return at;
  }
  return end;
}

/* The next member of a list or object from `at` on; `at` moves behind it. `key` is null for a list. */
static inline int sentinel_next(const char **at, const char *end, sentinel_value *key, sentinel_value *value) {
  sentinel_value *parts[2] = {key, value};
  *at = sentinel_space(*at, end);
  if (*at < end && *(*at) == ',') *at = sentinel_space(*at + 1, end);
  for (int part = key ? 0 : 1; part < 2; part++) {
    if (*at >= end || *(*at) == '}' || *(*at) == ']') return 0;
    parts[part]->at = *at;
    *at = sentinel_skip(*at, end);
    parts[part]->length = (int)(*at - parts[part]->at);
    *at = sentinel_space(*at, end);
    if (part == 0) *at = sentinel_space(*at + 1, end);
  }
  return 1;
}

static inline int sentinel_hex(const char *at) {
  int code = 0;
  for (int digit = 0; digit < 4; digit++) {
    char letter = sentinel_lower(at[digit]);
    code = code * 16 + (letter <= '9' ? letter - '0' : letter - 'a' + 10);
  }
  return code;
}

static inline void sentinel_put_decoded(int byte) {
  if (sentinel_decoded_bytes == SENTINEL_DECODED_BYTES) sentinel_no_room("no room to decode: SENTINEL_DECODED_BYTES");
  sentinel_decoded[sentinel_decoded_bytes++] = (char)byte;
}

static inline void sentinel_put_code(int code) {
  if (code < 0x80) {
    sentinel_put_decoded(code);
    return;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  sentinel_put_decoded((0xf0 << (3 - more) & 0xf0) | (code >> 6 * more));
  while (more-- > 0) sentinel_put_decoded(0x80 | (code >> 6 * more & 0x3f));
}

/* The text of a JSON string; there is none for another value. It holds until the answer is given. */
static inline sentinel_text sentinel_string(sentinel_value value) {
  if (value.length < 2 || *value.at != '"') return (sentinel_text){0, -1};
  const char *at = value.at + 1, *end = value.at + value.length - 1;
  sentinel_text whole = {at, (int)(end - at)};
  // Most have no escape, and stay where they are.
  if (sentinel_before(whole, '\\').length == whole.length) return whole;
  const char *start = sentinel_decoded + sentinel_decoded_bytes;
  while (at < end) {
    if (*at != '\\') {
      sentinel_put_decoded(*at++);
      continue;
    }
    char letter = at[1];
    at += 2;
    if (letter == 'u') {
      int code = sentinel_hex(at);
      at += 4;
      if (code >= 0xd800 && code < 0xdc00 && at + 6 <= end && at[0] == '\\' && at[1] == 'u') {
        code = 0x10000 + ((code - 0xd800) << 10) + (sentinel_hex(at + 2) - 0xdc00);
        at += 6;
      }
      sentinel_put_code(code);
    } else {
      static const char letters[] = "ntrbf", meant[] = "\n\t\r\b\f";
      for (int known = 0; letters[known]; known++)
        if (letter == letters[known]) letter = meant[known];
      // What else may be escaped means itself.
      sentinel_put_decoded(letter);
    }
  }
  return (sentinel_text){start, (int)(sentinel_decoded + sentinel_decoded_bytes - start)};
}

/* Member of an object by its name. */
static inline sentinel_value sentinel_member(sentinel_value object, const char *name) {
  sentinel_value key, value;
  if (object.length < 2 || *object.at != '{') return (sentinel_value){0, -1};
  const char *at = object.at + 1, *end = object.at + object.length;
  while (sentinel_next(&at, end, &key, &value))
    if (sentinel_same(sentinel_string(key), name)) return value;
  return (sentinel_value){0, -1};
}

/* Item of a list by its place, from 0 on. */
static inline sentinel_value sentinel_item(sentinel_value list, int place) {
  sentinel_value value;
  if (list.length < 2 || *list.at != '[') return (sentinel_value){0, -1};
  const char *at = list.at + 1, *end = list.at + list.length;
  while (sentinel_next(&at, end, 0, &value))
    if (place-- == 0) return value;
  return (sentinel_value){0, -1};
}

/* A whole number that is not negative, or -1. */
static inline int sentinel_integer(sentinel_value value) {
  int number = value.length > 0 ? 0 : -1;
  for (int at = 0; at < value.length; at++) {
    if (value.at[at] < '0' || value.at[at] > '9' || number > 99999999) return -1;
    number = number * 10 + value.at[at] - '0';
  }
  return number;
}

/* A text of the request or response: "method", "uri", "client_ip", "correlation_id", "request_id", "server_name",
 * "protocol", "tls_version", "tls_cipher", "route_id", "upstream_id", "timestamp", "traceparent". */
static inline sentinel_text sentinel_field(sentinel_value event, const char *name) {
  return sentinel_string(sentinel_member(event, name));
}

/* The uri without its query. */
static inline sentinel_text sentinel_path(sentinel_value request) {
  return sentinel_before(sentinel_field(request, "uri"), '?');
}

/* One of a header's values, by its name in lower case, from 0 on. */
static inline sentinel_text sentinel_header_at(sentinel_value event, const char *name, int place) {
  return sentinel_string(sentinel_item(sentinel_member(sentinel_member(event, "headers"), name), place));
}

/* The first value of a header, by its name in lower case. */
static inline sentinel_text sentinel_header(sentinel_value event, const char *name) {
  return sentinel_header_at(event, name, 0);
}

/* Of a response. */
static inline int sentinel_status(sentinel_value response) { return sentinel_integer(sentinel_member(response, "status")); }

/* ---- deciding ---- */

enum sentinel_list {
  SENTINEL_HEADERS,
  SENTINEL_REMOVE_REQUEST,
  SENTINEL_SET_REQUEST,
  SENTINEL_ADD_REQUEST,
  SENTINEL_REMOVE_RESPONSE,
  SENTINEL_SET_RESPONSE,
  SENTINEL_ADD_RESPONSE,
  SENTINEL_TAGS,
  SENTINEL_RULE_IDS,
  SENTINEL_REASON_CODES,
  SENTINEL_ROUTING,
  SENTINEL_AUDIT,
  SENTINEL_LISTS
};

/* Key in the answer; and how its entries stand there: a list of names, an object of values, or one of lists of values. */
static const struct {
  const char *key;
  enum { SENTINEL_NAMES, SENTINEL_VALUES, SENTINEL_VALUE_LISTS } shape;
} SENTINEL_SHAPES[SENTINEL_LISTS] = {
    {"headers", SENTINEL_VALUE_LISTS},
    {"remove_request_headers", SENTINEL_NAMES},
    {"set_request_headers", SENTINEL_VALUE_LISTS},
    {"add_request_headers", SENTINEL_VALUE_LISTS},
    {"remove_response_headers", SENTINEL_NAMES},
    {"set_response_headers", SENTINEL_VALUE_LISTS},
    {"add_response_headers", SENTINEL_VALUE_LISTS},
    {"tags", SENTINEL_NAMES},
    {"rule_ids", SENTINEL_NAMES},
    {"reason_codes", SENTINEL_NAMES},
    {"routing_metadata", SENTINEL_VALUES},
    {"audit", SENTINEL_VALUES},
};

static struct {
  const char *kind;
  int status;      /* 0: none */
  int percent;     /* how sure, 0 to 100; -1: none */
  sentinel_text text, param, param_value;
} sentinel_decision;

static struct {
  enum sentinel_list list;
  sentinel_text name, value;
} sentinel_entries[SENTINEL_MAX_ENTRIES];
static int sentinel_entry_count;

static inline void sentinel_decide(const char *kind, int status, sentinel_text text) {
  sentinel_decision.kind = kind;
  sentinel_decision.status = status;
  sentinel_decision.text = text;
}

/* Begins an event: what is given to a handler as a value. Until something else is decided it is allowed. */
static inline sentinel_value sentinel_event(const char *json, int length) {
  sentinel_decoded_bytes = sentinel_answer_bytes = sentinel_entry_count = 0;
  sentinel_decide("allow", 0, (sentinel_text){0, -1});
  sentinel_decision.percent = -1;
  const char *end = json + length;
  json = sentinel_space(json, end);
  return (sentinel_value){json, (int)(sentinel_skip(json, end) - json)};
}

static inline void sentinel_entry(enum sentinel_list list, sentinel_text name, sentinel_text value) {
  if (sentinel_entry_count == SENTINEL_MAX_ENTRIES) sentinel_no_room("too much to decide: SENTINEL_MAX_ENTRIES");
  sentinel_entries[sentinel_entry_count].list = list;
  sentinel_entries[sentinel_entry_count].name = name;
  sentinel_entries[sentinel_entry_count++].value = value;
}

/* The request or response goes on. */
#define sentinel_allow() sentinel_decide("allow", 0, (sentinel_text){0, -1})
/* The client gets this status, 200 to 599, and body. */
#define sentinel_block(status, body) sentinel_decide("block", status, SENTINEL_TEXT(body))
/* The client is sent elsewhere, with a status of 300 to 399. */
#define sentinel_redirect(status, url) sentinel_decide("redirect", status, SENTINEL_TEXT(url))
/* The client has to prove something first; with one parameter. Proxies up to 0.6.50 let such a request through. */
#define sentinel_challenge(type, name, value) \
  (sentinel_decide("challenge", 0, SENTINEL_TEXT(type)), sentinel_decision.param = SENTINEL_TEXT(name), \
   sentinel_decision.param_value = SENTINEL_TEXT(value))

#define SENTINEL_NAME(list, name) sentinel_entry(list, SENTINEL_TEXT(name), (sentinel_text){0, -1})
#define SENTINEL_PAIR(list, name, value) sentinel_entry(list, SENTINEL_TEXT(name), SENTINEL_TEXT(value))

/* A header of the block or redirect itself. */
#define sentinel_own_header(name, value) SENTINEL_PAIR(SENTINEL_HEADERS, name, value)
/* What the backend gets: removed first, then set in the place of what the client sent, then added beside it. */
#define sentinel_remove_request_header(name) SENTINEL_NAME(SENTINEL_REMOVE_REQUEST, name)
#define sentinel_set_request_header(name, value) SENTINEL_PAIR(SENTINEL_SET_REQUEST, name, value)
#define sentinel_add_request_header(name, value) SENTINEL_PAIR(SENTINEL_ADD_REQUEST, name, value)
/* What the client gets: removed first, then set in the place of what the backend sent, then added beside it. */
#define sentinel_remove_response_header(name) SENTINEL_NAME(SENTINEL_REMOVE_RESPONSE, name)
#define sentinel_set_response_header(name, value) SENTINEL_PAIR(SENTINEL_SET_RESPONSE, name, value)
#define sentinel_add_response_header(name, value) SENTINEL_PAIR(SENTINEL_ADD_RESPONSE, name, value)
/* For the audit log: a word, the rule that decided, a code that says why, a field; and how sure, 0 to 100. */
#define sentinel_tag(word) SENTINEL_NAME(SENTINEL_TAGS, word)
#define sentinel_rule_id(id) SENTINEL_NAME(SENTINEL_RULE_IDS, id)
#define sentinel_reason_code(code) SENTINEL_NAME(SENTINEL_REASON_CODES, code)
#define sentinel_audit(name, value) SENTINEL_PAIR(SENTINEL_AUDIT, name, value)
#define sentinel_confidence(percents) ((void)(sentinel_decision.percent = (percents)))
/* What the proxy may route by. */
#define sentinel_routing_metadata(name, value) SENTINEL_PAIR(SENTINEL_ROUTING, name, value)

/* ---- answering ---- */

static inline void sentinel_put_byte(char byte) {
  if (sentinel_answer_bytes == SENTINEL_ANSWER_BYTES) sentinel_no_room("no room for the answer: SENTINEL_ANSWER_BYTES");
  sentinel_answer[sentinel_answer_bytes++] = byte;
}

static inline void sentinel_put(const char *piece) {
  while (*piece) sentinel_put_byte(*piece++);
}

static inline void sentinel_put_number(int number) {
  if (number >= 10) sentinel_put_number(number / 10);
  sentinel_put_byte((char)('0' + number % 10));
}

static inline void sentinel_put_string(sentinel_text text) {
  static const char digits[] = "0123456789abcdef";
  sentinel_put_byte('"');
  for (int at = 0; at < text.length; at++) {
    unsigned char letter = (unsigned char)text.at[at];
    if (letter == '"' || letter == '\\') sentinel_put_byte('\\');
    if (letter >= ' ') sentinel_put_byte((char)letter);
    else sentinel_put("\\u00"), sentinel_put_byte(digits[letter >> 4]), sentinel_put_byte(digits[letter & 15]);
  }
  sentinel_put_byte('"');
}

/* ,"key":"text" */
static inline void sentinel_put_text(const char *key, sentinel_text text) {
  sentinel_put(",\"");
  sentinel_put(key);
  sentinel_put("\":");
  sentinel_put_string(text);
}

/* The first entry of the same list and name. */
static inline int sentinel_first(int of) {
  int index = 0;
  while (sentinel_entries[index].list != sentinel_entries[of].list ||
         !sentinel_same(sentinel_entries[index].name, sentinel_entries[of].name))
    index++;
  return index;
}

static inline void sentinel_put_values(int first) {
  for (int index = first; index < sentinel_entry_count; index++) {
    if (sentinel_first(index) != first) continue;
    sentinel_put_byte(index == first ? '[' : ',');
    sentinel_put_string(sentinel_entries[index].value);
  }
  sentinel_put_byte(']');
}

static inline void sentinel_put_list(enum sentinel_list list) {
  int written = 0, shape = SENTINEL_SHAPES[list].shape;
  for (int index = 0; index < sentinel_entry_count; index++) {
    if (sentinel_entries[index].list != list || sentinel_first(index) != index) continue;
    if (!written++) {
      sentinel_put(",\"");
      sentinel_put(SENTINEL_SHAPES[list].key);
      sentinel_put(shape == SENTINEL_NAMES ? "\":[" : "\":{");
    } else sentinel_put_byte(',');
    sentinel_put_string(sentinel_entries[index].name);
    if (shape != SENTINEL_NAMES) sentinel_put_byte(':');
    if (shape == SENTINEL_VALUES) sentinel_put_string(sentinel_entries[index].value);
    if (shape == SENTINEL_VALUE_LISTS) sentinel_put_values(index);
  }
  if (written) sentinel_put_byte(shape == SENTINEL_NAMES ? ']' : '}');
}

/* Pointer and length in one number. */
static inline long long sentinel_packed(void) { return (long long)(int)sentinel_answer << 32 | sentinel_answer_bytes; }

/* Hands over what was decided. */
static inline long long sentinel_give(void) {
  char kind = *sentinel_decision.kind;
  sentinel_put("{\"decision\":\"");
  sentinel_put(sentinel_decision.kind);
  sentinel_put_byte('"');
  if (sentinel_decision.status) sentinel_put(",\"status\":"), sentinel_put_number(sentinel_decision.status);
  if (kind == 'b') sentinel_put_text("body", sentinel_decision.text);
  if (kind == 'r') sentinel_put_text("url", sentinel_decision.text);
  if (kind == 'c') {
    sentinel_put(",\"challenge\":{\"type\":");
    sentinel_put_string(sentinel_decision.text);
    sentinel_put(",\"params\":{");
    sentinel_put_string(sentinel_decision.param);
    sentinel_put_byte(':');
    sentinel_put_string(sentinel_decision.param_value);
    sentinel_put("}}");
  }
  for (int list = 0; list < SENTINEL_LISTS; list++) sentinel_put_list((enum sentinel_list)list);
  if (sentinel_decision.percent >= 100) sentinel_put(",\"confidence\":1");
  else if (sentinel_decision.percent >= 0) {
    sentinel_put(",\"confidence\":0.");
    if (sentinel_decision.percent < 10) sentinel_put_byte('0');
    sentinel_put_number(sentinel_decision.percent);
  }
  sentinel_put_byte('}');
  return sentinel_packed();
}

/* Refuses a configuration; the operator sees why. To take it, `configure` returns 0. */
static inline long long sentinel_refuse(const char *why) {
  sentinel_put("{\"error\":");
  sentinel_put_string(sentinel_text_of(why));
  sentinel_put_byte('}');
  return sentinel_packed();
}

#endif
