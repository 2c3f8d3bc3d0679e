// Package corpus makes press articles to measure site generators with.
//
// A seed and a number go in; Markdown with front matter comes out, the same
// bytes on every machine and in every year. Article 7 of a seed is the same
// article in an archive of a thousand and in one of a hundred thousand, so that
// figures for several sizes are about the same kind of text. The package never
// reads a clock, the environment or a file.
package corpus

import (
	"bytes"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"
)

// The archive covers twenty years; what is added to it is newer than all of them.
var (
	first = time.Date(2006, 1, 1, 0, 0, 0, 0, time.UTC)
	end   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// golden is the fraction of the golden ratio in 64 bits. Its multiples, cut to
// 64 bits, spread evenly over the whole range however many are taken.
const golden = 0x9E3779B97F4A7C15

// Corpus is an archive: article i of a seed, for every i below Articles.
type Corpus struct {
	Seed     uint64
	Articles int
}

// Article is one press article. Its bytes are Markdown.
type Article struct {
	Title, Summary    string
	Date              time.Time
	Speaker, Location string
	Topics            []string
	Reference         string // the press office's own number, under params

	slug string
	body []byte
}

// Article returns article i of the archive.
func (c Corpus) Article(i int) Article {
	span := uint64(end.Sub(first) / time.Minute)
	at, _ := bits.Mul64(uint64(i)*golden, span)
	return c.write(i, first.Add(time.Duration(at)*time.Minute))
}

// Added returns the k-th article written after the archive was complete.
func (c Corpus) Added(k int) Article {
	return c.write(c.Articles+k, end.AddDate(0, 0, 4).Add(9*time.Hour+time.Duration(k)*time.Minute))
}

func (c Corpus) write(i int, date time.Time) Article {
	w := writer{Rand: rand.New(rand.NewPCG(c.Seed, uint64(i)))}
	w.speaker, w.place = speakers.pick(w.Rand), places.pick(w.Rand)
	a := Article{
		Title:    w.fit("title", 50), // leaves room for EditTitle below the usual limit of 65
		Summary:  w.fit("summary", 155),
		Date:     date,
		Speaker:  w.speaker,
		Location: w.place,
	}
	for n := 1 + w.IntN(3); len(a.Topics) < n; {
		if t := topics.pick(w.Rand); !slices.Contains(a.Topics, t) {
			a.Topics = append(a.Topics, t)
		}
	}
	a.Reference = fmt.Sprintf("PO/%d/%05d", date.Year(), i+1)
	a.slug = fmt.Sprintf("%s-%d", slug(a.Title), i+1)
	a.body = w.body()
	return a
}

// EditBody returns the article with one more sentence in its text, and that sentence.
func (a Article) EditBody(revision int) (Article, string) {
	added := fmt.Sprintf("Revision %d of this text was approved by the press office.", revision+1)
	a.body = append(bytes.Clone(a.body), "\n"+added+"\n"...)
	return a, added
}

// EditTitle returns the article under another title, at the same address.
func (a Article) EditTitle(revision int) Article {
	a.Title = fmt.Sprintf("%s (revision %d)", a.Title, revision+1)
	return a
}

// Path is the place of the article's file below the site folder.
func (a Article) Path() string {
	return path.Join("content/news", a.Date.Format("2006/01"), a.slug+".md")
}

// Page is the place of the article's page below the folder of finished pages.
func (a Article) Page() string {
	return path.Join("news", a.Date.Format("2006/01"), a.slug, "index.html")
}

// Markdown returns the bytes of the article's file. They mean the same to
// Pressroom and to Hugo: Hugo reads any key, Pressroom knows these and takes
// what is nobody's business but the site's own under params.
func (a Article) Markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "---\ntitle: %q\ndate: %s\nspeaker: %s\nlocation: %s\ntopics: [%s]\nsummary: %q\nparams:\n  reference: %s\n---\n\n",
		a.Title, a.Date.Format(time.RFC3339), a.Speaker, a.Location, strings.Join(a.Topics, ", "), a.Summary, a.Reference)
	b.Write(a.body)
	return b.Bytes()
}

// slug keeps letters and digits; the titles have no others than ASCII ones.
func slug(title string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}
