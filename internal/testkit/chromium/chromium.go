// Package chromium drives a real browser in tests. In go addresses, expressions and the
// keys and clicks of a reader; out come values, pictures and downloads, and what the
// pages complained of. It speaks the DevTools protocol over a pipe, JSON with a NUL after
// each message, and never sleeps for luck: it waits until something is true.
//
// All tests of a process share a browser, because a browser takes longer to start than
// most tests to run. Each has cookies, storage, cache and windows of its own.
package chromium

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// deadline is for what a loaded machine may take; nothing waits for it when all is well.
const deadline = 60 * time.Second

// Tab is one tab of a browser, as large as a desktop's window.
type Tab struct {
	testing.TB
	*person
	session string
}

// person is who has a cookie jar, and all tabs that share it.
type person struct {
	*browser
	context string
	console *[]string // what the pages complained of; strangers in one test share it

	// These, too, are the browser's lock's.
	files  map[string]*arrival // downloads by their id
	newest string
}

// browser is a process.
type browser struct {
	in      io.Writer
	focused bool // every tab acts as the one with the focus, which only one of all can have

	mu      sync.Mutex
	last    int
	waiting map[int]chan reply
	people  map[string]*person // by session
	ended   chan struct{}      // closed when nothing more will be heard
}

// arrival is one download.
type arrival struct{ url, name, state string }

type reply struct {
	ID        int
	SessionID string
	Method    string
	Params    json.RawMessage
	Result    json.RawMessage
	Error     *struct{ Message string }
}

// The browsers of this process: bare is the same engine without a desktop around it, where
// that is installed, and paints a page for two thirds of the work; whole is what people
// have, which also keeps pages for the way back and knows which tabs are not seen.
var (
	bare = sync.OnceValues(func() (*browser, error) {
		b, err := start("chromium-headless-shell", "chromium")
		if err == nil {
			b.focused = true
		}
		return b, err
	})
	whole = sync.OnceValues(func() (*browser, error) { return start("chromium") })
)

// start runs the first of some programs that is there. It ends with its pipe, and so with
// this process, and the shell that waits for it removes its folder.
func start(programs ...string) (*browser, error) {
	var path string
	var err error
	for _, p := range programs {
		if path, err = exec.LookPath(p); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "chromium-test")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("sh", "-c", `trap : INT; "$@"; rm -rf "$0"`, dir, path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "--hide-scrollbars", "--window-size=1000,700", "--user-data-dir="+dir)
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	theirIn.Close()
	theirOut.Close()
	b := &browser{in: in, waiting: map[int]chan reply{}, people: map[string]*person{}, ended: make(chan struct{})}
	go b.read(out)
	return b, nil
}

// Start gives a test a browser with one tab, where nobody has been before. There must be
// one in CI; elsewhere the test is skipped without it.
func Start(t testing.TB) *Tab { t.Helper(); return open(t, bare) }

// Whole is Start with the browser that people have, where that matters.
func Whole(t testing.TB) *Tab { t.Helper(); return open(t, whole) }

func open(t testing.TB, browser func() (*browser, error)) *Tab {
	t.Helper()
	b, err := browser()
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return (&Tab{TB: t, person: &person{browser: b, console: new([]string)}}).Stranger()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Beside opens another tab, in front of the others or behind them.
func (t *Tab) Beside(behind bool) *Tab {
	t.Helper()
	n := &Tab{TB: t.TB, person: t.person}
	var target struct{ TargetID string }
	t.all().Call("Target.createTarget", map[string]any{"url": "about:blank", "background": behind, "browserContextId": t.context}, &target)
	var session struct{ SessionID string }
	t.all().Call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	n.session = session.SessionID
	t.mu.Lock()
	t.people[n.session] = t.person
	t.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		n.Call(domain+".enable", nil, nil)
	}
	if t.focused {
		n.Call("Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}, nil)
	}
	return n
}

// all is the browser itself, of which no tab is asked.
func (t *Tab) all() *Tab { return &Tab{TB: t.TB, person: t.person} }

// Stranger opens a tab that shares no cookies and no cache with this one: another
// person's browser. All that it has goes with the test.
func (t *Tab) Stranger() *Tab {
	t.Helper()
	var context struct{ BrowserContextID string }
	t.all().Call("Target.createBrowserContext", nil, &context)
	n := &Tab{TB: t.TB, person: &person{browser: t.browser, context: context.BrowserContextID, console: t.console, files: map[string]*arrival{}}}
	t.Cleanup(func() {
		t.all().try("Target.disposeBrowserContext", map[string]any{"browserContextId": n.context}, nil)
	})
	return n.Beside(false)
}

// Front brings the tab before the others.
func (t *Tab) Front() { t.Helper(); t.Call("Page.bringToFront", nil, nil) }

// Close closes the tab.
func (t *Tab) Close() { t.Helper(); t.Call("Page.close", nil, nil) }

func (b *browser) read(out io.Reader) {
	r := bufio.NewReader(out)
	for {
		message, err := r.ReadBytes(0)
		if err != nil {
			close(b.ended)
			return
		}
		var m reply
		if json.Unmarshal(message[:len(message)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		p := b.people[m.SessionID]
		switch {
		case m.ID != 0:
			b.waiting[m.ID] <- m
			delete(b.waiting, m.ID)
		case p == nil: // nobody's
		case m.Method == "Runtime.exceptionThrown" || m.Method == "Log.entryAdded" && strings.Contains(string(m.Params), "Security Policy"):
			*p.console = append(*p.console, string(m.Params))
		case m.Method == "Browser.downloadWillBegin" || m.Method == "Browser.downloadProgress":
			p.arrives(m.Params)
		}
		b.mu.Unlock()
	}
}

// arrives takes down how a download goes.
func (p *person) arrives(params json.RawMessage) {
	var e struct{ GUID, URL, SuggestedFilename, State string }
	if json.Unmarshal(params, &e) != nil {
		return
	}
	if p.files[e.GUID] == nil {
		p.files[e.GUID] = &arrival{}
		p.newest = e.GUID
	}
	a := p.files[e.GUID]
	if e.URL != "" {
		a.url, a.name = e.URL, e.SuggestedFilename
	}
	if e.State != "" {
		a.state = e.State
	}
}

// Call carries out one method and decodes its result.
func (t *Tab) Call(method string, params any, result any) {
	t.Helper()
	if err := t.try(method, params, result); err != nil {
		t.Fatal(err)
	}
}

func (t *Tab) try(method string, params any, result any) error {
	t.mu.Lock()
	t.last++
	id, answer := t.last, make(chan reply, 1)
	t.waiting[id] = answer
	t.mu.Unlock()
	message := map[string]any{"id": id, "method": method, "params": params}
	if t.session != "" {
		message["sessionId"] = t.session
	}
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if _, err := t.in.Write(append(data, 0)); err != nil {
		return err
	}
	select {
	case <-t.ended:
		return fmt.Errorf("%s: the browser has ended", method)
	case m := <-answer:
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-time.After(deadline):
		return fmt.Errorf("%s: no answer", method)
	}
}

// Open goes to a page and waits until it is there whole.
func (t *Tab) Open(url string) {
	t.Helper()
	t.Call("Page.navigate", map[string]any{"url": url}, nil)
	t.Until("location.href === new URL(" + Quoted(url) + ").href && document.readyState === 'complete'")
}

// Visit goes to an address that may lead on to another.
func (t *Tab) Visit(url string) {
	t.Helper()
	t.Leave(func() { t.Call("Page.navigate", map[string]any{"url": url}, nil) })
}

// Leave does what leads to another page, and waits until that one is there whole.
func (t *Tab) Leave(do func()) {
	t.Helper()
	t.Is("globalThis.left = true", true)
	do()
	t.Until("globalThis.left === undefined && document.readyState === 'complete' && location.href !== 'about:blank'")
}

// Quoted is a text as an expression.
func Quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

// Eval returns the value of an expression. While the page is being loaded there may be
// none.
func (t *Tab) Eval(expression string) (any, error) {
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	err := t.try("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if err == nil && r.ExceptionDetails != nil {
		err = fmt.Errorf("%s %s", r.ExceptionDetails.Text, r.ExceptionDetails.Exception.Description)
	}
	return r.Result.Value, err
}

// Text is the value of an expression that is a text.
func (t *Tab) Text(expression string) string {
	t.Helper()
	v, err := t.Eval(expression)
	s, ok := v.(string)
	if err != nil || !ok {
		t.Fatalf("%s: %v (%v), want a text", expression, v, err)
	}
	return s
}

// Until waits until an expression is true.
func (t *Tab) Until(expression string) {
	t.Helper()
	limit := time.Now().Add(deadline)
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) { // to ask takes a page's time
		v, err := t.Eval(expression)
		if v == true {
			return
		}
		if time.Now().After(limit) {
			html, _ := t.Eval("location.href + '\\n' + document.documentElement.outerHTML")
			t.Fatalf("never: %s (%v, %v)\n%.3000s", expression, v, err, html)
		}
		time.Sleep(pause)
	}
}

// Is fails the test unless an expression has a value now.
func (t *Tab) Is(expression string, want any) {
	t.Helper()
	if got, err := t.Eval(expression); err != nil || got != want {
		t.Errorf("%s: %v (%v), want %v", expression, got, err, want)
	}
}

// Scroll goes down the page at once, whatever its style says.
func (t *Tab) Scroll(y float64) {
	t.Helper()
	t.Is(fmt.Sprintf(`scrollTo({top: %v, behavior: "instant"}), scrollY`, y), y)
}

// Script says whether pages loaded from now on may run scripts of their own.
func (t *Tab) Script(on bool) {
	t.Helper()
	t.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": !on}, nil)
}

// Look sets the width and height of the window in CSS pixels, and the colours preferred,
// "light" or "dark".
func (t *Tab) Look(width, height int, scheme string) {
	t.Helper()
	t.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	t.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Picture is the whole page as a PNG.
func (t *Tab) Picture() []byte {
	t.Helper()
	var shot struct{ Data string }
	t.Call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	b, err := base64.StdEncoding.DecodeString(shot.Data)
	must(t, err)
	return b
}

// Click presses the mouse on the element of a selector, which must be there to be hit.
func (t *Tab) Click(selector string) {
	t.Helper()
	at, err := t.Eval(`(() => {
		const e = document.querySelector(` + Quoted(selector) + `);
		if (!e) return "there is none";
		e.scrollIntoView({ block: "center", behavior: "instant" });
		const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2, hit = document.elementFromPoint(x, y);
		return e.contains(hit) ? [x, y] : "covered by " + hit?.outerHTML;
	})()`)
	place, ok := at.([]any)
	if err != nil || !ok {
		html, _ := t.Eval("location.href + '\\n' + document.querySelector('main').outerHTML")
		t.Fatalf("click %s: %v (%v)\n%.3000s", selector, at, err, html)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		t.Call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1}, nil)
	}
}

// Follow clicks and waits for the page that it leads to.
func (t *Tab) Follow(selector string) { t.Helper(); t.Leave(func() { t.Click(selector) }) }

// Type writes into what has the focus.
func (t *Tab) Type(text string) {
	t.Helper()
	t.Call("Input.insertText", map[string]any{"text": text}, nil)
}

// Fill clicks on a field and writes into it, in place of what is there.
func (t *Tab) Fill(selector, text string) {
	t.Helper()
	t.Click(selector)
	t.Is("document.activeElement.select(), document.activeElement.matches("+Quoted(selector)+")", true)
	t.Type(text)
}

// keys are those that Press knows: their code, their number, and what they write.
var keys = map[string]struct {
	code, text string
	number     int
}{
	"Tab": {"Tab", "", 9}, "Enter": {"Enter", "\r", 13}, " ": {"Space", " ", 32}, "ArrowDown": {"ArrowDown", "", 40}, "Escape": {"Escape", "", 27},
}

// Press presses a key and lets it go: "Tab", "Enter", " ", "ArrowDown" or "Escape", with
// "Shift+" before it if that is held.
func (t *Tab) Press(key string) {
	t.Helper()
	name, shift := strings.CutPrefix(key, "Shift+")
	k, ok := keys[name]
	if !ok {
		t.Fatalf("there is no key %q", key)
	}
	modifiers := 0
	if shift {
		modifiers = 8
	}
	down := "keyDown"
	if k.text == "" {
		down = "rawKeyDown"
	}
	for _, kind := range []string{down, "keyUp"} {
		event := map[string]any{"type": kind, "key": name, "code": k.code, "windowsVirtualKeyCode": k.number, "modifiers": modifiers}
		if kind == "keyDown" {
			event["text"] = k.text
		}
		t.Call("Input.dispatchKeyEvent", event, nil)
	}
}

// Download does what makes the browser download something, and waits until that is there.
// It returns the file and the name that it would have on the reader's disk.
func (t *Tab) Download(do func()) (path, name string) {
	t.Helper()
	dir := t.TempDir()
	behaviour := map[string]any{"behavior": "allowAndName", "downloadPath": dir, "eventsEnabled": true, "browserContextId": t.context}
	t.Call("Browser.setDownloadBehavior", behaviour, nil)
	t.mu.Lock()
	before := t.newest
	t.mu.Unlock()
	do()
	for limit := time.Now().Add(deadline); ; time.Sleep(5 * time.Millisecond) {
		t.mu.Lock()
		id, state := t.newest, "none"
		if id != before {
			state, name = t.files[id].state, t.files[id].name
		}
		t.mu.Unlock()
		switch {
		case state == "completed":
			return dir + "/" + id, name
		case state == "canceled" || time.Now().After(limit):
			html, _ := t.Eval("location.href + '\\n' + document.documentElement.outerHTML")
			t.Fatalf("the download of %q: %s\n%.3000s", name, state, html)
		}
	}
}

// Quiet fails the test when a page has complained: of an exception, or of something that
// the policy of the site forbids.
func (t *Tab) Quiet() {
	t.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range *t.console {
		t.Errorf("a page complains: %s", line)
	}
}
