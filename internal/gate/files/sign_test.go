package files

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pressroom/internal/testkit/locked"
)

func split(t testing.TB, link string) (path, query string) {
	t.Helper()
	path, query, ok := strings.Cut(link, "?")
	if !ok {
		t.Fatalf("no query in %q", link)
	}
	return path, query
}

func TestLink(t *testing.T) {
	k := ring(t, key("k1", noon))
	for _, g := range []Grant{
		{ID: "g7", Account: "a9", Download: id, Expires: noon.Add(5 * time.Minute)},
		{ID: "", Account: "", Download: "x/y", Expires: noon.Add(time.Second)},
		{ID: "a b&c=d", Account: "é+/?#", Download: "V é,;:@&=+$/été 100%", Expires: noon.Add(time.Second)},
	} {
		link, err := k.Link(g, "a b.mxf", noon)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link) // as net/http would
		if err != nil {
			t.Fatal(err)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			got, err := k.Verify(method, u.EscapedPath(), u.RawQuery, g.Expires.Add(-1))
			if err != nil || got != g {
				t.Errorf("%s %s: %v\ngot  %+v\nwant %+v", method, link, err, got, g)
			}
		}
		for _, method := range []string{"POST", "PUT", "get", "OPTIONS", ""} {
			if _, err := k.Verify(method, u.EscapedPath(), u.RawQuery, noon); !errors.Is(err, ErrRefused) {
				t.Errorf("%s %s: %v", method, link, err)
			}
		}
		if _, err := k.Verify("GET", u.EscapedPath(), u.RawQuery, g.Expires); !errors.Is(err, ErrRefused) {
			t.Errorf("%s is good when it has expired: %v", link, err)
		}
	}
}

// What is signed is the text, so every way to write it but one is refused.
func TestVerifyRefuses(t *testing.T) {
	k := ring(t, key("k1", noon), key("k2", noon.Add(-time.Hour)))
	link, err := k.Link(Grant{ID: "g7", Account: "a9", Download: id, Expires: noon.Add(time.Minute)}, "f.mxf", noon)
	if err != nil {
		t.Fatal(err)
	}
	path, query := split(t, link)
	if _, err := k.Verify("GET", path, query, noon); err != nil {
		t.Fatal(err)
	}
	cut := strings.LastIndex(query, "&")
	signature := query[cut+1:]
	swap := func(old, new string) string {
		if !strings.Contains(query, old) {
			t.Fatalf("no %q in %q", old, query)
		}
		return strings.Replace(query, old, new, 1)
	}
	zero := strings.Replace(query[:cut], "key=k1", "key=k3", 1)
	zero += "&signature=" + sign(make([]byte, minSecret), path, zero)
	for name, c := range map[string][2]string{
		"no query":             {path, ""},
		"no signature":         {path, query[:cut]},
		"empty signature":      {path, query[:cut] + "&signature="},
		"padded signature":     {path, query + "="},
		"doubled signature":    {path, query + "&" + signature},
		"doubled account":      {path, query + "&account=a9"},
		"doubled in front":     {path, "account=a9&" + query},
		"unknown parameter":    {path, query + "&x=1"},
		"unknown in front":     {path, "x=1&" + query},
		"trailing ampersand":   {path, query + "&"},
		"leading ampersand":    {path, "&" + query},
		"semicolon":            {path, strings.ReplaceAll(query, "&", ";")},
		"other order":          {path, signature + "&" + query[:cut]},
		"escaped account":      {path, swap("account=a9", "account=%619")},
		"other account":        {path, swap("account=a9", "account=a8")},
		"account and grant":    {path, swap("account=a9&", "account=a9g&")},
		"later":                {path, swap("expires=1", "expires=2")},
		"leading zero":         {path, swap("expires=", "expires=0")},
		"plus":                 {path, swap("expires=", "expires=+")},
		"other key":            {path, swap("key=k1", "key=k2")},
		"unknown key":          {path, swap("key=k1", "key=k3")},
		"no key":               {path, swap("key=k1", "key=")},
		"upper case":           {path, swap("account=", "Account=")},
		"other download":       {strings.Replace(path, "0412", "0413", 1), query},
		"other rendition":      {strings.Replace(path, "1080i50", "2160p50", 1), query},
		"other name":           {strings.Replace(path, "f.mxf", "g.mxf", 1), query},
		"escaped path":         {strings.Replace(path, "MC", "%4dC", 1), query},
		"doubled slash":        {strings.Replace(path, "/files/", "/files//", 1), query},
		"up and down":          {strings.Replace(path, "/files/", "/files/x/../", 1), query},
		"no prefix":            {strings.TrimPrefix(path, "/files"), query},
		"no path":              {"", query},
		"path and query moved": {path + "?" + query[:10], query[10:]},
		"long":                 {path, query + strings.Repeat("x", 1<<20)},
		"key of zeros":         {path, zero},
	} {
		if g, err := k.Verify("GET", c[0], c[1], noon); err != ErrRefused || g != (Grant{}) {
			t.Errorf("%s: %v %+v", name, err, g)
		}
	}
}

// Every byte of a link counts, in each of its bits, and so does every byte that is too
// many or missing.
func TestTamper(t *testing.T) {
	r := newRig(t, 10)
	link := r.link(id)
	path, query := split(t, link)
	now := r.clock()
	if _, err := r.Keys.Verify("GET", path, query, now); err != nil {
		t.Fatal(err)
	}
	try := func(changed string) {
		t.Helper()
		path, query, _ := strings.Cut(changed, "?")
		if _, err := r.Keys.Verify("GET", path, query, now); !errors.Is(err, ErrRefused) {
			t.Fatalf("%q is taken for\n%q: %v", changed, link, err)
		}
	}
	for i := range len(link) {
		for bit := range 8 {
			try(link[:i] + string(rune(link[i]^1<<bit)) + link[i+1:])
		}
		try(link[:i] + link[i+1:])
		try(link[:i] + link[i:i+1] + link[i:])
	}

	// The same over HTTP, where the server's parsing could mend what was broken.
	s := r.serve()
	random := rand.New(rand.NewPCG(1, 2))
	answers := map[string]bool{}
	for tried := 0; tried < 500; {
		at := random.IntN(len(link))
		changed := link[:at] + string(byte(' '+1+random.IntN(94))) + link[at+1:]
		u, err := url.Parse(s.URL + changed)
		if err != nil || changed == link || strings.Contains(changed, "#") || !strings.HasPrefix(changed, "/") {
			continue // cannot be sent
		}
		tried++
		a, body := fetch(t, s.Client(), "GET", u.String())
		if a.StatusCode != http.StatusForbidden {
			t.Fatalf("%q gets %s", changed, a.Status)
		}
		a.Header.Del("Date")
		answers[fmt.Sprint(a.Header, string(body))] = true
	}
	if len(answers) != 1 {
		t.Errorf("refusals differ: %v", answers)
	}
}

func TestKeys(t *testing.T) {
	g := Grant{ID: "g", Account: "a", Download: id, Expires: noon.Add(3 * time.Hour)}
	signer := func(k *Keyring, now time.Time) string {
		t.Helper()
		link, err := k.Link(g, "f", now)
		if err != nil {
			return err.Error()
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("key")
	}
	old, young := key("old", noon.Add(-time.Hour)), key("young", noon)
	old.Until = noon.Add(time.Hour)
	k := ring(t, young, old)
	for now, want := range map[time.Time]string{
		noon.Add(-2 * time.Hour): "sign link: no key is in force now",
		noon.Add(-time.Second):   "old",
		noon:                     "young",
		noon.Add(2 * time.Hour):  "young",
	} {
		if got := signer(k, now); got != want {
			t.Errorf("at %s: %q signs, want %q", now, got, want)
		}
	}
	if got := signer(ring(t, old), old.Until); got != "sign link: no key is in force now" {
		t.Errorf("%q signs when it is over", got)
	}
	link, err := ring(t, old).Link(g, "f", noon)
	if err != nil {
		t.Fatal(err)
	}
	path, query := split(t, link)
	for now, want := range map[time.Time]error{noon.Add(-2 * time.Hour): nil, old.Until.Add(-1): nil, old.Until: ErrRefused} {
		if _, err := k.Verify("GET", path, query, now); err != want {
			t.Errorf("old key at %s: %v, want %v", now, err, want)
		}
	}
	// An instance whose clock is behind verifies what another has begun to sign.
	if link, err = ring(t, young).Link(g, "f", noon); err != nil {
		t.Fatal(err)
	}
	path, query = split(t, link)
	if _, err := k.Verify("GET", path, query, noon.Add(-time.Minute)); err != nil {
		t.Error(err)
	}
}

func TestSetRefuses(t *testing.T) {
	good := key("k1", noon)
	k := ring(t, good)
	for name, keys := range map[string][]Key{
		"none":   {},
		"no id":  {{Secret: good.Secret}},
		"odd id": {{ID: "a&b", Secret: good.Secret}},
		"short":  {{ID: "k", Secret: good.Secret[:31]}},
		"same":   {good, good},
	} {
		if err := k.Set(keys...); err == nil {
			t.Error(name)
		} else if strings.Contains(err.Error(), string(good.Secret[:8])) {
			t.Errorf("%s tells the secret", err)
		}
	}
	if _, err := k.Link(Grant{}, "f", noon); err != nil {
		t.Errorf("the old keys are gone: %v", err)
	}
}

func TestKeyKeepsItsSecret(t *testing.T) {
	k := Key{ID: "k1", Secret: []byte("tell-nobody-tell-nobody-tell-nobody")}
	log := &locked.Buffer{}
	slog.New(slog.NewJSONHandler(log, nil)).Info("key", "key", k)
	slog.New(slog.NewTextHandler(log, nil)).Info("key", "key", k)
	raw, err := json.Marshal(k.Secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%+v", k), log.String()} {
		if strings.Contains(s, "nobody") || strings.Contains(s, strings.Trim(string(raw), `"`)) || strings.Contains(s, "116 101") {
			t.Errorf("tells its secret: %s", s)
		}
	}
}

// Links are signed and verified all the time while keys come and go. A new key stands
// beside the old one until the links of the old one are over; none is refused before.
func TestRotationUnderLoad(t *testing.T) {
	old := key("k0", noon.Add(-time.Hour))
	k := ring(t, old)
	var (
		links   sync.RWMutex // held while a link is good
		checked [4]atomic.Int64
		done    = make(chan struct{})
		workers sync.WaitGroup
	)
	for i := range checked {
		workers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				links.RLock()
				link, err := k.Link(Grant{ID: "g", Account: fmt.Sprint(i), Download: id, Expires: noon.Add(time.Hour)}, "f", noon)
				path, query, _ := strings.Cut(link, "?")
				if err == nil {
					_, err = k.Verify("GET", path, query, noon)
				}
				links.RUnlock()
				if err != nil {
					t.Errorf("%q: %v", link, err)
					return
				}
				checked[i].Add(1)
			}
		})
	}
	enough := func() bool {
		for i := range checked {
			if checked[i].Load() < 500 && !t.Failed() {
				return false
			}
		}
		return true
	}
	for n := 1; n <= 200 || !enough(); n++ {
		young := key(fmt.Sprintf("k%d", n), old.From.Add(time.Nanosecond))
		link, err := k.Link(Grant{Expires: noon.Add(time.Hour)}, "f", noon)
		if err != nil {
			t.Fatal(err)
		}
		path, query := split(t, link)
		if err := k.Set(young, old); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Verify("GET", path, query, noon); err != nil {
			t.Fatalf("a link of the old key beside the new one: %v", err)
		}
		links.Lock() // from here on, the links of the old key are over
		err = k.Set(young)
		links.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Verify("GET", path, query, noon); err != ErrRefused {
			t.Fatalf("a link of a key that is gone: %v", err)
		}
		old = young
	}
	close(done)
	workers.Wait()
}

func FuzzVerify(f *testing.F) {
	k := ring(f, key("k1", noon))
	link, err := k.Link(Grant{ID: "g7", Account: "a9", Download: id, Expires: noon.Add(time.Minute)}, "f.mxf", noon)
	if err != nil {
		f.Fatal(err)
	}
	path, query := split(f, link)
	f.Add("GET", path, query)
	f.Add("HEAD", path, query)
	f.Add("POST", path, query)
	f.Add("GET", path+"/..", query)
	f.Add("GET", path, query+"&account=a9")
	f.Add("GET", path, strings.Replace(query, "k1", "k2", 1))
	f.Add("GET", "/files//", "account=&expires=&grant=&key=&signature=")
	f.Fuzz(func(t *testing.T, method, p, q string) {
		g, err := k.Verify(method, p, q, noon)
		if ours := p == path && q == query && (method == "GET" || method == "HEAD"); ours != (err == nil) {
			t.Errorf("%q %q %q: %v", method, p, q, err)
		}
		if err != nil && (err != ErrRefused || g != (Grant{})) {
			t.Errorf("%v %+v", err, g)
		}
	})
}

func BenchmarkRefuse(b *testing.B) {
	k := ring(b, key("k1", noon))
	link, err := k.Link(Grant{ID: "g7", Account: "a9", Download: id, Expires: noon.Add(time.Minute)}, "f.mxf", noon)
	if err != nil {
		b.Fatal(err)
	}
	path, query := split(b, link)
	query = strings.Replace(query, "a9", "a8", 1)
	for b.Loop() {
		if _, err := k.Verify("GET", path, query, noon); err == nil {
			b.Fatal("taken")
		}
	}
}
