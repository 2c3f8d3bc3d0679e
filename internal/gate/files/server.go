package files

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"pressroom/internal/catalogue"
)

// A file may be kept by the reader's program, who must ask again before using it, and by
// nobody in between. All else is not kept at all.
const (
	cacheControl = "private, no-cache, no-transform"
	dontKeep     = "private, no-store"
)

// What a transfer gets when Server does not say.
const (
	DefaultParallel = 4       // transfers at once, per account
	DefaultMinRate  = 4 << 10 // bytes per second
	DefaultWindow   = time.Minute
)

// Server answers GET and HEAD for signed addresses. The ResponseWriter that it is given
// should be the HTTP server's own: behind one that hides its ReadFrom, the bytes are
// copied through this process instead of being sent by the kernel.
type Server struct {
	Keys     *Keyring
	Masters  Masters
	Download func(id string) (catalogue.Download, bool) // looks into the catalogue
	Now      func() time.Time
	Log      *slog.Logger // for the operator

	// Parallel is how many transfers an account may have at once on this instance; 0 for
	// DefaultParallel. Those that another server does are not counted.
	Parallel int
	// MinRate is how many bytes per second a reader takes at least, averaged over Window;
	// 0 for DefaultMinRate. Who is slower is cut off. There is no other limit to the time
	// that a transfer takes.
	MinRate int
	Window  time.Duration // 0 for DefaultWindow
	// Record, unless nil, is told of every answer to GET and HEAD, when it has ended. The
	// Grant of a link that was refused is empty.
	Record func(Transfer)
	// Fail, unless nil, writes the answers that are not a file. The headers of ours are set.
	Fail func(w http.ResponseWriter, r *http.Request, status int)

	busy slots
}

// Transfer is what became of a link.
type Transfer struct {
	Grant
	Method string
	Status int   // of the answer
	From   int64 // first byte sent
	Bytes  int64 // sent, as far as the kernel has taken them; 0 when another server sends
	Err    error // that ended it early
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", dontKeep)
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		s.fail(w, r, http.StatusMethodNotAllowed)
		return
	}
	now := s.Now()
	grant, err := s.Keys.Verify(r.Method, r.URL.EscapedPath(), r.URL.RawQuery, now)
	if err != nil {
		s.fail(w, r, http.StatusForbidden)
		if s.Record != nil {
			s.Record(Transfer{Method: r.Method, Status: http.StatusForbidden, Err: err})
		}
		return
	}
	t := Transfer{Grant: grant, Method: r.Method}
	s.answer(w, r, &t, now)
	if s.Record != nil {
		s.Record(t)
	}
}

// answer answers a request with a valid link.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, t *Transfer, now time.Time) {
	fail := func(status int) {
		t.Status = status
		s.fail(w, r, status)
	}
	// The embargo was judged when the link was made, and is again: the catalogue may have
	// changed since.
	d, ok := s.Download(t.Download)
	if !ok || now.Before(d.NotBefore) || !d.NotAfter.IsZero() && !now.Before(d.NotAfter) {
		fail(http.StatusNotFound)
		return
	}
	master, err := s.Masters.Open(d, now, t.Expires)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "a master cannot be handed out", "download", d.ID, "error", err)
		t.Err = err
		if errors.Is(err, ErrMissing) {
			fail(http.StatusNotFound)
			return
		}
		w.Header().Set("Retry-After", "60")
		fail(http.StatusServiceUnavailable)
		return
	}
	defer master.Close()
	switch {
	case master.File != nil:
		t.Status, t.Err = s.send(w, r, t, d, master.File)
		return
	case master.Internal != "":
		describe(w.Header(), d)
		w.Header().Set("X-Accel-Redirect", master.Internal)
		t.Status = http.StatusOK
	case r.Method == http.MethodHead: // an address signed for GET is refused to HEAD
		describe(w.Header(), d)
		w.Header().Set("Accept-Ranges", "bytes")
		w.Header().Set("Content-Length", strconv.FormatInt(d.Bytes, 10))
		t.Status = http.StatusOK
	default:
		w.Header().Set("Location", master.Elsewhere)
		t.Status = http.StatusFound
	}
	w.WriteHeader(t.Status)
}

// describe sets what the headers say of a file, whoever sends it. The entity tag is not
// among them: one of ours would contradict that of the other server, which judges what
// the reader asks with it.
func describe(h http.Header, d catalogue.Download) {
	h.Set("Cache-Control", cacheControl)
	h.Set("Content-Type", mediaType(d))
	h.Set("Content-Disposition", disposition(Name(d)))
	if sum, err := hex.DecodeString(d.SHA256); err == nil {
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530 §3
	}
}

// mediaType is the type that the catalogue gives, if it is one.
func mediaType(d catalogue.Download) string {
	if _, _, err := mime.ParseMediaType(d.Type); err != nil {
		return "application/octet-stream"
	}
	return d.Type
}

// send answers with the file, a part of it, or what the reader's conditions ask for.
func (s *Server) send(w http.ResponseWriter, r *http.Request, t *Transfer, d catalogue.Download, f *os.File) (status int, err error) {
	h := w.Header()
	etag := `"` + d.SHA256 + `"`
	switch status := precondition(r.Header, etag); status {
	case 0:
	case http.StatusNotModified:
		h.Set("Cache-Control", cacheControl)
		h.Set("ETag", etag)
		w.WriteHeader(status)
		return status, nil
	default:
		s.fail(w, r, status)
		return status, nil
	}
	at, status := span{0, d.Bytes}, http.StatusOK
	if asked, ok := values(r.Header, "Range"); ok && r.Method == http.MethodGet && rangeHolds(r.Header, etag) { // HEAD knows no ranges
		switch p, kind := readRange(asked, d.Bytes); kind {
		case none:
			h.Set("Content-Range", fmt.Sprintf("bytes */%d", d.Bytes))
			s.fail(w, r, http.StatusRequestedRangeNotSatisfiable)
			return http.StatusRequestedRangeNotSatisfiable, nil
		case part:
			at, status = p, http.StatusPartialContent
		}
	}
	if r.Method == http.MethodGet {
		if !s.busy.take(t.Account, cmp.Or(s.Parallel, DefaultParallel)) {
			h.Set("Retry-After", "10")
			s.fail(w, r, http.StatusTooManyRequests)
			return http.StatusTooManyRequests, nil
		}
		defer s.busy.give(t.Account)
	}
	if _, err := f.Seek(at.from, io.SeekStart); err != nil {
		s.Log.ErrorContext(r.Context(), "a master cannot be read", "download", d.ID, "error", err)
		s.fail(w, r, http.StatusServiceUnavailable)
		return http.StatusServiceUnavailable, fmt.Errorf("read %s: %w", d.File, err)
	}
	describe(h, d)
	h.Set("ETag", etag)
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.FormatInt(at.length, 10))
	if status == http.StatusPartialContent {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at.from, at.from+at.length-1, d.Bytes))
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return status, nil
	}
	t.From = at.from
	t.Bytes, err = s.pour(w, f, at.length)
	if errors.Is(err, io.EOF) {
		s.Log.ErrorContext(r.Context(), "a master became shorter while it was sent", "download", d.ID)
	}
	return status, err
}

// pour sends n bytes, a window's least worth at a time, each with a window to go out. So a
// slow reader may take all day and an idle one a minute. The reader who gets less than was
// announced is cut off by net/http.
func (s *Server) pour(w http.ResponseWriter, f *os.File, n int64) (sent int64, err error) {
	control := http.NewResponseController(w)
	window := cmp.Or(s.Window, DefaultWindow)
	step := max(1, int64(cmp.Or(s.MinRate, DefaultMinRate))*int64(window)/int64(time.Second))
	for sent < n {
		// The connection has a clock of its own, which s.Now must not move.
		if err := control.SetWriteDeadline(time.Now().Add(window)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return sent, fmt.Errorf("send: %w", err)
		}
		// CopyN hands the file to the writer's ReadFrom, and that to sendfile(2).
		m, err := io.CopyN(w, f, min(step, n-sent))
		sent += m
		if err != nil {
			return sent, fmt.Errorf("send: %w", err)
		}
	}
	return sent, nil // net/http sends what it still holds, then takes the limit away
}

// fail writes an answer that is not a file.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int) {
	if s.Fail != nil {
		s.Fail(w, r, status)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, sentences[status]+"\n") // the reader may be gone
}

var sentences = map[int]string{
	http.StatusForbidden:                    "This link is not valid, or no longer. Start the download again from its page.",
	http.StatusNotFound:                     "There is no such file.",
	http.StatusMethodNotAllowed:             "A file can only be fetched.",
	http.StatusPreconditionFailed:           "The file is not the one that you have a part of.",
	http.StatusRequestedRangeNotSatisfiable: "The file has no such part, or more than one was asked for.",
	http.StatusTooManyRequests:              "Too many downloads at once. Wait until one has ended.",
	http.StatusServiceUnavailable:           "The file cannot be sent just now. Try again in a minute.",
}

// slots counts the transfers of each account.
type slots struct {
	mu   sync.Mutex
	busy map[string]int
}

// take reports whether one more makes at most n.
func (s *slots) take(account string, n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[account] >= n {
		return false
	}
	if s.busy == nil {
		s.busy = map[string]int{}
	}
	s.busy[account]++
	return true
}

// give ends one; accounts without any are forgotten.
func (s *slots) give(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[account]--; s.busy[account] == 0 {
		delete(s.busy, account)
	}
}
