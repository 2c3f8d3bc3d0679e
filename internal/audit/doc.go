// Command audit holds the example newsroom, as press builds it, against what a reader may
// expect of a page: valid, accessible, light, quick, without strangers.
//
//	go run ./internal/audit [-only nu,axe] [-all] [-keep DIR] [-list]
//
// In goes the repository; out comes one table, each measure with its goal and what was
// found, and below it every fault. The site is built into a folder that is removed, and
// served on loopback with the headers of internal/headers, compressed as a CDN does. What
// the programs of others say of it is taken as they say it; no fault is excused.
//
// It exits with 0 when every goal is held, 1 when one is missed or cannot be measured,
// and 2 on wrong usage.
//
// The tests beside it hold the same site to what takes no browser to see: they are the
// part of the audit that runs whenever tests do.
package main
