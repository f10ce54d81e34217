// Package sentinel is the agent's side of a module, hidden behind a typed request and decision: ABI version 2.
// Copy this folder as it is. An instance has one call at a time, so what it keeps between calls needs no lock.
package sentinel

import (
	"bytes"
	"encoding/json"
	"strings"
	"unsafe"
)

// Headers has header names in lower case, each with all of its values in order.
type Headers map[string][]string

// First is the first value of a header, empty where there is none.
func (h Headers) First(name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Add puts a further value behind those of a header.
func (h *Headers) Add(name, value string) {
	if *h == nil {
		*h = Headers{}
	}
	(*h)[name] = append((*h)[name], value)
}

// Request is a request's head. What the proxy does not tell is empty.
type Request struct {
	Method        string  `json:"method"`
	URI           string  `json:"uri"` // path and query
	ClientIP      string  `json:"client_ip"`
	ClientPort    int     `json:"client_port"`
	CorrelationID string  `json:"correlation_id"` // the same for all events of a request
	RequestID     string  `json:"request_id"`
	ServerName    string  `json:"server_name"`
	Protocol      string  `json:"protocol"`
	TLSVersion    string  `json:"tls_version"`
	TLSCipher     string  `json:"tls_cipher"`
	RouteID       string  `json:"route_id"`
	UpstreamID    string  `json:"upstream_id"`
	Timestamp     string  `json:"timestamp"`
	Traceparent   string  `json:"traceparent"`
	Headers       Headers `json:"headers"`
}

// Path is the uri without its query.
func (r *Request) Path() string {
	path, _, _ := strings.Cut(r.URI, "?")
	return path
}

// Response is a response's head.
type Response struct {
	Status        int     `json:"status"`
	CorrelationID string  `json:"correlation_id"`
	Headers       Headers `json:"headers"`
}

// Decision is what is to happen. A field that is empty does not go to the agent.
// The agent removes headers first, then sets, then adds.
type Decision struct {
	Decision              string            `json:"decision"`         // allow, block, redirect or challenge
	Status                int               `json:"status,omitempty"` // 200 to 599 for a block, 300 to 399 for a redirect
	Body                  string            `json:"body,omitempty"`
	URL                   string            `json:"url,omitempty"`
	Challenge             *ChallengeTo      `json:"challenge,omitempty"`
	Headers               Headers           `json:"headers,omitempty"` // of the block or redirect
	RemoveRequestHeaders  []string          `json:"remove_request_headers,omitempty"`
	SetRequestHeaders     Headers           `json:"set_request_headers,omitempty"`
	AddRequestHeaders     Headers           `json:"add_request_headers,omitempty"`
	RemoveResponseHeaders []string          `json:"remove_response_headers,omitempty"`
	SetResponseHeaders    Headers           `json:"set_response_headers,omitempty"`
	AddResponseHeaders    Headers           `json:"add_response_headers,omitempty"`
	Tags                  []string          `json:"tags,omitempty"` // words for the audit log
	RuleIDs               []string          `json:"rule_ids,omitempty"`
	ReasonCodes           []string          `json:"reason_codes,omitempty"`
	Confidence            *float64          `json:"confidence,omitempty"` // 0 to 1
	RoutingMetadata       map[string]string `json:"routing_metadata,omitempty"`
	Audit                 map[string]any    `json:"audit,omitempty"` // fields of the audit log
}

// ChallengeTo is what a client has to prove first.
type ChallengeTo struct {
	Type   string            `json:"type"`
	Params map[string]string `json:"params,omitempty"`
}

// Allow lets the request or response go on.
func Allow(tags ...string) Decision { return Decision{Decision: "allow", Tags: tags} }

// Block gives the client a status, 200 to 599, and a body.
func Block(status int, body string, tags ...string) Decision {
	return Decision{Decision: "block", Status: status, Body: body, Tags: tags}
}

// Redirect sends the client elsewhere, with a status of 300 to 399.
func Redirect(status int, url string, tags ...string) Decision {
	return Decision{Decision: "redirect", Status: status, URL: url, Tags: tags}
}

// Challenge has the client prove something first. Proxies up to 0.6.50 let such a request through.
func Challenge(kind string, params map[string]string, tags ...string) Decision {
	return Decision{Decision: "challenge", Challenge: &ChallengeTo{kind, params}, Tags: tags}
}

// Strict reads JSON into a value, and takes a field that the value does not have for an error.
func Strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// What the agent offers.

//go:wasmimport sentinel log
func hostLog(level int32, text string)

//go:wasmimport sentinel now_ms
func hostNowMs() int64

//go:wasmimport sentinel random
func hostRandom(pointer unsafe.Pointer, length int32)

//go:wasmimport sentinel config
func hostConfig(pointer unsafe.Pointer, capacity int32) int32

//go:wasmimport sentinel metric_add
func hostMetricAdd(name string, value float64)

// Level is how much a line of the log matters.
type Level int32

const (
	LevelError Level = iota
	LevelWarning
	LevelInfo
	LevelDebug
)

// Log writes a line of the agent's log.
func Log(level Level, text string) { hostLog(int32(level), text) }

// NowMs is the time in milliseconds since 1970.
func NowMs() int64 { return hostNowMs() }

// Random fills a slice with random bytes, fit for secrets.
func Random(into []byte) { hostRandom(unsafe.Pointer(unsafe.SliceData(into)), int32(len(into))) }

// Config is the configuration as JSON, also for who has no configure.
func Config() []byte {
	text := make([]byte, hostConfig(nil, 0))
	hostConfig(unsafe.Pointer(unsafe.SliceData(text)), int32(len(text)))
	return text
}

// MetricAdd adds to a counter of the module's own, which the agent shows.
func MetricAdd(name string, value float64) { hostMetricAdd(name, value) }

// Blocks that the host holds: the collector must leave them alone until dealloc.
var held = map[*byte][]byte{}

//go:wasmexport agent_abi_version
func abiVersion() int32 { return 2 }

//go:wasmexport alloc
func alloc(size int32) *byte {
	if size <= 0 {
		return nil
	}
	block := make([]byte, size)
	held[&block[0]] = block
	return &block[0]
}

//go:wasmexport dealloc
func dealloc(pointer *byte, _ int32) { delete(held, pointer) }

// Answer reads a handler's input, decides, and hands the answer over.
func Answer[Input Request | Response](pointer *byte, length int32, decide func(*Input) Decision) int64 {
	var input Input
	// Input that does not fit the type is an error of this file: the call traps, and the agent takes its fail mode.
	if err := json.Unmarshal(unsafe.Slice(pointer, length), &input); err != nil {
		panic(err)
	}
	return give(decide(&input))
}

// Configured hands the configuration over, as JSON; an error refuses it, and its text is shown to the operator.
func Configured(pointer *byte, length int32, take func(config []byte) error) int64 {
	if err := take(unsafe.Slice(pointer, length)); err != nil {
		return give(map[string]string{"error": err.Error()})
	}
	return 0
}

// give hands a value over as JSON: pointer and length in one number. The agent calls dealloc with both.
func give(value any) int64 {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	held[&text[0]] = text
	return int64(uintptr(unsafe.Pointer(&text[0])))<<32 | int64(len(text))
}
