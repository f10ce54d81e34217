// Turns away bearer tokens (JWT) that have expired, are not valid yet, or are meant for somebody else, before they reach
// the backend. It does not check the signature: that remains the backend's job.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"policy/sentinel"
)

// settings is the configuration: {"audience": "api", "required": true, "leeway_seconds": 30}
type settings struct {
	Audience string  `json:"audience"`       // empty: any
	Required bool    `json:"required"`       // turns away requests without a token, too
	Leeway   float64 `json:"leeway_seconds"` // how far the clocks of issuer and proxy may differ
}

func defaults() settings { return settings{Leeway: 30} }

var config = defaults()

type claims struct {
	Subject  string   `json:"sub"`
	Expires  *float64 `json:"exp"`
	From     float64  `json:"nbf"`
	Audience audience `json:"aud"`
}

// audience is one name or a list of them.
type audience []string

func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

//go:wasmexport configure
func configure(pointer *byte, length int32) int64 { return sentinel.Configured(pointer, length, take) }

//go:wasmexport on_request_headers
func onRequestHeaders(pointer *byte, length int32) int64 {
	return sentinel.Answer(pointer, length, decide)
}

// take takes all of the configuration or nothing.
func take(text []byte) error {
	given := defaults()
	if err := sentinel.Strict(text, &given); err != nil {
		return err
	}
	if given.Leeway < 0 {
		return fmt.Errorf("leeway_seconds must not be negative: received %v", given.Leeway)
	}
	config = given
	return nil
}

func decide(request *sentinel.Request) sentinel.Decision {
	values := request.Headers["authorization"]
	// Two would let one be checked here, and the other be used behind.
	if len(values) > 1 {
		return sentinel.Block(400, "one authorization header only\n", "bad-token")
	}
	scheme, token, _ := strings.Cut(request.Headers.First("authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		if config.Required {
			return unauthorized("Bearer", "a bearer token is required", "no-token")
		}
		return allow("anonymous")
	}
	claims, err := read(token)
	if err == nil {
		err = claims.check(float64(sentinel.NowMs()) / 1000)
	}
	if err != nil {
		return unauthorized(`Bearer error="invalid_token"`, err.Error(), "bad-token")
	}
	decision := allow("token")
	if isPlain(claims.Subject) {
		decision.SetRequestHeaders.Add("x-token-subject", claims.Subject)
	}
	return decision
}

// allow keeps what the backend reads in x-token-subject from coming from the client.
func allow(tag string) sentinel.Decision {
	decision := sentinel.Allow(tag)
	decision.RemoveRequestHeaders = []string{"x-token-subject"}
	return decision
}

func unauthorized(challenge, reason, tag string) sentinel.Decision {
	decision := sentinel.Block(401, reason+"\n", tag)
	decision.Headers.Add("www-authenticate", challenge)
	return decision
}

// isPlain is true for what can stand in a header.
func isPlain(text string) bool {
	for _, letter := range text {
		if letter < ' ' || letter > '~' {
			return false
		}
	}
	return text != ""
}

func read(token string) (*claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("a token has three parts")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, errors.New("the token's claims are not base64url")
	}
	var found claims
	if json.Unmarshal(text, &found) != nil {
		return nil, errors.New("the token's claims are not what they must be")
	}
	return &found, nil
}

func (c *claims) check(now float64) error {
	if c.Expires == nil {
		return errors.New("the token must say when it expires")
	}
	if *c.Expires+config.Leeway <= now {
		return errors.New("the token has expired")
	}
	if c.From-config.Leeway > now {
		return errors.New("the token is not valid yet")
	}
	if config.Audience == "" {
		return nil
	}
	for _, name := range c.Audience {
		if name == config.Audience {
			return nil
		}
	}
	return errors.New("the token is meant for somebody else")
}

func main() {}
