//go:build gatetest

package acceptance

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"pressroom/internal/gate/mail"
)

// browser is somebody with cookies, at an address. It is nobody's client library: the
// cookies are sent as they were set, and nothing is followed unless asked.
type browser struct {
	rig     *rig
	at      int    // which instance answers
	address string // whom the proxy in front says it is
	header  http.Header
	mu      *sync.Mutex
	cookies map[string]string
	client  *http.Client
}

var lastAddress = struct {
	sync.Mutex
	n int
}{}

// browser is a new one, at an address of its own: limits by network are no other's.
func (r *rig) browser() *browser {
	lastAddress.Lock()
	lastAddress.n++
	n := lastAddress.n
	lastAddress.Unlock()
	return &browser{
		rig: r, address: fmt.Sprintf("198.%d.%d.%d", 18+n/50_000, n/200%250, 10+n%200), header: http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}},
		mu:      &sync.Mutex{},
		cookies: map[string]string{},
		client:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// on is the same browser as another instance sees it.
func (b *browser) on(instance int) *browser {
	c := *b
	c.at = instance % len(b.rig.instances)
	return &c
}

// copyOf is another browser with the same cookies.
func (b *browser) copyOf() *browser {
	c := b.rig.browser()
	b.mu.Lock()
	defer b.mu.Unlock()
	for k, v := range b.cookies {
		c.cookies[k] = v
	}
	return c
}

// page is an answer.
type page struct {
	Status int
	Header http.Header
	Body   string
	URL    string
}

// to is where the answer leads.
func (p *page) to() string { return p.Header.Get("Location") }

// request sends anything. Header values that are "" are left out.
func (b *browser) request(method, path string, body io.Reader, header ...string) *page {
	b.rig.t.Helper()
	p, err := b.try(method, path, body, header...)
	if err != nil {
		b.rig.t.Fatalf("%s %s: %v", method, path, err)
	}
	return p
}

func (b *browser) try(method, path string, body io.Reader, header ...string) (*page, error) {
	req, err := http.NewRequest(method, "http://"+b.rig.instances[b.at].public+path, body)
	if err != nil {
		return nil, err
	}
	req.Host = host
	for k, v := range b.header {
		req.Header[k] = v
	}
	req.Header.Set("X-Forwarded-For", b.address)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			req.Header.Del(header[i])
		} else {
			req.Header.Set(header[i], header[i+1])
		}
	}
	b.mu.Lock()
	for _, name := range sortedKeys(b.cookies) {
		req.AddCookie(&http.Cookie{Name: name, Value: b.cookies[name]})
	}
	b.mu.Unlock()
	res, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	b.mu.Unlock()
	return &page{res.StatusCode, res.Header, string(text), path}, nil
}

func sortedKeys(m map[string]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (b *browser) get(path string, header ...string) *page {
	b.rig.t.Helper()
	return b.request(http.MethodGet, path, nil, append([]string{"Sec-Fetch-Site", "same-origin"}, header...)...)
}

// post sends a form as a page of the site would.
func (b *browser) post(path string, form ...string) *page {
	b.rig.t.Helper()
	return b.postForm(path, values(form...))
}

func (b *browser) postForm(path string, form url.Values, header ...string) *page {
	b.rig.t.Helper()
	return b.request(http.MethodPost, path, strings.NewReader(form.Encode()), append([]string{
		"Content-Type", "application/x-www-form-urlencoded", "Origin", origin, "Sec-Fetch-Site", "same-origin",
	}, header...)...)
}

// tryPost is post without failing the test: for many at once, and for gates that die.
func (b *browser) tryPost(path string, form ...string) (*page, error) {
	return b.try(http.MethodPost, path, strings.NewReader(values(form...).Encode()),
		"Content-Type", "application/x-www-form-urlencoded", "Origin", origin, "Sec-Fetch-Site", "same-origin")
}

// fill gets a page and sends its form, hidden fields and all, with these values.
func (b *browser) fill(path string, form ...string) *page {
	b.rig.t.Helper()
	p := b.get(path)
	v := p.hidden()
	for i := 0; i+1 < len(form); i += 2 {
		v.Set(form[i], form[i+1])
	}
	at, _, _ := strings.Cut(path, "?")
	return b.postForm(at, v)
}

var hiddenField = regexp.MustCompile(`<input type="?hidden"? name="?([a-z]+)"? value="?([^">]*)"?`)

// hidden are the hidden fields of the first form of the page's main part.
func (p *page) hidden() url.Values {
	v := url.Values{}
	_, main, _ := strings.Cut(p.Body, "<main")
	_, form, _ := strings.Cut(main, "<form")
	form, _, _ = strings.Cut(form, "</form")
	for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
		v.Set(m[1], html.UnescapeString(m[2]))
	}
	return v
}

// password is a good one.
const password = "Correct-Horse-7-Battery"

// person is a new name and address.
func (r *rig) person() (name, email string) {
	lastAddress.Lock()
	lastAddress.n++
	n := lastAddress.n
	lastAddress.Unlock()
	return fmt.Sprintf("Ines Okafor %d", n), fmt.Sprintf("ines.okafor.%d@newsdesk.press", n)
}

// register sends the form and returns the answer.
func (b *browser) register(email, pass string) *page {
	b.rig.t.Helper()
	return b.fill("/account/register", "email", email, "password", pass, "name", "Ines Okafor", "organisation", "Coast Radio")
}

// signUp makes an account and leaves the browser logged in.
func (b *browser) signUp() (email string) {
	b.rig.t.Helper()
	_, email = b.rig.person()
	b.signUpAs(email, password)
	return email
}

func (b *browser) signUpAs(email, pass string) {
	b.rig.t.Helper()
	if p := b.register(email, pass); p.Status != http.StatusSeeOther {
		b.rig.t.Fatalf("register %s: %d\n%s", email, p.Status, p.text())
	}
	if p := b.post("/account/verify", "code", b.rig.code(email)); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/welcome") {
		b.rig.t.Fatalf("verify %s: %d %s\n%s", email, p.Status, p.to(), p.text())
	}
}

func (b *browser) logIn(email, pass string) *page {
	b.rig.t.Helper()
	return b.post("/account/login", "email", email, "password", pass)
}

// signedIn asks as a static page does.
func (b *browser) signedIn() bool {
	b.rig.t.Helper()
	p := b.get("/account/session")
	var s struct {
		SignedIn bool `json:"signedIn"`
	}
	if err := json.Unmarshal([]byte(p.Body), &s); err != nil || p.Status != http.StatusOK {
		b.rig.t.Fatalf("/account/session: %d %q %v", p.Status, p.Body, err)
	}
	return s.SignedIn
}

var (
	scripts = regexp.MustCompile(`(?s)<(script|style|head)\b.*?</(script|style|head)>`)
	tags    = regexp.MustCompile(`<[^>]*>`)
	blanks  = regexp.MustCompile(`\s+`)
)

// text is what the page says in its main part.
func (p *page) text() string {
	_, main, ok := strings.Cut(p.Body, "<main")
	if !ok {
		main = p.Body
	}
	main, _, _ = strings.Cut(main, "</main")
	return strings.TrimSpace(blanks.ReplaceAllString(tags.ReplaceAllString(scripts.ReplaceAllString("<"+main, " "), " "), " "))
}

// mails are those to an address, oldest first; "" for all.
func (r *rig) mails(to string) []mail.Stored {
	r.t.Helper()
	list, err := r.inbox.of(to)
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// waitMail waits until so many mails have come to an address, and returns the newest.
func (r *rig) waitMail(to string, n int) mail.Stored {
	r.t.Helper()
	var list []mail.Stored
	eventually(r.t, fmt.Sprintf("mail %d to %s", n, to), func() bool { list = r.mails(to); return len(list) >= n })
	return list[len(list)-1]
}

var codeLine = regexp.MustCompile(`(?m)^([0-9]{6}|[0-9]{8})\r?$`)

// codeIn is the code of a mail, or "".
func codeIn(m mail.Stored) string {
	if c := codeLine.FindStringSubmatch(m.Text); c != nil {
		return c[1]
	}
	return ""
}

// code waits for the next mail with a code to an address, beyond those read before.
func (r *rig) code(to string) string {
	r.t.Helper()
	return codeIn(r.waitMail(to, 1))
}

// otherCode is a wrong one of the same length.
func otherCode(code string, n int) string {
	var v int
	fmt.Sscan(code, &v)
	mod := 1
	for range code {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", len(code), (v+n)%mod)
}
