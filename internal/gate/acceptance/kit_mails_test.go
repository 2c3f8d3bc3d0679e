//go:build gatetest

package acceptance

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/mail"
	"pressroom/internal/gate/settings"
)

// operator does what the command line does, on the same database. SQLite is one
// process's, so the instance makes way and another one follows.
func (r *rig) operator(do func(a *app.App) error) {
	r.t.Helper()
	if r.kind == "sqlite" {
		r.instances[len(r.instances)-1].kill()
	}
	s, problems := settings.Load(filepath.Join(r.dir, "gate.yaml"), nil)
	if problems.HasErrors() {
		r.t.Fatal(problems)
	}
	a, err := app.Open(context.Background(), *s, app.Options{Log: slog.New(slog.DiscardHandler), Theme: pressroom.Theme})
	if err != nil {
		r.t.Fatal(err)
	}
	err = do(a)
	if e := a.Close(); err != nil || e != nil {
		r.t.Fatal(err, e)
	}
	if r.kind == "sqlite" {
		r.launch()
	}
}

// newest is the number of the newest instance, which lives.
func (r *rig) newest() int { return len(r.instances) - 1 }

var (
	linkInHTML = regexp.MustCompile(`(?i)(?:href|src|action)\s*=\s*["']?([^"'> ]+)`)
	linkInText = regexp.MustCompile(`https?://[^\s<>"]+`)
	formsOn    = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	attribute  = regexp.MustCompile(`(?is)\b([a-z-]+)\s*=\s*(?:"([^"]*)"|([^\s>"]+))`)
	inputsOn   = regexp.MustCompile(`(?is)<(?:input|button|select)\b([^>]*)>`)
)

// links are all addresses in a mail, in both of its parts.
func links(m mail.Stored) (list []string) {
	for _, l := range linkInHTML.FindAllStringSubmatch(m.HTML, -1) {
		list = append(list, html.UnescapeString(l[1]))
	}
	list = append(list, linkInText.FindAllString(m.Text, -1)...)
	list = append(list, linkInText.FindAllString(html.UnescapeString(m.HTML), -1)...)
	for _, name := range []string{"List-Unsubscribe"} {
		list = append(list, linkInText.FindAllString(m.Header.Get(name), -1)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// form is one that stands on a page.
type form struct {
	method, action string
	values         url.Values
}

// forms are those on a page, filled in as they came.
func (p *page) forms() (list []form) {
	attributes := func(s string) map[string]string {
		m := map[string]string{}
		for _, a := range attribute.FindAllStringSubmatch(s, -1) {
			m[strings.ToLower(a[1])] = html.UnescapeString(a[2] + a[3])
		}
		return m
	}
	for _, f := range formsOn.FindAllStringSubmatch(p.Body, -1) {
		at := attributes(f[1])
		one := form{strings.ToLower(at["method"]), at["action"], url.Values{}}
		if one.action == "" {
			one.action, _, _ = strings.Cut(p.URL, "?")
		}
		for _, i := range inputsOn.FindAllStringSubmatch(f[2], -1) {
			if a := attributes(i[1]); a["name"] != "" {
				one.values.Set(a["name"], a["value"])
			}
		}
		list = append(list, one)
	}
	return list
}

// hrefs are the addresses of this site that a page leads to.
func (p *page) hrefs() (list []string) {
	for _, l := range linkInHTML.FindAllStringSubmatch(p.Body, -1) {
		if u := html.UnescapeString(l[1]); strings.HasPrefix(u, "/") && !strings.HasPrefix(u, "//") {
			list = append(list, u)
		}
	}
	return list
}

var routeLine = regexp.MustCompile(`(?m)^\t\t"(/[a-z/]+)":\s+\{`)

// routes are the paths that the gate answers, by its source: so none is forgotten.
func routes(t testing.TB) (list []string) {
	t.Helper()
	b, err := os.ReadFile("../web/server.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range routeLine.FindAllStringSubmatch(string(b), -1) {
		list = append(list, m[1])
	}
	if len(list) < 22 {
		t.Fatalf("of the routes only %v were found", list)
	}
	return list
}

// state counts all that lies in the database but marks and the audit.
func (r *rig) state() string {
	r.t.Helper()
	all := r.instances[r.newest()].metrics()
	var b strings.Builder
	for _, name := range []string{
		`gate_rows{of="accounts"}`, `gate_rows{of="sessions"}`, `gate_rows{of="flows"}`, `gate_rows{of="subscriptions"}`,
		`gate_letters{state="waiting"}`, `gate_letters{state="sent"}`, `gate_letters{state="failed"}`, `gate_letters{state="dropped"}`,
	} {
		fmt.Fprintf(&b, "%s %v\n", name, all[name])
	}
	fmt.Fprintf(&b, "mails %d\n", len(r.mails("")))
	return b.String()
}

// written counts all letters that there ever were, whatever became of them: in one
// answer, since they go from state to state.
func (r *rig) written() (n int) {
	r.t.Helper()
	for name, k := range r.instances[r.newest()].metrics() {
		if strings.HasPrefix(name, "gate_letters{") {
			n += int(k)
		}
	}
	return n
}

// source is a mail as it lies in the folder, with what is in its parts in the clear.
func (r *rig) source(m mail.Stored) string {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.outbox, m.Name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b) + "\n" + m.Subject + "\n" + m.Text + "\n" + m.HTML
}

// raw sends the text of a request, to which nothing is added, and reads the answer.
func (i *instance) raw(t testing.TB, request string) *page {
	t.Helper()
	c := i.dial(t)
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%.100q: %v", request, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%.100q: %v", request, err)
	}
	return &page{Status: res.StatusCode, Header: res.Header, Body: string(b)}
}
