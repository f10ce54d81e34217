// loadgen: plays the proxy towards an agent on a unix socket and prints one JSON line of figures.
//
//   loadgen SOCKET [options]
//     -p 1|2     protocol version (2 is JSON)          -c N   connections
//     -d N       requests in flight a connection (v2)  -n N   requests that count
//     -w N       requests before those                 -t S   seconds after which to stop early
//     -u URI     -s URI -m M   every Mth request has the slow URI; its latency is kept apart
//     -x N       further headers of about 50 bytes     -H N   one more header with a value of N bytes
//     -T MS      an answer later than this is lost (at most 4000)
//     -r RATE    so many requests a second, each on the next connection, instead of one after the other
//     -k N       with -r: a new connection for every Nth request
//
// One write a request, as a proxy does; all frames are made beforehand but for the digits of their correlation id, so that the
// agent is measured and not this program. Exit code 0 means that figures were printed, whatever they say.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
  ID_DIGITS = 12,     // of a correlation id: 4 for the slot, 8 for the number of the request
  MAX_SLOTS = 10000,
  MAX_IDS = 3,        // places of a frame that carry the id
  MAX_EVENTS = 256,
  MAX_CLOSED = 1000,  // connections that the agent may close before this gives up
  CHECK_MS = 100,     // between two looks for lost requests
};
#define NUMBERS 100000000L
#define NS_PER_MS 1000000ull
#define NS_PER_S 1e9

enum { HANDSHAKE_REQUEST = 0x01, HANDSHAKE_RESPONSE = 0x02, REQUEST_HEADERS = 0x10, AGENT_RESPONSE = 0x20 };

typedef struct { const char *socket, *uri, *slow_uri; int version, conns, depth, slow_every, extra, big, churn; long count, warm_up; double limit_s, rate; uint64_t lost_ns; } Options;
typedef struct { char *bytes; size_t length, capacity; } Buffer;
typedef struct { Buffer frame; size_t id_at[MAX_IDS]; int ids; } Template;
typedef struct { long number; uint64_t at; bool live, slow; } Slot;  // number: of the request in flight
typedef struct { int fd; bool waits_to_write; Buffer in, out; Slot *slots; } Conn;
typedef struct { uint32_t *ns; long length; } Latencies;

static Options options = {.uri = "/api/users?page=1", .version = 1, .conns = 1, .depth = 1, .slow_every = 50, .count = 50000, .limit_s = 60, .lost_ns = 2000 * NS_PER_MS};
static Template fast_frame, slow_frame;
static Conn *conns;
static int epoll_fd;
static Latencies fast, slow;
static long issued, finished, lost, closed, late, allowed, blocked, failed, reply_bytes, goal;
static uint64_t counted_from;
static bool unusable;

static void fail(const char *what) { perror(what); exit(1); }

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void append(Buffer *buffer, const char *bytes, size_t length) {
  if (buffer->length + length > buffer->capacity) {
    buffer->capacity = 2 * (buffer->length + length);
    if (!(buffer->bytes = realloc(buffer->bytes, buffer->capacity))) fail("realloc");
  }
  memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

static void append_text(Buffer *buffer, const char *text) { append(buffer, text, strlen(text)); }

static void drop_front(Buffer *buffer, size_t count) {
  buffer->length -= count;
  memmove(buffer->bytes, buffer->bytes + count, buffer->length);
}

// ---- frames

static void append_id(Template *t) {
  t->id_at[t->ids++] = t->frame.length;
  append_text(&t->frame, "000000000000");
}

static void make_frame(Template *t, const char *uri) {
  Buffer *f = &t->frame;
  append(f, "\0\0\0\0", 4);
  if (options.version == 2) {
    append(f, (char[]){REQUEST_HEADERS}, 1);
    append_text(f, "{\"correlation_id\":\"");
    append_id(t);
    append_text(f, "\",");
  } else {
    append_text(f, "{\"version\":1,\"event_type\":\"request_headers\",\"payload\":{");
  }
  append_text(f, "\"metadata\":{\"correlation_id\":\"");
  append_id(t);
  append_text(f, "\",\"request_id\":\"");
  append_id(t);
  append_text(f, "\",\"client_ip\":\"192.0.2.44\",\"client_port\":40312,\"server_name\":null,\"protocol\":\"HTTP/1.1\","
    "\"tls_version\":null,\"tls_cipher\":null,\"route_id\":\"all\",\"upstream_id\":\"backend\",\"timestamp\":\"2026-01-01T12:00:00Z\","
    "\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"},\"method\":\"GET\",\"uri\":\"");
  append_text(f, uri);
  append_text(f, "\",\"headers\":{\"host\":[\"shop.example.com\"],"
    "\"user-agent\":[\"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"],"
    "\"accept\":[\"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\"],\"accept-encoding\":[\"gzip, deflate, br\"],"
    "\"accept-language\":[\"en-GB,en;q=0.5\"],\"cookie\":[\"session=0123456789abcdef; theme=light\"],"
    "\"x-forwarded-for\":[\"203.0.113.7\",\"198.51.100.9\"]");
  char header[128];
  for (int i = 0; i < options.extra; i++) {
    snprintf(header, sizeof header, ",\"x-extra-%d\":[\"%d-abcdefghijklmnopqrstuvwxyz\"]", i, i);
    append_text(f, header);
  }
  if (options.big > 0) {
    append_text(f, ",\"x-big\":[\"");
    for (int i = 0; i < options.big; i++) append(f, &"abcdefghijklmnopqrstuvwxyz"[i % 26], 1);
    append_text(f, "\"]");
  }
  append_text(f, options.version == 2 ? "}}" : "}}}");
  uint32_t length = htonl((uint32_t)(f->length - 4));
  memcpy(f->bytes, &length, 4);
}

// ---- connections

static void send_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n < 0) fail("send");
    bytes += n, length -= (size_t)n;
  }
}

static void receive_all(int fd, char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = recv(fd, bytes, length, 0);
    if (n <= 0) fail("handshake");
    bytes += n, length -= (size_t)n;
  }
}

static void shake_hands(int fd) {
  static const char hello[] = "{\"supported_versions\":[2],\"proxy_id\":\"loadgen\",\"proxy_version\":\"0.6.45\",\"config\":null,\"supported_encodings\":[\"json\"]}";
  char head[5];
  uint32_t length = htonl(sizeof hello);  // the type byte takes the place of the final 0
  memcpy(head, &length, 4);
  head[4] = HANDSHAKE_REQUEST;
  send_all(fd, head, sizeof head);
  send_all(fd, hello, sizeof hello - 1);
  receive_all(fd, head, sizeof head);
  memcpy(&length, head, 4);
  length = ntohl(length) - 1;
  char answer[65536] = "";
  if (length >= sizeof answer) length = sizeof answer - 1;
  receive_all(fd, answer, length);
  if (head[4] != HANDSHAKE_RESPONSE || !strstr(answer, "\"success\":true")) {
    fprintf(stderr, "handshake refused: %s\n", answer);
    exit(1);
  }
}

static void open_conn(Conn *c) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, options.socket, sizeof address.sun_path - 1);
  c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval patience = {.tv_sec = 5};
  setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  if (options.version == 2) shake_hands(c->fd);
  fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
  c->in.length = c->out.length = 0;
  c->waits_to_write = false;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) fail("epoll_ctl");
}

static void begin_counting(void) {
  counted_from = now();
  fast.length = slow.length = 0;
  lost = closed = late = allowed = blocked = failed = reply_bytes = 0;
}

static void finish(Slot *slot) {
  slot->live = false;
  if (++finished == options.warm_up) begin_counting();
}

// False if the connection has failed: the caller reopens it.
static bool flush(Conn *c) {
  while (c->out.length > 0) {
    ssize_t n = send(c->fd, c->out.bytes, c->out.length, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return false;
    if (n < 0) break;
    drop_front(&c->out, (size_t)n);
  }
  bool waits = c->out.length > 0;
  if (waits == c->waits_to_write) return true;
  c->waits_to_write = waits;
  struct epoll_event event = {.events = waits ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};
  return epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event) == 0;
}

static bool request(Conn *c, Slot *slot) {
  if (issued >= goal) return true;
  slot->number = issued++;
  slot->slow = options.slow_uri && slot->number % options.slow_every == options.slow_every - 1;
  Template *t = slot->slow ? &slow_frame : &fast_frame;
  long slot_index = (c - conns) * options.depth + (slot - c->slots);
  char id[ID_DIGITS + 1];
  long rest = slot_index * NUMBERS + slot->number % NUMBERS;
  for (int i = ID_DIGITS - 1; i >= 0; i--, rest /= 10) id[i] = (char)('0' + rest % 10);
  for (int i = 0; i < t->ids; i++) memcpy(t->frame.bytes + t->id_at[i], id, ID_DIGITS);
  slot->live = true;
  slot->at = now();
  size_t sent = 0;
  if (c->out.length == 0) {
    ssize_t n = send(c->fd, t->frame.bytes, t->frame.length, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return false;
    if (n > 0) sent = (size_t)n;
    if (sent == t->frame.length) return true;
  }
  append(&c->out, t->frame.bytes + sent, t->frame.length - sent);
  return flush(c);
}

// Everything in flight on the connection is lost, and asked anew on another.
static void reopen(Conn *c) {
  for (bool open = false; !open && !unusable;) {
    close(c->fd);
    for (int i = 0; i < options.depth; i++) {
      if (!c->slots[i].live) continue;
      lost++;
      finish(&c->slots[i]);
    }
    if (closed > MAX_CLOSED) unusable = true;
    open_conn(c);
    open = true;
    for (int i = 0; i < options.depth && open && options.rate == 0; i++) open = request(c, &c->slots[i]);
    if (!open) closed++;
  }
}

// ---- answers

static void count(const char *body, size_t length) {
  if (memmem(body, length, "\"wasm-error\"", 12)) failed++;
  else if (memmem(body, length, "\"decision\":\"allow\"", 18)) allowed++;
  else blocked++;
}

// The slot whose request a body answers, or null.
static Slot *slot_of(Conn *c, const char *body, size_t length) {
  if (options.version == 1) return c->slots[0].live ? &c->slots[0] : NULL;
  static const char key[] = "\"correlation_id\":\"";
  const char *at = memmem(body, length, key, sizeof key - 1);
  if (!at || (size_t)(body + length - at) < sizeof key - 1 + ID_DIGITS) return NULL;
  long id = 0;
  for (int i = 0; i < ID_DIGITS; i++) id = id * 10 + (at[(int)sizeof key - 1 + i] - '0');
  long index = id / NUMBERS - (c - conns) * options.depth;
  if (index < 0 || index >= options.depth) return NULL;
  Slot *slot = &c->slots[index];
  return slot->live && slot->number % NUMBERS == id % NUMBERS ? slot : NULL;
}

static bool take_answers(Conn *c) {
  uint64_t at = now();
  size_t from = 0;
  bool open = true;
  while (open && c->in.length - from >= 4) {
    uint32_t length;
    memcpy(&length, c->in.bytes + from, 4);
    length = ntohl(length);
    if (c->in.length - from < 4 + (size_t)length) break;
    const char *body = c->in.bytes + from + 4;
    from += 4 + (size_t)length;
    if (options.version == 2 && (length == 0 || body[0] != AGENT_RESPONSE)) continue;
    Slot *slot = slot_of(c, body, length);
    if (!slot) {
      late++;
      continue;
    }
    uint64_t took = at - slot->at;
    Latencies *kind = slot->slow ? &slow : &fast;
    kind->ns[kind->length++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
    reply_bytes += 4 + length;
    count(body, length);
    finish(slot);
    if (options.rate == 0) open = request(c, slot);
  }
  if (open) drop_front(&c->in, from);
  return open;
}

static bool receive(Conn *c) {
  enum { READ_BYTES = 64 * 1024 };
  if (c->in.capacity - c->in.length < READ_BYTES) {
    c->in.capacity = 2 * c->in.capacity + READ_BYTES;
    if (!(c->in.bytes = realloc(c->in.bytes, c->in.capacity))) fail("realloc");
  }
  ssize_t n = recv(c->fd, c->in.bytes + c->in.length, c->in.capacity - c->in.length, 0);
  if (n < 0 && errno == EAGAIN) return true;
  if (n <= 0) return false;
  c->in.length += (size_t)n;
  return take_answers(c);
}

static void check_lost(uint64_t at) {
  for (Conn *c = conns; c < conns + options.conns; c++) {
    for (int i = 0; i < options.depth; i++) {
      Slot *slot = &c->slots[i];
      if (!slot->live || at < slot->at + options.lost_ns) continue;
      if (options.version == 1) {
        // A late answer would be taken for the next one's.
        reopen(c);
        break;
      }
      lost++;
      finish(slot);
      if (options.rate == 0 && !request(c, slot)) closed++, reopen(c);
    }
  }
}

// ---- a given rate

static uint64_t due_at(uint64_t started) { return started + (uint64_t)((double)issued / options.rate * NS_PER_S); }

// Sends what is due by now, each on the next connection if that has nothing in flight: a request that finds none free waits for its turn.
static void send_due(uint64_t started) {
  while (issued < goal && now() >= due_at(started)) {
    Conn *c = &conns[issued % options.conns];
    Slot *slot = &c->slots[issued / options.conns % options.depth];
    if (slot->live) return;
    if (options.churn && issued % options.churn == options.churn - 1 && options.depth == 1) {
      close(c->fd);
      open_conn(c);
    }
    if (!request(c, slot)) closed++, reopen(c);
  }
}

static int wait_for(struct epoll_event *events, uint64_t started) {
  if (options.rate == 0 || issued >= goal) return epoll_wait(epoll_fd, events, MAX_EVENTS, CHECK_MS);
  uint64_t at = now(), due = due_at(started);
  uint64_t left = due > at ? due - at : conns[issued % options.conns].slots[issued / options.conns % options.depth].live ? NS_PER_MS : 0;
  struct timespec wait = {.tv_sec = (time_t)(left / 1000000000ull), .tv_nsec = (long)(left % 1000000000ull)};
  return epoll_pwait2(epoll_fd, events, MAX_EVENTS, &wait, NULL);
}

// ---- figures

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static double at_share(const Latencies *l, double share) {
  if (l->length == 0) return 0;
  long index = (long)((double)l->length * share);
  return l->ns[index < l->length ? index : l->length - 1] / 1e3;
}

static void print_latencies(const char *name, Latencies *l) {
  qsort(l->ns, (size_t)l->length, sizeof *l->ns, compare);
  printf("\"%s\":{\"count\":%ld,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f},", name, l->length,
    at_share(l, .5), at_share(l, .9), at_share(l, .99), at_share(l, .999), at_share(l, 1));
}

static double own_cpu_s(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void print_figures(double seconds, double cpu_s) {
  long answered = fast.length + slow.length;
  printf("{\"rps\":%.0f,\"seconds\":%.4f,\"answered\":%ld,\"finished\":%ld,", seconds > 0 ? (double)answered / seconds : 0, seconds, answered, finished);
  print_latencies("fast", &fast);
  print_latencies("slow", &slow);
  printf("\"allow\":%ld,\"block\":%ld,\"error\":%ld,\"lost\":%ld,\"closed\":%ld,\"late\":%ld,\"requestBytes\":%zu,\"replyBytes\":%.0f,\"ownCpuUs\":%.2f}\n",
    allowed, blocked, failed, lost, closed, late, fast_frame.frame.length, answered ? (double)reply_bytes / (double)answered : 0, finished ? cpu_s * 1e6 / (double)finished : 0);
}

static void parse(int argc, char **argv) {
  for (int option; (option = getopt(argc, argv, "p:c:d:n:w:t:u:s:m:x:H:T:r:k:")) != -1;) {
    switch (option) {
      case 'p': options.version = atoi(optarg); break;
      case 'c': options.conns = atoi(optarg); break;
      case 'd': options.depth = atoi(optarg); break;
      case 'n': options.count = atol(optarg); break;
      case 'w': options.warm_up = atol(optarg); break;
      case 't': options.limit_s = atof(optarg); break;
      case 'u': options.uri = optarg; break;
      case 's': options.slow_uri = optarg; break;
      case 'm': options.slow_every = atoi(optarg); break;
      case 'x': options.extra = atoi(optarg); break;
      case 'H': options.big = atoi(optarg); break;
      case 'r': options.rate = atof(optarg); break;
      case 'k': options.churn = atoi(optarg); break;
      case 'T': options.lost_ns = (uint64_t)atoi(optarg) * NS_PER_MS; break;
      default: exit(2);
    }
  }
  if (options.version == 1) options.depth = 1;
  bool fits = optind == argc - 1 && (options.version == 1 || options.version == 2) && options.conns > 0 && options.depth > 0 &&
    options.conns * options.depth <= MAX_SLOTS && options.count > 0 && options.warm_up >= 0 && options.slow_every > 0 && options.rate >= 0 && options.churn >= 0 && options.lost_ns <= 4000 * NS_PER_MS;
  if (!fits) {
    fprintf(stderr, "usage: loadgen SOCKET [-p 1|2] [-c CONNS] [-d DEPTH] [-n COUNT] [-w WARM_UP] [-t SECONDS] [-u URI] [-s SLOW_URI -m EVERY] [-x HEADERS] [-H BYTES] [-T MS] [-r RATE [-k EVERY]]\n");
    exit(2);
  }
  options.socket = argv[optind];
  goal = options.count + options.warm_up;
}

int main(int argc, char **argv) {
  parse(argc, argv);
  make_frame(&fast_frame, options.uri);
  if (options.slow_uri) make_frame(&slow_frame, options.slow_uri);
  fast.ns = malloc((size_t)goal * sizeof *fast.ns);
  slow.ns = malloc((size_t)goal * sizeof *slow.ns);
  conns = calloc((size_t)options.conns, sizeof *conns);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  for (Conn *c = conns; c < conns + options.conns; c++) {
    c->slots = calloc((size_t)options.depth, sizeof *c->slots);
    open_conn(c);
  }
  uint64_t started = now(), checked = started;
  begin_counting();
  for (int i = 0; i < options.depth && options.rate == 0; i++)
    for (Conn *c = conns; c < conns + options.conns; c++)
      if (!request(c, &c->slots[i])) closed++, reopen(c);
  while (finished < goal && !unusable) {
    struct epoll_event events[MAX_EVENTS];
    int ready = wait_for(events, started);
    for (int i = 0; i < ready; i++) {
      Conn *c = events[i].data.ptr;
      bool open = !(events[i].events & EPOLLOUT) || flush(c);
      if (open && events[i].events & ~(uint32_t)EPOLLOUT) open = receive(c);
      if (!open) closed++, reopen(c);
    }
    if (options.rate > 0) send_due(started);
    uint64_t at = now();
    if ((double)(at - started) / NS_PER_S > options.limit_s) break;
    if (at - checked < CHECK_MS * NS_PER_MS) continue;
    checked = at;
    check_lost(at);
  }
  double seconds = (double)(now() - counted_from) / NS_PER_S;
  print_figures(seconds, own_cpu_s());
  return 0;
}
