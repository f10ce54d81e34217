// A module in Go: blocks /private, allows the rest and marks what it has seen.
//
// What it prints becomes log lines of the agent: try the uri /log.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unsafe"
)

type request struct {
	Method   string            `json:"method"`
	URI      *string           `json:"uri"`
	ClientIP string            `json:"client_ip"`
	Headers  map[string]string `json:"headers"`
}

type decision struct {
	Decision           string            `json:"decision"`
	Status             int               `json:"status,omitempty"`
	Body               string            `json:"body,omitempty"`
	AddRequestHeaders  map[string]string `json:"add_request_headers,omitempty"`
	AddResponseHeaders map[string]string `json:"add_response_headers,omitempty"`
	Tags               []string          `json:"tags,omitempty"`
}

func decide(input []byte) decision {
	var r request
	if err := json.Unmarshal(input, &r); err != nil || r.URI == nil {
		return decision{Decision: "block", Status: 400, Body: "Malformed request"}
	}
	path, _, _ := strings.Cut(*r.URI, "?")
	if path == "/private" || strings.HasPrefix(path, "/private/") {
		return decision{Decision: "block", Status: 403, Body: "Private", Tags: []string{"private"}}
	}
	if path == "/log" {
		// %q, for a uri with a line break would forge a line.
		fmt.Printf("go-minimal saw %s %q\n", r.Method, *r.URI)
		fmt.Fprintln(os.Stderr, "go-minimal writes to stderr too")
	}
	return decision{Decision: "allow", AddRequestHeaders: map[string]string{"x-wasm-agent": "go-minimal"}}
}

// Blocks that the host holds, by address: without an entry here the collector would take them.
var held = map[uint32][]byte{}

func hold(block []byte) uint32 {
	address := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(block))))
	held[address] = block
	return address
}

//go:wasmexport alloc
func alloc(size int32) uint32 {
	if size <= 0 {
		return 0
	}
	return hold(make([]byte, size))
}

//go:wasmexport dealloc
func dealloc(address uint32, size int32) {
	delete(held, address)
}

func answer(d decision) int64 {
	// Cannot fail: the type holds only strings and numbers.
	result, _ := json.Marshal(d)
	return int64(uint64(hold(result))<<32 | uint64(len(result)))
}

//go:wasmexport on_request_headers
func onRequestHeaders(address uint32, length int32) int64 {
	return answer(decide(input(address, length)))
}

//go:wasmexport on_response_headers
func onResponseHeaders(address uint32, length int32) int64 {
	return answer(decision{
		Decision:           "allow",
		AddResponseHeaders: map[string]string{"x-content-type-options": "nosniff"},
	})
}

// input is the block that the host has filled; nothing if it was not given that block.
func input(address uint32, length int32) []byte {
	block := held[address]
	if length < 0 || int(length) > len(block) {
		return nil
	}
	return block[:length]
}

func main() {}
