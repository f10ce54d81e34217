// Answers with everything that the helper has, so that a test sees whether all of it arrives.
package main

import (
	"strconv"

	"policy/sentinel"
)

//go:wasmexport on_request_headers
func onRequestHeaders(pointer *byte, length int32) int64 {
	return sentinel.Answer(pointer, length, decide)
}

//go:wasmexport on_response_headers
func onResponseHeaders(pointer *byte, length int32) int64 {
	return sentinel.Answer(pointer, length, respond)
}

func decide(r *sentinel.Request) sentinel.Decision {
	switch r.Path() {
	case "/block":
		block := sentinel.Block(418, "tea \"\n")
		block.Headers.Add("x", "1")
		block.Headers.Add("x", "2")
		return block
	case "/redirect":
		redirect := sentinel.Redirect(307, "/there")
		redirect.Headers.Add("x", "1")
		return redirect
	case "/challenge":
		return sentinel.Challenge("captcha", map[string]string{"site": "k"})
	case "/panic":
		panic("on purpose")
	case "/host":
		sentinel.Log(sentinel.LevelWarning, "a line")
		sentinel.MetricAdd("seen", 2.5)
		bytes := make([]byte, 4)
		sentinel.Random(bytes)
		numbers := []int{}
		for _, each := range bytes {
			numbers = append(numbers, int(each))
		}
		decision := sentinel.Allow()
		decision.Audit = map[string]any{"now": sentinel.NowMs(), "random": numbers, "config": string(sentinel.Config())}
		return decision
	}
	sure := 0.25
	return sentinel.Decision{
		Decision:             "allow",
		RemoveRequestHeaders: []string{"a"},
		SetRequestHeaders:    sentinel.Headers{"b": {r.Headers.First("x")}},
		AddRequestHeaders:    sentinel.Headers{"c": {"1", "2"}},
		Tags:                 []string{"t1", "t2"},
		RuleIDs:              []string{"r"},
		ReasonCodes:          []string{"why"},
		Confidence:           &sure,
		RoutingMetadata:      map[string]string{"pool": "blue"},
		Audit: map[string]any{
			"method": r.Method, "client_ip": r.ClientIP, "client_port": strconv.Itoa(r.ClientPort),
			"correlation_id": r.CorrelationID, "request_id": r.RequestID, "server_name": r.ServerName,
			"protocol": r.Protocol, "tls_version": r.TLSVersion, "tls_cipher": r.TLSCipher, "route_id": r.RouteID,
			"upstream_id": r.UpstreamID, "timestamp": r.Timestamp, "traceparent": r.Traceparent,
		},
	}
}

func respond(r *sentinel.Response) sentinel.Decision {
	return sentinel.Decision{
		Decision:              "allow",
		RemoveResponseHeaders: []string{"a"},
		SetResponseHeaders:    sentinel.Headers{"b": {r.Headers.First("x")}},
		AddResponseHeaders:    sentinel.Headers{"c": {"1", "2"}},
		Tags:                  []string{strconv.Itoa(r.Status)},
	}
}

func main() {}
