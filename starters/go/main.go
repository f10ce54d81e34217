// Nobody gets to what is private; the backend sees which requests were looked at.
package main

import (
	"fmt"
	"strings"

	"policy/sentinel"
)

// settings is the configuration: {"private": "/private"}
type settings struct {
	Private string `json:"private"` // a path: it and what lies below are blocked
}

var config = settings{Private: "/private"}

func decide(request *sentinel.Request) sentinel.Decision {
	if liesBelow(request.Path(), config.Private) {
		sentinel.Log(sentinel.LevelInfo, request.ClientIP+" was turned away from "+request.Path())
		return sentinel.Block(403, "Private\n", "private")
	}
	decision := sentinel.Allow()
	decision.SetRequestHeaders.Add("x-policy", "passed")
	return decision
}

func liesBelow(path, folder string) bool {
	rest, found := strings.CutPrefix(path, folder)
	return found && (rest == "" || rest[0] == '/')
}

func decideResponse(*sentinel.Response) sentinel.Decision {
	decision := sentinel.Allow()
	decision.RemoveResponseHeaders = []string{"server"}
	return decision
}

// take takes all of the configuration or nothing.
func take(text []byte) error {
	given := settings{Private: "/private"}
	if err := sentinel.Strict(text, &given); err != nil {
		return err
	}
	if !strings.HasPrefix(given.Private, "/") {
		return fmt.Errorf(`"private" must begin with a slash: received %q`, given.Private)
	}
	config = given
	return nil
}

//go:wasmexport configure
func configure(pointer *byte, length int32) int64 { return sentinel.Configured(pointer, length, take) }

//go:wasmexport on_request_headers
func onRequestHeaders(pointer *byte, length int32) int64 {
	return sentinel.Answer(pointer, length, decide)
}

//go:wasmexport on_response_headers
func onResponseHeaders(pointer *byte, length int32) int64 {
	return sentinel.Answer(pointer, length, decideResponse)
}

func main() {}
