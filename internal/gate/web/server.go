package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/catalogue"
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		if strings.HasPrefix(r.URL.Path, "/files/") && s.knownHost(r.Host) && len(r.TransferEncoding) == 0 {
			// The kernel sends the bytes, so nothing may stand between: see Files.
			s.secure(w.Header())
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
			s.Log.Log(r.Context(), level, "answered", "request", q.id, "route", name, "method", method(r.Method), "status", q.w.status, "ms", time.Since(start).Milliseconds())
		}()
		conn := http.NewResponseController(w) // a server without deadlines is one inside another
		_ = conn.SetWriteDeadline(start.Add(pageTime))
		if r.ContentLength != 0 {
			// Who sends a body byte by byte keeps a connection, but not for long, whatever
			// becomes of the request.
			_ = conn.SetReadDeadline(start.Add(bodyTime))
		}
		s.secure(w.Header())
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

// secure sets what every answer has, whatever becomes of it: nobody in between keeps it,
// and no page of ours runs what is not ours or stands in another's frame.
func (s *Server) secure(h http.Header) {
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

// answer remembers what was sent.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// asked is one request, with what was found out about it.
type asked struct {
	*Server
	w       *answer
	r       *http.Request
	id      string
	route   string
	client  netip.Addr
	form    url.Values
	returns string // the page to go back to, or ""
	lang    string

	known   bool          // whether who is looked up
	entered *gate.Session // of who is logged in
	account *gate.Account
}

func (q *asked) ctx() context.Context { return q.r.Context() }

// parse reads a form: small, of plain fields, each once. It returns a status for what is
// not.
func (q *asked) parse() int {
	r := q.r
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return http.StatusUnsupportedMediaType
	}
	if r.ContentLength > maxBody {
		return http.StatusRequestEntityTooLarge
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(http.MaxBytesReader(q.w, r.Body, maxBody)); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	}
	// All is read; a handler may take longer than the sender could.
	_ = http.NewResponseController(q.w).SetReadDeadline(time.Time{})
	form, ok := parseFields(body.String())
	if !ok {
		return http.StatusBadRequest
	}
	q.form = form
	return 0
}

// query are the fields of a GET, or nil when they are none.
func (q *asked) query() url.Values {
	form, ok := parseFields(q.r.URL.RawQuery)
	if !ok {
		return nil
	}
	return form
}

// parseFields refuses a field that comes twice: one part of a system might look at the
// first and another at the last. Topics are a list.
func parseFields(s string) (url.Values, bool) {
	if strings.Count(s, "&") >= maxFields {
		return nil, false
	}
	form, err := url.ParseQuery(s)
	if err != nil {
		return nil, false
	}
	for name, values := range form {
		if len(values) > 1 && name != "topic" {
			return nil, false
		}
	}
	return form, true
}

func (q *asked) value(name string) string { return q.form.Get(name) }

// chooseLanguage: what was asked for, else that of the page the reader came from, else
// what the browser prefers.
func (q *asked) chooseLanguage() {
	want := q.value("lang")
	if want == "" && q.returns == "" {
		want = q.Pages.Prefer(q.r.Header.Get("Accept-Language"))
	}
	q.lang = q.Pages.Language(want, q.returns)
}

// visitor is who asks, as the rules know them.
func (q *asked) visitor() gate.Visitor {
	return gate.Visitor{
		Network: gate.Network(q.client), Coarse: gate.Coarse(q.client), Agent: gate.Agent(q.r.UserAgent()),
		Language: q.lang, Request: q.id, Work: q.value("work"),
	}
}

// visitorOf is visitor for a request that was not read.
func (q *asked) visitorOf() gate.Visitor {
	return gate.Visitor{Network: gate.Network(q.client), Request: q.id}
}

// Cookies. The prefix __Host- holds them to this host, and to https; a preview without
// https has no such luck and needs none.
func (s *Server) cookieName(name string) string {
	if s.Base.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

const (
	flowCookie    = "flow"
	sessionCookie = "session"
)

func (q *asked) token(cookie string) string {
	// Of two cookies of one name nobody knows which is ours.
	if c := q.r.CookiesNamed(q.cookieName(cookie)); len(c) == 1 {
		return c[0].Value
	}
	return ""
}

func (q *asked) setToken(cookie, token string, life time.Duration) {
	http.SetCookie(q.w, &http.Cookie{
		Name: q.cookieName(cookie), Value: token, Path: "/", MaxAge: int(life.Seconds()),
		Secure: q.Base.Scheme == "https", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (q *asked) dropToken(cookie string) { q.setToken(cookie, "", -time.Second) }

// enter gives the browser the session it has just won.
func (q *asked) enter(in *gate.Entered) {
	q.setToken(sessionCookie, in.Token, q.Gate.Limits.SessionLife)
	q.known, q.entered, q.account = true, in.Session, in.Account
}

// who finds out who is logged in; nobody is nil.
func (q *asked) who() (*gate.Account, error) {
	if q.known {
		return q.account, nil
	}
	s, a, err := q.Gate.SignedIn(q.ctx(), q.token(sessionCookie), true)
	if errors.Is(err, &gate.Refusal{Kind: gate.NotLoggedIn}) {
		q.known = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	q.known, q.entered, q.account = true, s, a
	return a, nil
}

// must is who for pages of somebody who is logged in.
func (q *asked) must() error {
	a, err := q.who()
	if err == nil && a == nil {
		err = &gate.Refusal{Kind: gate.NotLoggedIn}
	}
	if err == nil && q.value("lang") == "" && q.returns == "" {
		q.lang = q.Pages.Language(a.Language, "")
	}
	return err
}

// show writes a page.
func (q *asked) show(status int, v View) error {
	at := At{Lang: q.lang, Path: q.r.URL.Path, Return: q.returns, Answered: q.r.Method == http.MethodPost}
	if q.account != nil {
		at.Reader = q.account.Name
	}
	for _, name := range []string{"t", "new"} { // without which it would be another page
		if q.form.Has(name) {
			at.Query = url.Values{name: q.form[name]}
		}
	}
	h := v.head()
	if h.Form.Token == "" {
		// Kept over the mistakes of one form; never taken from an address, which could be
		// somebody else's choice.
		if q.r.Method == http.MethodPost {
			h.Form.Token = q.value("form")
		}
		h.Form.Token = cmpOr(h.Form.Token, formID())
	}
	var b bytes.Buffer
	if err := q.Pages.Render(&b, at, v); err != nil {
		return fmt.Errorf("draw %s: %w", at.Path, err)
	}
	q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	q.w.Header().Set("Content-Language", q.lang)
	q.w.WriteHeader(status)
	_, err := q.w.Write(b.Bytes())
	return quiet(err)
}

// quiet forgets that a reader left while an answer was being written.
func quiet(error) error { return nil }

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// redirect leads to a path of this site after a POST, or to a file.
func (q *asked) redirect(to string) error {
	q.w.Header().Set("Location", to)
	q.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// to is a path of the gate in the same language and with the same way back.
func (q *asked) to(path string, more ...string) string {
	v := url.Values{}
	if q.value("lang") != "" {
		v.Set("lang", q.lang)
	}
	if q.returns != "" {
		v.Set("return", q.returns)
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// plain answers without a page.
func (q *asked) plain(status int, text string) {
	q.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	q.w.WriteHeader(status)
	fmt.Fprintln(q.w, text)
}

// message shows the page that says one thing.
func (q *asked) message(status int, kind string, wait time.Duration) {
	if q.lang == "" {
		q.lang = q.Pages.Language(cmpOr(q.r.URL.Query().Get("lang"), q.Pages.Prefer(q.r.Header.Get("Accept-Language"))), "")
	}
	if q.form == nil {
		q.form = url.Values{}
	}
	if wait > 0 {
		q.w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
	}
	if err := q.show(status, &Message{Kind: kind, Wait: wait}); err != nil {
		q.Log.Error("cannot draw a page", "request", q.id, "err", err)
		q.plain(status, http.StatusText(status))
	}
}

// seconds are rounded up: who comes back then is not sent away again.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// fail answers a request whose handler returned an error: a refusal by a page, all else
// by an apology and a line in the log.
func (q *asked) fail(err error) {
	var refusal *gate.Refusal
	switch {
	case errors.As(err, &refusal):
		if refusal.Kind == gate.NotLoggedIn {
			if q.r.Method == http.MethodPost {
				q.message(http.StatusForbidden, string(refusal.Kind), 0)
				return
			}
			v := url.Values{"lang": {q.lang}}
			if back := q.cameFrom(); back != "" {
				v.Set("return", back)
			}
			q.redirect("/account/login?" + v.Encode())
			return
		}
		q.message(status(refusal.Kind), string(refusal.Kind), refusal.Wait)
	case q.ctx().Err() != nil:
		q.plain(http.StatusServiceUnavailable, "You left.") // nobody reads it
	case errors.Is(err, gate.ErrStore):
		q.Log.Error("the database", "request", q.id, "route", q.route, "err", err)
		q.message(http.StatusServiceUnavailable, "unavailable", 10*time.Second)
	default:
		q.Log.Error("failed", "request", q.id, "route", q.route, "err", err)
		q.message(http.StatusInternalServerError, "error", 0)
	}
}

// cameFrom is where a log-in leads back to: the page that was asked for, unless it is
// one of the account's own, which come after a log-in anyway.
func (q *asked) cameFrom() string {
	if strings.HasPrefix(q.r.URL.Path, downloads) {
		return gate.ReturnPath(q.r.URL.RequestURI())
	}
	return q.returns
}

// status is the one table of refusals and HTTP.
func status(k gate.Kind) int {
	switch k {
	case gate.TooMany, gate.NeedsWork, gate.TooMuch:
		return http.StatusTooManyRequests
	case gate.Busy:
		return http.StatusServiceUnavailable
	case gate.NoDownload:
		return http.StatusNotFound
	case gate.NotYet, gate.NoLonger, gate.Blocked, gate.NotFresh, gate.NotLoggedIn:
		return http.StatusForbidden
	}
	return http.StatusUnprocessableEntity
}

// refused tells a form what is wrong with it, and shows it again. What is no refusal is
// returned.
func (q *asked) refused(err error, v View, form *Form, fields map[string]*Field) error {
	var r *gate.Refusal
	if !errors.As(err, &r) {
		return err
	}
	w := q.Pages.Words(q.lang)
	code := status(r.Kind)
	tell := func(r *gate.Refusal) {
		text := w.Refused(string(r.Kind), r.Left, r.Wait)
		f := fields[r.Field]
		if f == nil {
			form.Error = text
			return
		}
		f.Error = text
		if r.Kind == gate.BadPassword {
			f.Rules = q.rules(r.Rules)
		}
	}
	if r.Kind == gate.Invalid {
		for _, one := range r.Fields {
			tell(one)
		}
	} else {
		tell(r)
	}
	if r.Kind == gate.NeedsWork {
		challenge, err := q.Gate.Challenge(q.ctx(), q.visitor())
		if err != nil {
			return err
		}
		form.Work = &Work{Challenge: challenge, Wait: r.Wait}
	}
	if r.Wait > 0 {
		q.w.Header().Set("Retry-After", strconv.Itoa(seconds(r.Wait)))
	}
	return q.show(code, v)
}

// wanted is the download that a way back leads to, or nil.
func (q *asked) wanted() *catalogue.Download {
	u, err := url.Parse(q.returns)
	if err != nil || !strings.HasPrefix(u.Path, downloads) {
		return nil
	}
	if d, ok := q.Gate.Download(strings.TrimPrefix(u.Path, downloads)); ok {
		return &d
	}
	return nil
}
