/* Tells tenants apart by the first label of the host: tags each request with its tenant, tells the backend, and prints a
 * line for one of none. With the C library, over WASI. */
#include "sentinel.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* {"tenants": ["alpha", "beta"]}; letters, digits and hyphens, in lower case. */
static char **tenants;
static int tenant_count;

static void release(char **names, int count) {
  for (int index = 0; index < count; index++) free(names[index]);
  free(names);
}

static int is_label(const char *name) {
  size_t length = strlen(name);
  return length > 0 && length <= 63 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

SENTINEL_EXPORT("configure") long long configure(const char *json, int length) {
  sentinel_value list = sentinel_member(sentinel_event(json, length), "tenants"), item;
  char **names = 0;
  for (int count = 0;; count++) {
    item = sentinel_item(list, count);
    if (item.length < 0) {
      release(tenants, tenant_count);
      tenants = names;
      tenant_count = count;
      return 0;
    }
    sentinel_text name = sentinel_string(item);
    // One place more than there is, so that `release` can take the list as it stands.
    names = realloc(names, sizeof *names * (size_t)(count + 1));
    names[count] = strndup(name.length < 0 ? "" : name.at, name.length < 0 ? 0 : (size_t)name.length);
    if (is_label(names[count])) continue;
    release(names, count + 1);
    return sentinel_refuse("a tenant must be a text of letters, digits and hyphens, in lower case");
  }
}

SENTINEL_EXPORT("on_request_headers") long long on_request_headers(const char *json, int length) {
  sentinel_value request = sentinel_event(json, length);
  sentinel_text host = sentinel_header(request, "host");
  // HTTP/2 has no host header.
  if (host.length < 0) host = sentinel_field(request, "server_name");
  sentinel_text label = sentinel_before(host, '.');
  for (int index = 0; index < tenant_count; index++) {
    if ((int)strlen(tenants[index]) != label.length || strncasecmp(label.at, tenants[index], strlen(tenants[index]))) continue;
    char tag[80];
    snprintf(tag, sizeof tag, "tenant-%s", tenants[index]);
    sentinel_set_request_header("x-tenant", tenants[index]);
    sentinel_tag(tag);
    return sentinel_give();
  }
  printf("no tenant for the host %.*s\n", host.length < 0 ? 0 : host.length, host.length < 0 ? "" : host.at);
  sentinel_block(404, "No such tenant\n");
  sentinel_tag("no-tenant");
  return sentinel_give();
}
