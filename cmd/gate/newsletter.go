package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/command"
	"pressroom/internal/frame"
	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/issue"
	"pressroom/internal/gate/mail"
)

func newsletterVerb() *verb {
	return &verb{
		Name: "newsletter", Short: "compose an issue from the site's news and send it", Args: "status | list | preview | send | resume",
		Long: `  status    how far the last issue has come, and how many read the newsletter
  list      all issues
  preview   the mail that would be sent now, in each language
  send      compose an issue of the news since the last one, show it, ask, and send it
  resume    go on with an issue whose sending was stopped

Every subscriber gets the news of their language and topics, and nobody an empty mail. The
mails go into the outbox, from which "gate serve" sends them at the rate of gate.yaml. A
send that is stopped, by Ctrl-C or a crash, is resumed where it was: nobody gets two.

The first issue has the news of the last seven days, unless --since says otherwise.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindConfig(fs, o)
			fs.StringVar(&o.since, "since", "", "news from when on, as 2026-07-01 or 7d (default: the end of the last issue)")
			fs.BoolVar(&o.dryRun, "dry-run", false, "send: show what would be sent, and send nothing")
			fs.BoolVarP(&o.follow, "follow", "f", false, "send, resume, status: wait until all mails have left")
			fs.StringVar(&o.lang, "lang", "", "preview: this language alone")
			fs.BoolVar(&o.html, "html", false, "preview: the HTML part")
			bindLists(fs, o)
			bindYes(fs, o)
		},
		Run: runNewsletter,
	}
}

// firstDays is how far the first issue looks back.
const firstDays = 7 * 24 * time.Hour

func runNewsletter(c *call) error {
	what, err := part(c, "status", "list", "preview", "send", "resume")
	if err != nil {
		return err
	}
	if len(c.Args) > 1 {
		return c.Surplus(c.Args[1])
	}
	return with(c, func(a *app.App) error {
		n := &newsletter{c, a}
		return map[string]func() error{"status": n.status, "list": n.list, "preview": n.preview, "send": n.send, "resume": n.resume}[what]()
	})
}

type newsletter struct {
	*call
	app *app.App
}

// issued is an issue as --json prints it.
type issued struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Queued  int       `json:"queued"`
	Whole   bool      `json:"whole"` // all its mails were put into the outbox
	Waiting int       `json:"waiting"`
	Sent    int       `json:"sent"`
	Failed  int       `json:"failed"`
	Dropped int       `json:"dropped"`
}

func (i issued) state() string {
	switch {
	case !i.Whole:
		return "stopped"
	case i.Waiting > 0:
		return "leaving"
	}
	return "done"
}

func (n *newsletter) issues(limit int) ([]issued, error) {
	return view(n.Ctx, n.app, func(tx gate.Tx) (out []issued, err error) {
		all, err := tx.Issues(limit)
		if err != nil {
			return nil, err
		}
		for _, i := range all {
			counts, err := tx.CountLetters(i.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, issued{i.ID, i.Created, i.From, i.Until, i.Queued, !i.Done.IsZero(),
				counts[gate.LetterWaiting], counts[gate.LetterSent], counts[gate.LetterFailed], counts[gate.LetterDropped]})
		}
		return out, nil
	})
}

func (n *newsletter) list() error {
	rows, err := n.issues(1000)
	if err != nil {
		return err
	}
	return list(n.call, rows, []string{"sent", "from", "until", "letters", "waiting", "failed", "state", "id"}, func(i issued) []string {
		return []string{moment(n.call, n.app, i.Created), moment(n.call, n.app, i.From), moment(n.call, n.app, i.Until),
			strconv.Itoa(i.Queued), strconv.Itoa(i.Waiting), strconv.Itoa(i.Failed), i.state(), i.ID}
	})
}

// readers count those who would get an issue, by language; with no content, all of them.
func (n *newsletter) readers(content gate.Content) (map[string]int, error) {
	count := map[string]int{}
	after := ""
	for {
		page, err := view(n.Ctx, n.app, func(tx gate.Tx) ([]*gate.Subscription, error) { return tx.Subscriptions(after, 1000) })
		if err != nil {
			return nil, err
		}
		for _, s := range page {
			if content == nil || len(content.For(s)) > 0 {
				count[s.Language]++
			}
			after = s.ID
		}
		if len(page) < 1000 {
			return count, nil
		}
	}
}

func (n *newsletter) status() error {
	if n.Options.follow {
		return n.watch()
	}
	last, err := n.issues(1)
	if err != nil {
		return err
	}
	count, err := n.readers(nil)
	if err != nil {
		return err
	}
	if n.Options.json {
		out := struct {
			Subscribers map[string]int `json:"subscribers"`
			Last        *issued        `json:"last"`
		}{Subscribers: count}
		if len(last) > 0 {
			out.Last = &last[0]
		}
		return command.JSON(n.Stdout, out)
	}
	fmt.Fprintf(n.Stdout, "subscribers: %s\n", sum(count))
	if len(last) == 0 {
		_, err := fmt.Fprintln(n.Stdout, "no issue was ever sent")
		return err
	}
	i := last[0]
	_, err = fmt.Fprintf(n.Stdout, "last issue: %s, news up to %s, %s\n%s\n", moment(n.call, n.app, i.Created), moment(n.call, n.app, i.Until), i.state(), i.progress())
	if err == nil && !i.Whole {
		_, err = fmt.Fprintln(n.Stdout, `"gate newsletter resume" goes on with it`)
	}
	return err
}

func (i issued) progress() string {
	return fmt.Sprintf("letters: %d queued, %d waiting, %d sent, %d failed, %d dropped", i.Queued, i.Waiting, i.Sent, i.Failed, i.Dropped)
}

// sum is a count by language in a line.
func sum(count map[string]int) string {
	all := 0
	var parts []string
	for _, lang := range slices.Sorted(maps.Keys(count)) {
		all += count[lang]
		parts = append(parts, fmt.Sprintf("%s %d", lang, count[lang]))
	}
	if len(parts) == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", all, strings.Join(parts, ", "))
}

// draft is an issue that could be sent.
type draft struct {
	*issue.Composed
	from, until time.Time
}

// compose makes the issue of the news since the last one.
func (n *newsletter) compose() (*draft, error) {
	s := &n.app.Settings
	until, err := now(n.Ctx, n.app)
	if err != nil {
		return nil, err
	}
	d := &draft{from: until.Add(-firstDays), until: until}
	last, err := n.app.Gate.LastIssue(n.Ctx)
	switch {
	case err != nil:
		return nil, err
	case last != nil:
		d.from = last.Until
	}
	if n.Options.since != "" {
		if d.from, err = when("since", n.Options.since, s.Mail.Zone, until, false); err != nil {
			return nil, err
		}
	}
	feeds, topics := s.Newsletter.Feeds, []frame.Topic(nil)
	f, err := siteFrame(s)
	switch {
	case err == nil:
		topics = f.Topics
		if len(feeds) == 0 {
			var languages []string
			for _, ed := range f.Languages {
				languages = append(languages, ed.Frame.Lang)
			}
			feeds = issue.Feeds(s.BaseURL, languages)
		}
	case len(feeds) == 0:
		return nil, fmt.Errorf("the languages of the site are not known: %w; press build writes them", err)
	}
	d.Composed, err = issue.Compose(n.Ctx, issue.Input{Feeds: feeds, Topics: topics, From: d.from, Until: d.until})
	return d, err
}

// show prints what an issue has.
func (n *newsletter) show(d *draft, count map[string]int) {
	fmt.Fprintf(n.Stdout, "news from %s up to %s\n", moment(n.call, n.app, d.from), moment(n.call, n.app, d.until))
	for _, lang := range slices.Sorted(maps.Keys(d.Content)) {
		for _, i := range d.Content[lang] {
			topics := ""
			if len(i.Topics) > 0 {
				topics = "  (" + strings.Join(i.Topics, ", ") + ")"
			}
			fmt.Fprintf(n.Stdout, "  %s  %s  %s%s\n", lang, moment(n.call, n.app, i.Date), command.OneLine(i.Title), topics)
		}
	}
	fmt.Fprintf(n.Stdout, "readers: %s\n", sum(count))
	for _, lang := range d.Short {
		fmt.Fprintf(n.Stderr, "warning: the feed of %q does not reach back to the last issue; older news may be missing\n", lang)
	}
}

func (n *newsletter) send() error {
	if last, err := n.app.Gate.LastIssue(n.Ctx); err != nil {
		return err
	} else if last != nil && last.Done.IsZero() {
		return stillOpen
	}
	d, err := n.compose()
	if err != nil {
		return err
	}
	if d.Empty() {
		_, err := fmt.Fprintf(n.Stdout, "there is no news since %s\n", moment(n.call, n.app, d.from))
		return err
	}
	count, err := n.readers(d.Content)
	if err != nil {
		return err
	}
	n.show(d, count)
	total := 0
	for _, k := range count {
		total += k
	}
	if n.Options.dryRun {
		_, err := fmt.Fprintln(n.Stdout, "nothing was sent")
		return err
	}
	if total == 0 {
		_, err := fmt.Fprintln(n.Stdout, "nobody would get it, so nothing was sent")
		return err
	}
	if err := ask(n.call, fmt.Sprintf("Send it to %d readers?", total)); err != nil {
		return err
	}
	i, err := n.app.Gate.BeginIssue(n.Ctx, d.Content, d.from, d.until)
	if errors.Is(err, gate.ErrIssueOpen) {
		return stillOpen
	}
	if err != nil {
		return err
	}
	return n.queue(i.ID, 0, total)
}

var stillOpen = command.Refusal{Text: "the last issue is not wholly sent", Hint: `"gate newsletter resume" goes on with it`}

func (n *newsletter) resume() error {
	last, err := n.app.Gate.LastIssue(n.Ctx)
	if err != nil {
		return err
	}
	if last == nil || !last.Done.IsZero() {
		return command.Refusal{Text: "there is no issue to resume", Hint: `"gate newsletter status" tells of the last one`}
	}
	return n.queue(last.ID, last.Queued, 0)
}

// step is how many subscribers are seen to in one transaction: enough to be quick, too
// few to keep visitors waiting.
const step = 200

// queue puts an issue's mails into the outbox. Total may be 0 when it is not known.
func (n *newsletter) queue(id string, before, total int) error {
	progress := n.progress()
	done, queued := false, before
	for !done {
		if n.Ctx.Err() != nil {
			progress("")
			return command.Refusal{Text: fmt.Sprintf("stopped after %d letters", queued), Hint: `"gate newsletter resume" goes on with it`}
		}
		k := 0
		var err error
		// The transaction is not broken off: it is short, and what it did would be done again.
		if k, done, err = n.app.Gate.QueueIssue(context.WithoutCancel(n.Ctx), id, step, n.app.Settings.Newsletter.Rate); err != nil {
			progress("")
			return err
		}
		queued += k
		progress(fmt.Sprintf("%d letters queued%s", queued, map[bool]string{true: fmt.Sprintf(" of %d", total)}[total > 0]))
	}
	progress("")
	takes := time.Duration(float64(queued) / n.app.Settings.Newsletter.Rate * float64(time.Second))
	fmt.Fprintf(n.Stdout, "%d letters are in the outbox; at %v a second they take %s\n", queued, n.app.Settings.Newsletter.Rate, command.Roughly(takes))
	if n.Options.follow {
		return n.watch()
	}
	return nil
}

// watch tells how far the last issue has come until no letter waits.
func (n *newsletter) watch() error {
	progress := n.progress()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		last, err := n.issues(1)
		switch {
		case err != nil:
			progress("")
			return err
		case len(last) == 0 || last[0].Waiting == 0:
			progress("")
			if len(last) > 0 {
				_, err = fmt.Fprintln(n.Stdout, last[0].progress())
			}
			return err
		}
		progress(last[0].progress())
		select {
		case <-tick.C:
		case <-n.Ctx.Done():
			progress("")
			_, err := fmt.Fprintln(n.Stdout, last[0].progress()+"; they leave without being watched")
			return err
		}
	}
}

// progress writes a line that changes, on a terminal only; "" removes it.
func (n *newsletter) progress() func(string) {
	if !command.Terminal(n.Stderr) {
		return func(string) {}
	}
	return func(line string) { fmt.Fprint(n.Stderr, "\r\033[K"+line) }
}

// preview prints the mails of the issue that could be sent now, to a reader of all topics.
func (n *newsletter) preview() error {
	d, err := n.compose()
	if err != nil {
		return err
	}
	if n.Options.json {
		return command.JSON(n.Stdout, d.Content)
	}
	languages := slices.Sorted(maps.Keys(d.Content))
	if l := n.Options.lang; l != "" {
		if !slices.Contains(languages, l) {
			return command.UsageError{Text: fmt.Sprintf("there is no feed of %q", l), Hint: "there are: " + strings.Join(languages, ", ")}
		}
		languages = []string{l}
	}
	shown := 0
	for _, lang := range languages {
		if len(d.Content[lang]) == 0 {
			continue
		}
		m, err := n.letter(lang, d)
		if err != nil {
			return err
		}
		if n.Options.html {
			fmt.Fprint(n.Stdout, m.HTML)
		} else {
			fmt.Fprintf(n.Stdout, "%s: %s\n\n%s\n", lang, m.Subject, m.Text)
		}
		shown++
	}
	if shown == 0 {
		fmt.Fprintf(n.Stdout, "there is no news since %s\n", moment(n.call, n.app, d.from))
	}
	return nil
}

// letter is the mail of a language; its links to unsubscribe are nobody's.
func (n *newsletter) letter(lang string, d *draft) (mail.Message, error) {
	base := n.app.Settings.BaseURL
	about := mail.Newsletter{Preferences: base + "/newsletter/subscribe", Unsubscribe: base + "/newsletter/unsubscribe?t=" + url.QueryEscape("preview")}
	for _, i := range d.Content[lang] {
		about.Items = append(about.Items, mail.Item{Title: i.Title, Summary: i.Summary, URL: i.URL, Date: i.Date})
	}
	return n.app.Templates.Compose(mail.Letter{ID: "preview", To: "reader@example.org", Language: lang, Date: d.until}, about)
}
