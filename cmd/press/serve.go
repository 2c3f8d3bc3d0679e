package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/build"
	"pressroom/internal/command"
	"pressroom/internal/memo"
	"pressroom/internal/picture"
	"pressroom/internal/preview"
	"pressroom/internal/report"
)

func serveVerb() *verb {
	return &verb{
		Name: "serve", Aliases: []string{"server", "dev"}, Short: "show the site while it is being written",
		Long: `Builds the site in memory and serves it. Pages are made when they are asked for; when
a file is saved, the open pages load again and stay where they were. What is wrong is
shown over the page, with file, line and hint, and is told here too. Nothing is written.

Drafts, and what is held or has expired, are shown only with -D, -F and -E; such a page
wears a banner. An embargo that ends while press serves lifts by itself. The clock
given by --now runs on from there.

The gate runs within: accounts, gated downloads and the newsletter work as they will
for readers, over a database in gate-data/. Its mails stay on this computer and can be
read at /_outbox/.

The preview answers this computer alone, at 127.0.0.1:1313 or the next free port. To
show it to others, name the address with --addr: they see whatever you see.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindBuild(fs, o)
			fs.StringVar(&o.addr, "addr", "", "the address to serve at, as 127.0.0.1:8080 or 8080")
			fs.IntVarP(&o.port, "port", "p", 0, "the port alone")
			fs.StringVar(&o.bind, "bind", "", "the host alone; 0.0.0.0 means every network this computer is in")
			fs.BoolVar(&o.open, "open", false, "open the site in the browser")
			fs.BoolVar(&o.noGate, "no-gate", false, "without the gate: no accounts, no downloads for them")
			fs.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing but problems")
			fs.BoolVarP(&o.verbose, "verbose", "v", false, "say which files were read again")
		},
		Run: does(runServe),
	}
}

func runServe(c *call) error {
	o := &c.Options
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0], "name the folder of the site with --source")
	}
	addr, err := o.address()
	if err != nil {
		return err
	}
	// A site.yaml with mistakes is shown in the browser until it is mended; none at all
	// means the wrong folder.
	if _, err := os.Stat(filepath.Join(o.source, "site.yaml")); errors.Is(err, os.ErrNotExist) {
		return wrongCall(fmt.Sprintf("there is no site.yaml in %q", o.source), `run "press init DIR" for a new newsroom, or name the folder with --source`)
	}
	theme, err := theme()
	if err != nil {
		return err
	}
	l, err := addr.listen()
	if err != nil {
		return err
	}
	at := addr.url(l)
	t := &teller{call: c, addr: addr, url: at}
	s := &preview.Server{
		Dir: o.source,
		Input: build.Input{Theme: theme, Asked: o.asked(), BaseURL: o.baseURL, Env: os.Environ(),
			Kit: &picture.Kit{Store: c.pictures(), Plain: true}},
		Memo:   memo.Load(c.cache("memo")),
		Host:   addr.host,
		Clock:  o.clock(),
		Strict: o.strict,
		Told:   t.built,
		Say:    func(err error) { c.say("press: %s", err) },
	}
	if s.Input.BaseURL == "" {
		s.Input.BaseURL = at // so that canonical links and feeds lead to the preview
	}
	if !o.noGate {
		m := newMount(c, at)
		s.Gate, s.Made = m, m.made
		defer m.wait()
	}
	return s.Run(c.Ctx, l)
}

// clock is the real one, or one that was set by --now and runs on.
func (o *options) clock() func() time.Time {
	start, now := time.Now().Round(0), o.now // without the monotonic clock, which stands still in sleep
	if o.nowText == "" && os.Getenv("SOURCE_DATE_EPOCH") == "" {
		return time.Now
	}
	return func() time.Time { return now.Add(time.Now().Round(0).Sub(start)) }
}

// endpoint is where to serve. Any of the ports will do.
type endpoint struct {
	host  string
	ports []int
}

// firstPort is Hugo's, so that bookmarks go on working; ports are tried from there.
const firstPort, ports = 1313, 100

// address reads --addr, --bind and --port. A port that was asked for is that one or none.
func (o *options) address() (a endpoint, err error) {
	host, port := o.bind, ""
	if o.port != 0 {
		port = strconv.Itoa(o.port)
	}
	if o.addr != "" {
		if host != "" || port != "" {
			return a, wrongCall("--addr together with --bind or --port", "--addr has both, as --addr 127.0.0.1:8080")
		}
		if host, port, err = net.SplitHostPort(o.addr); err != nil {
			host, port = strings.Trim(o.addr, "[]"), ""
			if _, err := strconv.Atoi(o.addr); err == nil {
				host, port = "", o.addr
			} else if strings.Contains(host, ":") && net.ParseIP(host) == nil {
				return a, wrongCall(fmt.Sprintf("%q is not an address", o.addr), "write --addr 127.0.0.1:8080")
			}
		}
	}
	a.host = host
	if a.host == "" {
		a.host = "127.0.0.1" // what a preview shows is not public: no network unless asked for
	}
	if port == "" {
		for p := firstPort; p < firstPort+ports; p++ {
			a.ports = append(a.ports, p)
		}
		return a, nil
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 0 || n > 65535 {
		return a, wrongCall(fmt.Sprintf("%q is not a port", port), "write --addr 127.0.0.1:8080")
	}
	a.ports = []int{n}
	return a, nil
}

func (a endpoint) listen() (l net.Listener, err error) {
	for _, p := range a.ports {
		l, err = net.Listen("tcp", net.JoinHostPort(a.host, strconv.Itoa(p)))
		if !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	if errors.Is(err, syscall.EADDRINUSE) && len(a.ports) == 1 {
		return nil, fmt.Errorf("%w; leave the port out to take the next free one", err)
	}
	return l, err
}

// url is the address of the site as this computer's browser reaches it.
func (a endpoint) url(l net.Listener) string {
	host := a.host
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	_, port, _ := net.SplitHostPort(l.Addr().String()) // an address of package net has both
	return "http://" + net.JoinHostPort(host, port)
}

// public tells whether other computers may reach the address.
func (a endpoint) public() bool {
	ip := net.ParseIP(a.host)
	return a.host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// teller says on the terminal what became of each build.
type teller struct {
	call *call
	addr endpoint
	url  string
	last report.List // the problems told last
}

// built tells of a build: how it went, and its problems unless they are the same still.
func (t *teller) built(b preview.Built) {
	c := t.call
	if !slices.Equal(b.Problems, t.last) {
		report.Write(c.Stderr, b.Problems, command.Colours(c.Stderr))
		t.last = b.Problems
	}
	if c.Options.quiet {
		return
	}
	did := "rebuilt"
	if b.First {
		did = "built"
	}
	fmt.Fprintf(c.Stdout, "%s in %d ms%s\n", did, b.Took.Milliseconds(), count(b.Problems))
	if b.First {
		t.welcome()
	} else if c.Options.verbose {
		for _, step := range b.Ran {
			fmt.Fprintf(c.Stdout, "  %s\n", step)
		}
	}
}

func (t *teller) welcome() {
	c := t.call
	fmt.Fprintf(c.Stdout, "Pressroom serves %s/ (Ctrl-C stops)\n", t.url)
	if !c.Options.noGate {
		fmt.Fprintf(c.Stdout, "Mails of the gate: %s/_outbox/\n", t.url)
	}
	if t.addr.public() {
		c.say("others in this network can see it, with all that is not public yet")
	}
	if c.Options.open {
		if err := browse(t.url + "/"); err != nil {
			c.say("press: cannot open the browser: %s", err)
		}
	}
}

// count is ": 2 errors, 1 warning", or nothing.
func count(l report.List) string {
	var parts []string
	for _, s := range []report.Severity{report.Error, report.Warning} {
		switch n := l.Count(s); n {
		case 0:
		case 1:
			parts = append(parts, "1 "+s.String())
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", n, s))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// browse opens an address in the browser of the desktop.
func browse(url string) error {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() // the browser's business; nothing is left behind
	return nil
}
