/* Nobody gets to what is private; the backend sees which requests were looked at. */
#include "sentinel.h"

enum { MAX_PATH_BYTES = 256 };

/* The configuration: {"private": "/private"}, a path that is blocked with what lies below. */
static char private_path[MAX_PATH_BYTES] = "/private";
static int private_length = 8;

static int is_private(sentinel_text path) {
  if (path.length < private_length) return 0;
  for (int at = 0; at < private_length; at++)
    if (path.at[at] != private_path[at]) return 0;
  return path.length == private_length || path.at[private_length] == '/';
}

SENTINEL_EXPORT("configure") long long configure(const char *json, int length) {
  sentinel_value given = sentinel_member(sentinel_event(json, length), "private");
  if (given.length < 0) return 0;
  sentinel_text path = sentinel_string(given);
  if (path.length < 1 || path.length > MAX_PATH_BYTES || path.at[0] != '/')
    return sentinel_refuse("\"private\" must be a path of at most 256 bytes that begins with a slash");
  for (int at = 0; at < path.length; at++) private_path[at] = path.at[at];
  private_length = path.length;
  return 0;
}

SENTINEL_EXPORT("on_request_headers") long long on_request_headers(const char *json, int length) {
  sentinel_value request = sentinel_event(json, length);
  if (is_private(sentinel_path(request))) {
    sentinel_log(SENTINEL_INFO, "turned away from what is private");
    sentinel_block(403, "Private\n");
    sentinel_tag("private");
  } else sentinel_set_request_header("x-policy", "passed");
  return sentinel_give();
}

SENTINEL_EXPORT("on_response_headers") long long on_response_headers(const char *json, int length) {
  sentinel_event(json, length);
  sentinel_remove_response_header("server");
  return sentinel_give();
}
