/* Turns away clients that say themselves that they are scrapers, and those that say nothing at all. */
#include "sentinel.h"

static const char *const BOTS[] = {"gptbot", "ccbot", "bytespider", "amazonbot", "petalbot", "semrushbot", "mj12bot"};

static const char *bot_in(sentinel_text agent) {
  for (unsigned index = 0; index < sizeof BOTS / sizeof *BOTS; index++)
    if (sentinel_contains(agent, BOTS[index])) return BOTS[index];
  return 0;
}

SENTINEL_EXPORT("on_request_headers") long long on_request_headers(const char *json, int length) {
  sentinel_value request = sentinel_event(json, length);
  // Every bot may read what it may read.
  if (sentinel_same(sentinel_path(request), "/robots.txt")) return sentinel_give();
  sentinel_text agent = sentinel_header(request, "user-agent");
  const char *bot = bot_in(agent);
  if (agent.length <= 0) {
    sentinel_block(400, "A user-agent is required\n");
    sentinel_tag("no-agent");
  } else if (bot) {
    sentinel_metric_add("bots_turned_away", 1);
    sentinel_block(403, "No bots\n");
    sentinel_tag("bot");
    sentinel_rule_id(bot);
  }
  return sentinel_give();
}
