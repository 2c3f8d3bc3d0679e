package preview

import (
	"bytes"
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"pressroom/internal/headers"
	"pressroom/internal/media"
	"pressroom/internal/source"
)

// unsettled is how long a request waits for the build that follows a change.
const unsettled = 2 * time.Second

//go:embed live.js
var liveJS []byte

//go:embed notice.css
var noticeCSS []byte

// ServeHTTP answers from the last good build.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	switch {
	case !s.answersTo(r.Host):
		http.Error(w, "This is a preview; it answers to localhost and the address that it is bound to.", http.StatusMisdirectedRequest)
	case s.Gate != nil && isCompanion(r.URL.Path):
		s.Gate.ServeHTTP(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "A preview can only be read.", http.StatusMethodNotAllowed)
	case !plain(r.URL):
		http.Error(w, "There is no such path.", http.StatusNotFound)
	case r.URL.Path == "/_press/events":
		s.events(w, r)
	case r.URL.Path == "/_press/live.js":
		s.send(w, r, nil, answer{status: http.StatusOK, name: "live.js", body: liveJS})
	case r.URL.Path == "/_press/notice.css":
		s.send(w, r, nil, answer{status: http.StatusOK, name: "notice.css", body: noticeCSS})
	default:
		st, a := s.settled(r)
		s.send(w, r, st, a)
	}
}

// answersTo tells whether a request was meant for this server. A web page whose name
// was made to lead to this computer sends its own name and gets nothing; an address in
// figures cannot be made to lead elsewhere.
func (s *Server) answersTo(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, host) || host != "" && host == strings.ToLower(s.Host) {
		return true
	}
	bound, err := netip.ParseAddr(s.Host)
	if err != nil || !bound.IsUnspecified() {
		return false
	}
	_, err = netip.ParseAddr(host)
	return err == nil
}

// plain tells whether a path says what it means: no way up, no empty part, nothing that
// one program takes for a separator and another does not.
func plain(u *url.URL) bool {
	p := u.Path
	if !strings.HasPrefix(p, "/") || strings.Contains(p, "//") || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return false
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "." || part == ".." {
			return false
		}
	}
	return !strings.Contains(strings.ToLower(u.EscapedPath()), "%2f")
}

// settled is the answer to a request. A file that has changed since the picture was
// taken is waited for: the next build is on its way.
func (s *Server) settled(r *http.Request) (*state, answer) {
	limit := time.After(unsettled)
	for {
		st := s.state.Load()
		if st == nil {
			return nil, answer{status: http.StatusServiceUnavailable, name: "wait.txt", body: []byte("The first build is not done yet.\n")}
		}
		a, err := st.answer(r.URL.Path)
		if err == nil {
			return st, a
		}
		select {
		case <-st.over:
		case <-r.Context().Done():
			return st, a
		case <-limit:
			return st, broken(r.URL.Path, err)
		}
	}
}

// moving tells whether an error comes of a change that the next build will know of.
func moving(err error) bool {
	return errors.Is(err, source.ErrChanged) || errors.Is(err, fs.ErrNotExist)
}

// send writes an answer.
func (s *Server) send(w http.ResponseWriter, r *http.Request, st *state, a answer) {
	h := w.Header()
	if a.to != "" {
		h.Set("Cache-Control", "no-store") // a browser keeps a 301 for ever, and this port for other sites
		if r.URL.RawQuery != "" {
			a.to += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, a.to, a.status)
		return
	}
	body := a.open
	if body == nil {
		if a.live() {
			a.body = inject(st, a)
		}
		a.key = fingerprint(a.body)
		body = nopCloser{bytes.NewReader(a.body)}
	}
	defer body.Close()
	for _, of := range headers.For(r.URL.Path) {
		// What the published site says to browsers, but that they shall remember: this
		// port may be another site's tomorrow.
		if of.Name != "Cache-Control" && of.Name != "Strict-Transport-Security" {
			h.Set(of.Name, of.Value)
		}
	}
	h.Set("Content-Type", media.Type(a.name))
	h.Set("ETag", `"`+a.key+`"`)
	if a.status == http.StatusOK {
		http.ServeContent(w, r, "", time.Time{}, body)
		return
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		io.Copy(w, body) // a reader who left needs no answer
	}
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// withSlash is where a page stands whose path lacks its slash.
func withSlash(p string) string { return (&url.URL{Path: p + "/"}).EscapedPath() }
