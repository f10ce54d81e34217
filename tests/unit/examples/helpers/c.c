/* Answers with everything that the helper has, so that a test sees whether all of it arrives. */
#include "sentinel.h"

static const char *const FIELDS[] = {"method", "client_ip", "correlation_id", "request_id", "server_name", "protocol",
    "tls_version", "tls_cipher", "route_id", "upstream_id", "timestamp", "traceparent"};

static char port[] = "0000", now[] = "0000000000000", config[64];
static unsigned char bytes[4];

SENTINEL_EXPORT("on_request_headers") long long on_request_headers(const char *json, int length) {
  sentinel_value request = sentinel_event(json, length);
  sentinel_text path = sentinel_path(request);
  if (sentinel_same(path, "/block")) {
    sentinel_block(418, "tea \"\n");
    sentinel_own_header("x", "1");
    sentinel_own_header("x", "2");
  } else if (sentinel_same(path, "/redirect")) {
    sentinel_redirect(307, "/there");
    sentinel_own_header("x", "1");
  } else if (sentinel_same(path, "/challenge")) {
    sentinel_challenge("captcha", "site", "k");
  } else if (sentinel_same(path, "/host")) {
    sentinel_log(SENTINEL_WARNING, "a line");
    sentinel_metric_add("seen", 2.5);
    long long number = sentinel_now_ms();
    for (int at = 12; at >= 0; at--, number /= 10) now[at] = (char)('0' + number % 10);
    sentinel_random(bytes, sizeof bytes);
    sentinel_config(config, sentinel_config(0, 0));
    sentinel_audit("now", now);
    sentinel_audit("random", bytes[0] == 7 && bytes[3] == 7 ? "7" : "other");
    sentinel_audit("config", config);
  } else if (sentinel_same(path, "/panic")) {
    for (;;) sentinel_tag("x");
  } else {
    sentinel_remove_request_header("a");
    sentinel_set_request_header("b", sentinel_header(request, "x"));
    sentinel_add_request_header("c", "1");
    sentinel_tag("t1");
    sentinel_add_request_header("c", "2");
    sentinel_tag("t2");
    sentinel_rule_id("r");
    sentinel_reason_code("why");
    sentinel_confidence(25);
    sentinel_routing_metadata("pool", "blue");
    int number = sentinel_integer(sentinel_member(request, "client_port"));
    for (int at = 3; at >= 0; at--, number /= 10) port[at] = (char)('0' + number % 10);
    sentinel_audit("client_port", port);
    for (unsigned index = 0; index < sizeof FIELDS / sizeof *FIELDS; index++)
      sentinel_audit(FIELDS[index], sentinel_field(request, FIELDS[index]));
  }
  return sentinel_give();
}

SENTINEL_EXPORT("on_response_headers") long long on_response_headers(const char *json, int length) {
  sentinel_value response = sentinel_event(json, length);
  sentinel_remove_response_header("a");
  sentinel_set_response_header("b", sentinel_header(response, "x"));
  sentinel_add_response_header("c", "1");
  sentinel_add_response_header("c", "2");
  sentinel_tag(sentinel_status(response) == 204 ? "204" : "other");
  return sentinel_give();
}
