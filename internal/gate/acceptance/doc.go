// Package acceptance holds the gate's acceptance suite: what it must stand up to, row by
// row, tried from outside on a gate that runs in a process of its own, over SQLite and
// over PostgreSQL, with two instances where a row is about two. docs/gate-security.md
// names the test of each row; the files are its chapters, cut where one is long.
//
//	go test -tags gatetest ./internal/gate/acceptance
//
// The tag builds a gate whose clock a test can move and that can be killed at named
// points; the shipped gate has neither.
package acceptance
