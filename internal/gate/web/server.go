package web

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"pressroom/internal/gate"
)

// Server answers the gate's paths. All fields but those said to be optional are needed.
type Server struct {
	Gate  *gate.Gate
	Pages *Pages
	Base  *url.URL // where the site stands: scheme and host alone are looked at
	// Embedded is a gate within a preview, which has judged the Host itself: it is
	// reached by several names, and a form comes from the one that it was shown at.
	Embedded bool
	// Trusted are the networks whose X-Forwarded-For is believed.
	Trusted []netip.Prefix
	// Elsewhere is the origin that a download may lead to, as "https://s3.example.org",
	// or "": browsers want to know it beforehand.
	Elsewhere string
	// Link makes the address at which a grant's file is to be had.
	Link func(*gate.Granted) (string, error)
	// Files answers /files/…
	Files http.Handler
	Log   *slog.Logger
	// Answered is told of every answer, for the metrics; may be nil.
	Answered func(route, method string, status int, took time.Duration)
}

// Limits of a request. Forms are small; what is larger is no reader's.
const (
	maxBody   = 16 << 10
	maxFields = 50
	bodyTime  = 10 * time.Second // for the whole form
	pageTime  = 30 * time.Second // for the whole answer, unless it is a file
)

// MaxHeader is how many bytes of header a server in front of Handler should take.
const MaxHeader = 16 << 10

// handle answers one request. What it returns is told to the visitor, if it is a
// refusal, or to the operator.
type handle func(*asked) error

// route is what stands at a path: GET shows, POST acts.
type route struct {
	get, post handle
	// open takes a POST with a token in its address from anywhere, as mail programs send
	// it: the token proves it, and no cookie acts.
	open bool
}

func routes() map[string]route {
	return map[string]route{
		"/account":                {get: (*asked).showAccount, post: (*asked).saveAccount},
		"/account/register":       {get: (*asked).showRegister, post: (*asked).register},
		"/account/verify":         {get: (*asked).showVerify, post: (*asked).verify},
		"/account/verify/resend":  {get: (*asked).showVerify, post: (*asked).resendVerify},
		"/account/welcome":        {get: (*asked).showWelcome},
		"/account/login":          {get: (*asked).showLogIn, post: (*asked).logIn},
		"/account/logout":         {get: (*asked).showLogOut, post: (*asked).logOut},
		"/account/reset":          {get: (*asked).showReset, post: (*asked).reset},
		"/account/reset/verify":   {get: (*asked).showResetVerify, post: (*asked).resetVerify},
		"/account/reset/resend":   {get: (*asked).showResetVerify, post: (*asked).resendReset},
		"/account/reset/password": {get: (*asked).showNewPassword, post: (*asked).newPassword},
		"/account/reset/done":     {get: (*asked).showResetDone},
		"/account/session":        {get: (*asked).session},
		"/account/sessions":       {get: (*asked).showSessions, post: (*asked).endSessions},
		"/account/downloads":      {get: (*asked).showDownloads},
		"/account/password":       {get: (*asked).showPassword, post: (*asked).changePassword},
		"/account/export":         {get: (*asked).showExport, post: (*asked).export},
		"/account/delete":         {get: (*asked).showDelete, post: (*asked).delete},
		"/newsletter/subscribe":   {get: (*asked).showNewsletter, post: (*asked).subscribe},
		"/newsletter/confirm":     {get: (*asked).showConfirm, post: (*asked).confirm},
		"/newsletter/resend":      {get: (*asked).showConfirm, post: (*asked).resendConfirm},
		"/newsletter/unsubscribe": {get: (*asked).showUnsubscribe, post: (*asked).unsubscribe, open: true},
		downloads:                 {get: (*asked).download},
	}
}

// Handler answers every request: what is not one of the gate's paths is not found.
func (s *Server) Handler() http.Handler {
	routes := routes()
	csrf := http.NewCrossOriginProtection()
	if err := csrf.AddTrustedOrigin(s.Base.Scheme + "://" + s.Base.Host); err != nil {
		panic(err) // the base was checked when it was configured
	}
	secure := s.secure()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		maps.Copy(w.Header(), secure)
		if strings.HasPrefix(r.URL.Path, "/files/") && s.knownHost(r.Host) && len(r.TransferEncoding) == 0 {
			// The kernel sends the bytes, so nothing may stand between: see Files.
			s.Files.ServeHTTP(w, r)
			s.answered("/files", r.Method, 0, start)
			return
		}
		q := &asked{Server: s, w: &answer{ResponseWriter: w}, r: r, id: requestID()}
		name, to := match(routes, r.URL)
		q.route = name
		defer func() {
			if p := recover(); p != nil {
				s.Log.Error("a handler failed", "request", q.id, "route", name, "panic", p, "stack", string(debug.Stack()))
				if q.w.status == 0 {
					q.message(http.StatusInternalServerError, "error", 0)
				}
			}
			s.answered(name, r.Method, q.w.status, start)
			level := slog.LevelInfo
			if name == "/account/session" { // asked for by every page that anybody opens
				level = slog.LevelDebug
			}
			if !s.Log.Enabled(r.Context(), level) {
				return
			}
			s.Log.Log(r.Context(), level, "answered", "request", q.id, "route", name, "method", method(r.Method), "status", q.w.status, "ms", time.Since(start).Milliseconds())
		}()
		conn := http.NewResponseController(w) // a server without deadlines is one inside another
		_ = conn.SetWriteDeadline(start.Add(pageTime))
		if r.ContentLength != 0 {
			// Who sends a body byte by byte keeps a connection, but not for long, whatever
			// becomes of the request.
			_ = conn.SetReadDeadline(start.Add(bodyTime))
		}
		s.serve(q, to, csrf)
	})
}

func (s *Server) answered(route, m string, status int, start time.Time) {
	if s.Answered != nil {
		s.Answered(route, method(m), status, time.Since(start))
	}
}

// method is a request's method where it is written down: a stranger's word is not.
func method(m string) string {
	if m == http.MethodGet || m == http.MethodHead || m == http.MethodPost {
		return m
	}
	return "other"
}

// serve judges what can be judged before anybody looks at what is asked.
func (s *Server) serve(q *asked, to route, csrf *http.CrossOriginProtection) {
	r := q.r
	if len(r.TransferEncoding) > 0 {
		// No browser sends a form in chunks. A request that is said to have both chunks and
		// a length ends elsewhere for some proxy in front (RFC 9112 §11.2), and net/http
		// does not tell us of the length: what follows on the connection is not read.
		q.w.Header().Set("Connection", "close")
		q.plain(http.StatusLengthRequired, "Send the form with its length.")
		return
	}
	if !s.knownHost(r.Host) {
		// Answered for no name but the site's, so that no mail and no link can lead
		// elsewhere (RFC 9110 §15.5.20).
		q.plain(http.StatusMisdirectedRequest, "This is not the site that was asked for.")
		return
	}
	q.client = s.client(r)
	if q.route == "" {
		q.message(http.StatusNotFound, "not_found", 0)
		return
	}
	h := to.get
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		h = to.post
	default:
		h = nil
	}
	if h == nil {
		allow := "GET, HEAD"
		if to.post != nil {
			allow += ", POST"
		}
		q.w.Header().Set("Allow", allow)
		q.message(http.StatusMethodNotAllowed, "method", 0)
		return
	}
	if r.Method == http.MethodPost {
		proven := to.open && r.URL.Query().Get("t") != "" // by a token; an empty one leaves it to the cookie
		if !proven && !s.sameOrigin(r, csrf) {
			s.Gate.Note(q.ctx(), q.visitorOf(), "form", "cross_site")
			q.message(http.StatusForbidden, "cross_site", 0)
			return
		}
		status := q.parse()
		if proven && status == http.StatusUnsupportedMediaType {
			// Mail programs should send multipart/form-data (RFC 8058 §3.2), which says
			// nothing that the token does not: it is not read.
			q.form, status = url.Values{}, 0
		}
		if status != 0 {
			q.message(status, "form", 0)
			return
		}
	} else {
		q.form = q.query()
		if q.form == nil {
			q.message(http.StatusBadRequest, "form", 0)
			return
		}
	}
	q.returns = gate.ReturnPath(q.value("return"))
	q.chooseLanguage()
	if q.returns == "" && q.value("return") != "" {
		q.returns = q.Pages.Home(q.lang) // what is no page of this site leads home
	}
	if err := h(q); err != nil {
		q.fail(err)
	}
}

// match finds the route of a path, which is taken as it came: what a proxy or a cache
// might read in another way ("//", "..", escapes, ";", http:/path) is no path of ours.
func match(routes map[string]route, u *url.URL) (string, route) {
	if u.RawPath != "" || u.Scheme != "" && u.Host == "" || strings.Contains(u.Path, "//") || strings.ContainsAny(u.Path, ";\\\x00%") || slices.ContainsFunc(strings.Split(u.Path, "/"), func(p string) bool { return p == "." || p == ".." }) {
		return "", route{}
	}
	if to, ok := routes[u.Path]; ok {
		return u.Path, to
	}
	if strings.HasPrefix(u.Path, downloads) && strings.Count(u.Path[len(downloads):], "/") == 1 && !strings.HasSuffix(u.Path, "/") {
		return downloads, routes[downloads]
	}
	return "", route{}
}

// downloads begins the paths of downloads.
const downloads = "/download/"

// knownHost tells whether a request is meant for this site.
func (s *Server) knownHost(host string) bool {
	return s.Embedded || strings.EqualFold(host, s.Base.Host)
}

// origin is where a form of this site comes from.
func (s *Server) origin(r *http.Request) string {
	if s.Embedded {
		return s.Base.Scheme + "://" + r.Host
	}
	return s.Base.Scheme + "://" + s.Base.Host
}

// sameOrigin tells whether a form was sent from a page of this site. CrossOriginProtection
// looks at Sec-Fetch-Site and takes an Origin by its host alone, so its whole text is
// compared besides. A request with neither header comes from no browser of today; it may
// act as long as it brings no cookie.
func (s *Server) sameOrigin(r *http.Request, csrf *http.CrossOriginProtection) bool {
	if csrf.Check(r) != nil {
		return false
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "same-origin", "none":
	default:
		return false
	}
	if values := r.Header.Values("Origin"); len(values) > 0 {
		return len(values) == 1 && values[0] == s.origin(r)
	}
	return r.Header.Get("Sec-Fetch-Site") != "" || len(r.Cookies()) == 0
}

// secure is what every answer has, whatever becomes of it: nobody in between keeps it,
// and no page of ours runs what is not ours or stands in another's frame. All answers
// share the values, so they are replaced and never changed.
func (s *Server) secure() http.Header {
	h := http.Header{}
	form := "'self'"
	if s.Elsewhere != "" {
		form += " " + s.Elsewhere // where a log-in that leads on to a download ends
	}
	h.Set("Cache-Control", "private, no-store")
	h.Set("CDN-Cache-Control", "no-store") // RFC 9213
	h.Set("Surrogate-Control", "no-store") // of older ones
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; worker-src 'self'; connect-src 'self'; form-action "+form+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer the Origin of forms would be null
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("X-Robots-Tag", "noindex")
	if s.Base.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return h
}

// client is the address that limits count.
func (s *Server) client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		// Of a server inside another one. Better one bucket for all than none.
		return netip.IPv4Unspecified()
	}
	return gate.ClientAddr(peer.Addr(), r.Header.Values("X-Forwarded-For"), s.Trusted)
}

// formID is the hidden field by which a form that is sent twice is known: 144 bits.
func formID() string { return requestID() + requestID() }

func requestID() string {
	var b [9]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
