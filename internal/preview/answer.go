package preview

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"pressroom/internal/layout"
	"pressroom/internal/media"
	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/site"
)

// answer is what one path gets.
type answer struct {
	status int
	to     string            // where a redirect leads
	name   string            // of the file, for its type
	body   []byte            // what was made for this answer,
	open   io.ReadSeekCloser // or the file that is sent as it is
	key    string            // of open: another key, other bytes
	told   bool              // the page itself tells the problems of the build
}

// live tells whether the answer is a page that hears of changes.
func (a answer) live() bool { return strings.HasPrefix(media.Type(a.name), "text/html") }

// companion are the paths that the gate serves beside the site, and its outbox, which
// only a preview shows.
var companion = []string{"/account/", "/download/", "/newsletter/", "/files/", "/_outbox/"}

func isCompanion(path string) bool {
	return slices.ContainsFunc(companion, func(c string) bool { return strings.HasPrefix(path+"/", c) })
}

// answer finds what stands at a path. An error means that a file has changed since the
// build, and that the next build will know.
func (st *state) answer(path string) (answer, error) {
	if isCompanion(path) {
		return page(http.StatusNotFound, notice{Title: "The gate serves this", Text: "Accounts, downloads for accounts and the newsletter are the gate's, which is not running here."}), nil
	}
	if st.site == nil {
		a := page(http.StatusServiceUnavailable, notice{Title: "The site cannot be shown yet", Text: "It comes as soon as this is mended.", Problems: text(st.problems)})
		a.told = true
		return a, nil
	}
	tree := st.site.Public
	name := site.OutputPath(path)
	if f, ok := tree.Get(name); ok {
		return st.made(f, http.StatusOK)
	}
	if _, ok := tree.Get(name + "/index.html"); ok {
		return answer{status: http.StatusMovedPermanently, to: withSlash(path)}, nil
	}
	if f, ok := tree.Get(st.notFound(path)); ok {
		return st.made(f, http.StatusNotFound)
	}
	return page(http.StatusNotFound, notice{Title: "There is no such page", Text: "The site has no 404.html either."}), nil
}

// notFound is the page for what is not there, in the language of the path.
func (st *state) notFound(path string) string {
	lang, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if slices.Contains(st.site.Config.Languages[1:], lang) {
		return lang + "/404.html"
	}
	return "404.html"
}

// made makes a file, or opens it.
func (st *state) made(f output.File, status int) (answer, error) {
	a := answer{status: status, name: f.Path}
	if f.Open != nil {
		var err error
		if a.open, err = f.Open(); err != nil {
			return failed(f.Path, err)
		}
		a.key = short(f.Key)
		return a, nil
	}
	var b bytes.Buffer
	if err := write(f, &b); err != nil {
		return failed(f.Path, err)
	}
	a.body = b.Bytes()
	return a, nil
}

// write makes the bytes of a file. A panic is that page's error and nobody else's.
func write(f output.File, w io.Writer) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return f.Write(w)
}

// failed is the answer for a file that cannot be made.
func failed(path string, err error) (answer, error) {
	if moving(err) {
		return answer{}, err
	}
	return broken(path, err), nil
}

func broken(path string, err error) answer {
	p := report.Problem{Path: path, Name: "page", Text: err.Error()}
	if mistake := (*layout.Error)(nil); errors.As(err, &mistake) {
		p = mistake.Problem
	}
	return page(http.StatusInternalServerError, notice{Title: "This page cannot be made", Text: "It comes as soon as this is mended.", Problems: text(report.List{p})})
}

func text(l report.List) string {
	var b strings.Builder
	report.Write(&b, l, false)
	return b.String()
}

// notice is a page of the preview itself.
type notice struct{ Title, Text, Problems string }

//go:embed notice.html
var noticeHTML embed.FS

var noticePage = template.Must(template.ParseFS(noticeHTML, "notice.html"))

func page(status int, n notice) answer {
	var b bytes.Buffer
	if err := noticePage.Execute(&b, n); err != nil {
		b.WriteString(n.Title) // not reached: three texts and a buffer
	}
	return answer{status: status, name: "notice.html", body: b.Bytes()}
}

// identity tells two versions of a page apart.
func (a answer) identity() string {
	if a.open != nil {
		return a.key
	}
	return fingerprint(a.body)
}

func fingerprint(b []byte) string { return short(memo.Of(b)) }

// inject puts the script that hears of changes at the end of a page, with what the page
// is made of: the script compares it with the news, so that nothing which happened
// between the page and the first news is missed.
func inject(st *state, a answer) []byte {
	styles, others := st.digests()
	told := ""
	if a.told {
		told = " data-told"
	}
	tag := fmt.Appendf(nil, `<script src="/_press/live.js" data-page="%s" data-styles="%s" data-others="%s"%s defer></script>`, a.identity(), styles, others, told)
	at := bytes.LastIndex(a.body, []byte("</body>"))
	if at < 0 {
		at = len(a.body)
	}
	return slices.Concat(a.body[:at], tag, a.body[at:])
}
