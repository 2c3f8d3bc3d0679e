//go:build !gatetest

package app

import (
	"net/http"
	"time"
)

// hooks are what a test build can move; there is nothing to move in this one.
type hooks struct {
	offset func() time.Duration
	host   func() time.Time
	window time.Duration
}

func testing() hooks { return hooks{host: time.Now} }

func (a *App) testRoutes(*http.ServeMux) {}
