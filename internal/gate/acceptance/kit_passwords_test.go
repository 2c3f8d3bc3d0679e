//go:build gatetest

package acceptance

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// What several of the rows 28 to 50 need.

// hashed is how many hashes of passwords all instances have computed.
func (r *rig) hashed() int { return int(r.all(passwordHashes)) }

// guess tries to log in at one of the instances, with other headers if there are any,
// and returns the status.
func (b *browser) guess(i int, email, pass string, header ...string) int {
	p, err := b.on(i).try(http.MethodPost, "/account/login", strings.NewReader(values("email", email, "password", pass).Encode()), append([]string{
		"Content-Type", "application/x-www-form-urlencoded", "Origin", origin, "Sec-Fetch-Site", "same-origin",
	}, header...)...)
	if err != nil {
		b.rig.t.Errorf("log in: %v", err)
		return 0
	}
	return p.Status
}

// neighbour is another browser at the same address.
func (b *browser) neighbour() *browser {
	c := b.rig.browser()
	c.address = b.address
	return c
}

// enters logs in or fails the test.
func (b *browser) enters(email, pass string) *browser {
	b.rig.t.Helper()
	if p := b.logIn(email, pass); p.Status != http.StatusSeeOther {
		b.rig.t.Fatalf("log in as %s: %d\n%s", email, p.Status, p.text())
	}
	return b
}

// readsMailbox begins a reset and types its code, so that the new password is all that is
// missing. The gap between two mails must be over.
func (b *browser) readsMailbox(email string) {
	b.rig.t.Helper()
	b.rig.settled()
	before := len(b.rig.mails(email))
	if p := b.fill("/account/reset", "email", email); p.Status != http.StatusSeeOther {
		b.rig.t.Fatalf("reset of %s: %d\n%s", email, p.Status, p.text())
	}
	code := codeIn(b.rig.waitMail(email, before+1))
	if p := b.fill("/account/reset/verify", "code", code); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/reset/password") {
		b.rig.t.Fatalf("the code of a reset: %d %q\n%s", p.Status, p.to(), p.text())
	}
}

// resets does all of a reset.
func (b *browser) resets(email, pass string) {
	b.rig.t.Helper()
	b.readsMailbox(email)
	if p := b.fill("/account/reset/password", "password", pass); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/reset/done") {
		b.rig.t.Fatalf("the new password of a reset: %d %q\n%s", p.Status, p.to(), p.text())
	}
}

// sessionToken and flowToken are what the cookies hold.
func (b *browser) sessionToken() string { return b.cookie("__Host-session") }
func (b *browser) flowToken() string    { return b.cookie("__Host-flow") }

func (b *browser) cookie(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cookies[name]
}

func (b *browser) setCookie(name, value string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cookies[name] = value
}

// holding is a new browser with a session's token and nothing else.
func (r *rig) holding(token string) *browser {
	b := r.browser()
	b.setCookie("__Host-session", token)
	return b
}

// say sends a request as it stands, which no client library would, and reads the answer.
// A gate that stops reading is no mistake.
func (i *instance) say(t testing.TB, request string) *page {
	t.Helper()
	c := i.dial(t)
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go io.WriteString(c, request) // while the answer may come already
	method, target, _ := strings.Cut(request, " ")
	res, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	target, _, _ = strings.Cut(target, " ")
	return &page{res.StatusCode, res.Header, string(body), target}
}

// raced tells whether this program was built with the race detector, which takes memory.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// element is one of a page.
type element struct {
	name string
	text string // directly inside
	attr map[string]string
}

// elements are those of a page as a browser reads it.
func (p *page) elements(t testing.TB) (all []element) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		e := element{name: n.Data, attr: map[string]string{}}
		for _, a := range n.Attr {
			e.attr[a.Key] = a.Val
		}
		for c := range n.ChildNodes() {
			if c.Type == html.TextNode {
				e.text += c.Data
			}
		}
		all = append(all, e)
	}
	return all
}

// leads are all addresses that an answer can lead a reader to.
func (p *page) leads(t testing.TB) (all []string) {
	t.Helper()
	if to := p.to(); to != "" {
		all = append(all, to)
	}
	for _, e := range p.elements(t) {
		for _, name := range []string{"href", "src", "action", "formaction"} {
			if v, ok := e.attr[name]; ok {
				all = append(all, v)
			}
		}
		if e.name == "meta" && strings.EqualFold(e.attr["http-equiv"], "refresh") {
			all = append(all, e.attr["content"])
		}
		if e.name == "input" && e.attr["name"] == "return" {
			all = append(all, e.attr["value"])
		}
	}
	return all
}

var (
	withScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
	ownHost    = regexp.MustCompile(`^(https:)?//` + regexp.QuoteMeta(host) + `([/?#]|$)`)
)

// strays tells whether a browser, or a proxy on the way that decodes escapes, could take
// an address for another site's. It reads as the WHATWG's URL standard does: tabs and
// line ends are dropped, and a backslash is a slash.
func strays(address string) bool {
	for {
		plain := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(strings.TrimFunc(address, func(r rune) bool { return r <= ' ' }))
		if (withScheme.MatchString(plain) || strings.HasPrefix(plain, "//")) && !ownHost.MatchString(plain) {
			return true
		}
		// What stands behind a ? or # leads nowhere, however it is written.
		path, _, _ := strings.Cut(address, "?")
		path, _, _ = strings.Cut(path, "#")
		next, err := url.PathUnescape(path)
		if err != nil || next == path {
			return false
		}
		address = next
	}
}

// unguarded is what an answer lacks of the headers that all have, "" for nothing. With
// them no other site can frame it, and no page runs what does not come from this one.
func (p *page) unguarded() string {
	policy := map[string]string{}
	for _, directive := range strings.Split(p.Header.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
		policy[name] = value
	}
	var lacks []string
	want := func(what, is, should string) {
		if is != should {
			lacks = append(lacks, fmt.Sprintf("%s is %q", what, is))
		}
	}
	want("number of policies", fmt.Sprint(len(p.Header.Values("Content-Security-Policy"))), "1")
	want("default-src", policy["default-src"], "'none'")
	want("base-uri", policy["base-uri"], "'none'")
	for name, value := range policy {
		if name == "frame-ancestors" { // a row of its own
			continue
		}
		for _, source := range strings.Fields(value) {
			if source != "'self'" && source != "'none'" && !(source == "data:" && name == "img-src") {
				lacks = append(lacks, fmt.Sprintf("%s allows %s", name, source))
			}
		}
	}
	if _, ok := policy["form-action"]; !ok {
		lacks = append(lacks, "no form-action")
	}
	want("X-Content-Type-Options", p.Header.Get("X-Content-Type-Options"), "nosniff")
	want("Cross-Origin-Opener-Policy", p.Header.Get("Cross-Origin-Opener-Policy"), "same-origin")
	want("Referrer-Policy", p.Header.Get("Referrer-Policy"), "same-origin")
	slices.Sort(lacks)
	return strings.Join(lacks, ", ")
}

// frameable is how another site could frame an answer, "" for not at all.
func (p *page) frameable() string {
	for _, directive := range strings.Split(p.Header.Get("Content-Security-Policy"), ";") {
		if strings.TrimSpace(directive) == "frame-ancestors 'none'" {
			if p.Header.Get("X-Frame-Options") != "DENY" {
				return "an old browser may"
			}
			return ""
		}
	}
	return "no frame-ancestors 'none'"
}
