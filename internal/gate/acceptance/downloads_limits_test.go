//go:build gatetest

package acceptance

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/gate/files"
	"pressroom/internal/gate/keyring"
)

// An account or a link is shared with many: so many transfers run at once and so many
// bytes leave in a day, and all that was given is written down.
func TestRow57(t *testing.T) {
	const parallel, files = 4, 20
	film := func(i int) string { return fmt.Sprintf("MC-20240601-V-0001/film-%d", i) }
	add := func(r *rig) {
		// Larger than what all buffers between two programs hold: a reader who does not
		// read keeps the transfer.
		if err := os.WriteFile(filepath.Join(r.masters, "long.mxf"), nil, 0o600); err != nil {
			r.t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(r.masters, "long.mxf"), 64<<20); err != nil {
			r.t.Fatal(err)
		}
		r.downloads = append(r.downloads, catalogue.Download{ID: "MC-20240601-V-0001/long", Title: "Long", File: "long.mxf", Type: "application/mxf", Bytes: 64 << 20, SHA256: strings.Repeat("0", 64), Access: "account"})
		for i := range files {
			r.addDownload(film(i), fmt.Sprintf("film-%d.mxf", i), bytes.Repeat([]byte("x"), 600_000))
		}
		r.writeCatalogue()
	}
	both(t, 2, func(t *testing.T, r *rig) {
		ines, femi := r.browser(), r.browser()
		ines.signUp()
		femi.signUp()
		links := []string{ines.link("MC-20240601-V-0001/long"), ines.link("MC-20240601-V-0001/long")}
		var all sync.WaitGroup
		answers := make([]*http.Response, 20)
		for i := range answers {
			all.Go(func() { answers[i] = r.open(t, 0, links[i%2], "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i)) })
		}
		all.Wait()
		var running []*http.Response
		for _, res := range answers {
			switch res.StatusCode {
			case http.StatusOK:
				running = append(running, res)
			case http.StatusTooManyRequests:
				if res.Header.Get("Retry-After") == "" {
					t.Error("refused without a Retry-After")
				}
			default:
				t.Errorf("%s", res.Status)
			}
		}
		if len(running) != parallel {
			t.Fatalf("%d of 20 transfers run at once, want %d", len(running), parallel)
		}
		if res := r.open(t, 0, femi.link("MC-20240601-V-0001/long")); res.StatusCode != http.StatusOK {
			t.Errorf("another account: %s", res.Status)
		}
		running[0].Body.Close()
		eventually(t, "a transfer to end", func() bool {
			res := r.open(t, 0, links[0])
			if res.StatusCode != http.StatusOK {
				res.Body.Close()
			}
			return res.StatusCode == http.StatusOK
		})
		if res := r.open(t, 0, links[1]); res.StatusCode != http.StatusTooManyRequests {
			t.Errorf("one more than there is room for: %s", res.Status)
		}

		// The budget of a day: 1 MB.
		db := r.db()
		granted := func(b *browser, at int, id string) int {
			p := b.on(at).get("/download/" + id)
			if p.Status != http.StatusSeeOther && p.Status != http.StatusTooManyRequests {
				t.Errorf("%s: %d\n%s", id, p.Status, p.text())
			}
			return p.Status
		}
		olga := r.browser()
		email := olga.signUp()
		for _, step := range []struct {
			id   string
			want int
		}{
			{film(0), 303},
			{film(1), 429},
			{film(0), 303}, // again, as a resumed download does
			{web720, 303},  // there is room for a small one
			{film(2), 429},
			{web720, 303},
		} {
			if got := granted(olga, 1, step.id); got != step.want {
				t.Errorf("%s: %d, want %d", step.id, got, step.want)
			}
		}
		if got := granted(femi, 1, web720); got != http.StatusTooManyRequests { // 64 MiB is more than a day's
			t.Errorf("after one long film: %d", got)
		}
		id := r.accountOf(db, email)
		var taken []string
		for _, line := range r.query(db, "SELECT download FROM grants WHERE account = $1 ORDER BY at", id) {
			taken = append(taken, line[0])
		}
		if want := []string{film(0), film(0), web720, web720}; !slices.Equal(taken, want) {
			t.Errorf("written down are %q, want %q", taken, want)
		}
		var events []string
		for _, line := range r.query(db, "SELECT result, subject FROM audit WHERE account = $1 AND what = 'grant' ORDER BY seq", id) {
			events = append(events, line[0]+" "+line[1])
		}
		if want := []string{"ok " + film(0), "too_much " + film(1), "ok " + film(0), "ok " + web720, "too_much " + film(2), "ok " + web720}; !slices.Equal(events, want) {
			t.Errorf("the audit has %q, want %q", events, want)
		}
		if p := olga.get("/account/downloads"); !strings.Contains(p.Body, film(0)) || !strings.Contains(p.Body, web720) || strings.Contains(p.Body, film(1)) {
			t.Errorf("the page of downloads:\n%s", p.text())
		}

		// Twenty at once, over two instances: the first is given whatever its size, and no
		// other gets by while it is being written down.
		for range 3 {
			race := r.browser()
			race.signUp()
			var n atomic.Int32
			barrier := make(chan struct{})
			for i := range files {
				one := race.twin()
				all.Go(func() {
					<-barrier
					if granted(one, i, film(i)) == http.StatusSeeOther {
						n.Add(1)
					}
				})
			}
			close(barrier)
			all.Wait()
			if n.Load() != 1 {
				t.Errorf("%d of %d films at once were given, want 1", n.Load(), files)
			}
		}
		r.advance(24*time.Hour + time.Minute)
		if got := granted(olga, 0, film(1)); got != http.StatusSeeOther {
			t.Errorf("the next day: %d", got)
		}
	}, add, with("limits: {bytesDaily: 1MB}"))
}

// The key that signs links is changed while many download: nobody is refused for it. Links
// end with the key that signed them.
func TestRow58(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		at := filepath.Join(r.dir, "data", "keys")
		first, err := keyring.Load(at)
		if err != nil {
			t.Fatal(err)
		}
		old := first.Signing()[0]
		var people []*browser
		for range 4 {
			b := r.browser()
			b.signUp()
			people = append(people, b)
		}
		before := people[0].link(web720)
		if key := takeApart(t, before).Key; key != old.ID {
			t.Fatalf("signed with %s, want %s", key, old.ID)
		}

		// Each asks one instance for a link and uses it at the other.
		stop := make(chan struct{})
		var all sync.WaitGroup
		var done [2]atomic.Int64 // by whether the key is the old one
		var mu sync.Mutex
		var wrong []string
		for i, b := range people {
			all.Go(func() {
				for n := i; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					p, err := b.on(n).try("GET", "/download/"+web720, nil)
					if err == nil && p.Status == http.StatusSeeOther {
						key := 0
						if u, e := url.Parse(p.to()); e == nil && u.Query().Get("key") != old.ID {
							key = 1
						}
						p, err = b.on(n+1).try("GET", p.to(), nil)
						if err == nil && p.Status == http.StatusOK {
							done[key].Add(1)
							continue
						}
					}
					mu.Lock()
					if err != nil {
						wrong = append(wrong, err.Error())
					} else {
						wrong = append(wrong, fmt.Sprintf("%d %s", p.Status, p.text()))
					}
					mu.Unlock()
				}
			})
		}
		eventually(t, "downloads with the old key", func() bool { return done[0].Load() > 50 })
		rotated, err := keyring.Rotate(at, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		fresh := rotated.Signing()[1]
		for _, i := range r.instances {
			eventually(t, "the keys to be read again", func() bool { return strings.Contains(i.log.String(), "the keys were read again") })
		}
		if done[1].Load() > 0 {
			t.Error("the new key signs before every instance can have read it")
		}
		// One instance after the other comes to the time at which the new key signs.
		r.advance(time.Until(fresh.From) + time.Second)
		eventually(t, "downloads with the new key", func() bool { return done[1].Load() > 50 })
		during := people[0].link(web720)
		w := r.instances[0].wire(t)
		for what, link := range map[string]string{"before": before, "during": during} {
			if p := w.ask("GET", link); p.Status != http.StatusOK {
				t.Errorf("a link made %s: %d", what, p.Status)
			}
		}
		close(stop)
		all.Wait()
		if len(wrong) > 0 {
			t.Errorf("%d of %d were refused, the first: %s", len(wrong), done[0].Load()+done[1].Load(), wrong[0])
		}

		// A link that would hold longer than its key, as only the holder of the key can make.
		lasting := func(k files.Key) string {
			t.Helper()
			k.From, k.Until = time.Time{}, time.Time{}
			ring, err := files.NewKeyring(k)
			if err != nil {
				t.Fatal(err)
			}
			link, err := ring.Link(files.Grant{ID: "g", Account: "a", Download: web720, Expires: time.Now().Add(48 * time.Hour)}, "clip.mp4", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return link
		}
		status := func(link string, want int, what string) {
			t.Helper()
			for _, i := range r.instances {
				if p := i.wire(t).ask("GET", link); p.Status != want {
					t.Errorf("%s: %d, want %d", what, p.Status, want)
				}
			}
		}
		until := rotated.Signing()[0].Until
		if until.IsZero() {
			t.Fatal("the old key never ends")
		}
		status(lasting(old), http.StatusOK, "the old key while it verifies")
		r.advance(time.Until(until) - 20*time.Second)
		status(lasting(old), http.StatusOK, "the old key shortly before its end")
		r.advance(time.Until(until))
		status(lasting(old), http.StatusForbidden, "the old key at its end")
		status(lasting(fresh), http.StatusOK, "the new key after the old one's end")
		unknown := fresh
		unknown.ID = "aaaaaaaa"
		status(lasting(unknown), http.StatusForbidden, "an unknown key")
		unknown.ID, unknown.Secret = "aaaaaaaa", make([]byte, len(fresh.Secret))
		status(lasting(unknown), http.StatusForbidden, "an unknown key of zeros")
		unknown.ID = fresh.ID
		status(lasting(unknown), http.StatusForbidden, "a known key with another secret")

		// A key that has become known is removed: its links are void at once.
		r.advance(0)
		third, err := keyring.Rotate(at, time.Now().Add(2*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		newest := third.Signing()[len(third.Signing())-1]
		r.advance(time.Until(newest.From) + time.Second)
		for _, i := range r.instances {
			eventually(t, "the third key", func() bool { return i.wire(t).ask("GET", lasting(newest)).Status == http.StatusOK })
		}
		if _, err := keyring.Remove(at, fresh.ID, newest.From.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		for _, i := range r.instances {
			eventually(t, "the removed key to be refused", func() bool { return i.wire(t).ask("GET", lasting(fresh)).Status == http.StatusForbidden })
		}
		status(people[1].link(web720), http.StatusOK, "a link after that")

		// A file that cannot be read changes nothing.
		if err := os.WriteFile(at, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, i := range r.instances {
			eventually(t, "the broken file to be told", func() bool { return strings.Contains(i.log.String(), "the ones before stay in force") })
		}
		status(people[1].link(web720), http.StatusOK, "a link while the file is broken")
	})
}

// Somebody asks for one file without an end, to fill the record: each link is a line.
func TestGrantsAreBounded(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		b, other := r.browser(), r.browser()
		b.signUp()
		other.signUp()
		db := r.db()
		grants := func() int64 { return number(t, db, "SELECT COUNT(*) FROM grants") }
		ask := func(i int) *page { return b.copyOf().on(i).get("/download/" + web720) }
		var s statuses
		atOnce(20, func(i int) { s.add(b.copyOf().on(i).try(http.MethodGet, "/download/"+web720, nil)) })
		if n := grants(); n != 5 || s.count[http.StatusSeeOther] != 5 || !s.only(http.StatusSeeOther, http.StatusTooManyRequests) {
			t.Errorf("20 times at once: %d links, %v, want 5", n, &s)
		}
		if p := ask(1); p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" {
			t.Errorf("once more: %d, Retry-After %q", p.Status, p.Header.Get("Retry-After"))
		}
		if p := other.get("/download/" + web720); p.Status != http.StatusSeeOther {
			t.Errorf("another account: %d", p.Status)
		}
		r.advance(time.Hour + time.Minute)
		if p := ask(0); p.Status != http.StatusSeeOther {
			t.Errorf("an hour later: %d", p.Status)
		}
	}, with("limits: {grantsAccount: 5 per hour}"))
}
