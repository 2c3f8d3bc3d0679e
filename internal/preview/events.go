package preview

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// news is what an open page hears of: what it would be made of now, and what is wrong.
// It is whole each time, so that a page which missed some is right with the next.
type news struct {
	Page     string    `json:"page"`
	Styles   string    `json:"styles"`
	Others   string    `json:"others"`
	Problems []problem `json:"problems"`
}

type problem struct {
	Place    string `json:"place"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	Len      int    `json:"len"`
	Severity string `json:"severity"`
	Text     string `json:"text"`
	Hint     string `json:"hint"`
	Snippet  string `json:"snippet"`
}

// events streams the news for one page: first as things are, then after every build.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	page, err := url.ParseRequestURI(r.URL.Query().Get("page"))
	if err != nil || page.Host != "" || !plain(page) {
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return
	}
	r = r.Clone(r.Context())
	r.URL = page
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	out := http.NewResponseController(w)
	fmt.Fprint(w, "retry: 500\n\n") // milliseconds until a page asks again when the server was restarted
	for {
		st, a := s.settled(r)
		if st == nil || r.Context().Err() != nil {
			return
		}
		data, err := json.Marshal(st.news(a))
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-st.over:
		case <-r.Context().Done():
			return
		}
	}
}

func (st *state) news(a answer) news {
	n := news{Page: a.identity(), Problems: []problem{}}
	n.Styles, n.Others = st.digests()
	if a.open != nil {
		a.open.Close()
	}
	for _, p := range st.problems {
		n.Problems = append(n.Problems, problem{strings.TrimSuffix(p.Place(), ":"), p.Line, p.Col, p.Len, p.Severity.String(), p.Text, p.Hint, p.Snippet})
	}
	return n
}
