// Package e2e holds tests alone: readers with a real browser on the example newsroom, as
// `press serve` shows it with its gate within. They go the whole way from an article to
// a download, an account and its end: with scripts and without, in each language, by
// mouse and by keyboard. axe-core judges every page on the way.
//
//	go test -tags e2e ./internal/e2e
//
// With E2E_PICTURES=/a/folder the pages of the account and those from right to left are also
// painted into it, on narrow and wide screens, in light and dark.
package e2e
