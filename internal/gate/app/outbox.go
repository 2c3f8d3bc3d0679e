package app

import (
	"bytes"
	_ "embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"pressroom/internal/frame"
	"pressroom/internal/gate/mail"
)

//go:embed outbox.html
var outboxHTML string

var outboxPage = template.Must(template.New("outbox").Parse(outboxHTML))

// outboxPath is where a preview shows the mails that lie in the folder.
const outboxPath = "/_outbox/"

// mostMails is how many the list shows.
const mostMails = 100

// Preview answers the public paths, and shows the outbox besides: to whoever can reach
// the preview, so it is for one's own computer.
func (a *App) Preview() http.Handler {
	public := a.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path+"/", outboxPath) {
			a.showOutbox(w, r)
			return
		}
		public.ServeHTTP(w, r)
	})
}

func (a *App) showOutbox(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "The outbox can only be read.", http.StatusMethodNotAllowed)
		return
	}
	var view struct {
		Folder string
		Mails  []mail.Stored
		Mail   *mail.Stored
		Sheet  frame.Asset
	}
	view.Folder, view.Sheet = a.Outbox.Dir, a.Pages.Sheet()
	name := strings.TrimPrefix(r.URL.Path, outboxPath)
	var err error
	switch {
	case r.URL.Path+"/" == outboxPath:
		http.Redirect(w, r, outboxPath, http.StatusSeeOther)
		return
	case name == "":
		view.Mails, err = a.Outbox.List(mostMails)
	case r.URL.Query().Has("source"):
		if _, err = a.Outbox.Open(name); err == nil { // a name of the folder's, and no path
			var b []byte
			if b, err = os.ReadFile(filepath.Join(a.Outbox.Dir, name)); err == nil {
				h.Set("Content-Type", "text/plain; charset=utf-8")
				w.Write(b)
				return
			}
		}
	default:
		var m mail.Stored
		m, err = a.Outbox.Open(name)
		view.Mail = &m
	}
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "There is no such mail.", http.StatusNotFound)
		return
	}
	var b bytes.Buffer
	if err == nil {
		err = outboxPage.Execute(&b, view)
	}
	if err != nil {
		a.log.Error("show the outbox", "err", err)
		http.Error(w, "The outbox cannot be read; see the terminal.", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}
