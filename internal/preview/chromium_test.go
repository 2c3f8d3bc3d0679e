//go:build e2e

package preview

import (
	"bufio"
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

// chromium is a real browser with one page. It is spoken to in the DevTools protocol
// over a pipe: JSON, each message ended by a NUL.
type chromium struct {
	testing.TB
	in      io.Writer
	session string

	mu      sync.Mutex
	last    int
	waiting map[int]chan reply
	console []string // what the page complained of
}

type reply struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// browse starts a browser. It must be there in CI; elsewhere the test is skipped
// without it.
func browse(t testing.TB) *chromium {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	cmd := exec.Command(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "--window-size=1000,700", "--user-data-dir="+t.TempDir())
	theirIn, in, err := os.Pipe()
	must(t, err)
	out, theirOut, err := os.Pipe()
	must(t, err)
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	must(t, cmd.Start())
	theirIn.Close()
	theirOut.Close()
	c := &chromium{TB: t, in: in, waiting: map[int]chan reply{}}
	go c.read(out)
	t.Cleanup(func() {
		in.Close() // it ends with its pipe, and takes its children along
		cmd.Wait()
		out.Close()
	})
	c.tab(false)
	return c
}

// tab opens a tab, in front of the others or behind them, and goes on in it. It returns
// the one left.
func (c *chromium) tab(behind bool) (left string) {
	c.Helper()
	left, c.session = c.session, ""
	var target struct{ TargetID string }
	c.call("Target.createTarget", map[string]any{"url": "about:blank", "background": behind}, &target)
	var session struct{ SessionID string }
	c.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	c.session = session.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		c.call(domain+".enable", nil, nil)
	}
	return left
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *chromium) read(out io.Reader) {
	r := bufio.NewReader(out)
	for {
		message, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m reply
		if json.Unmarshal(message[:len(message)-1], &m) != nil {
			continue
		}
		c.mu.Lock()
		switch {
		case m.ID != 0:
			c.waiting[m.ID] <- m
			delete(c.waiting, m.ID)
		case m.Method == "Runtime.exceptionThrown" || m.Method == "Log.entryAdded" && strings.Contains(string(m.Params), "Security Policy"):
			c.console = append(c.console, string(m.Params))
		}
		c.mu.Unlock()
	}
}

// call carries out one method and decodes its result.
func (c *chromium) call(method string, params any, result any) {
	c.Helper()
	if err := c.try(method, params, result); err != nil {
		c.Fatal(err)
	}
}

func (c *chromium) try(method string, params any, result any) error {
	c.mu.Lock()
	c.last++
	id, answer := c.last, make(chan reply, 1)
	c.waiting[id] = answer
	c.mu.Unlock()
	data, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params, "sessionId": c.session})
	if c.session == "" {
		data, err = json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	}
	if err != nil {
		return err
	}
	if _, err := c.in.Write(append(data, 0)); err != nil {
		return err
	}
	select {
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

// open goes to a page and waits until its script hears of builds.
func (c *chromium) open(url string) {
	c.Helper()
	c.call("Page.navigate", map[string]any{"url": url}, nil)
	c.until("location.href === " + quoted(url) + " && document.readyState === 'complete'")
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

// eval returns the value of an expression. While the page is being loaded again there
// may be none.
func (c *chromium) eval(expression string) (any, error) {
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	err := c.try("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if err == nil && r.ExceptionDetails != nil {
		err = fmt.Errorf("%s %s", r.ExceptionDetails.Text, r.ExceptionDetails.Exception.Description)
	}
	return r.Result.Value, err
}

// until waits until an expression is true.
func (c *chromium) until(expression string) {
	c.Helper()
	limit := time.Now().Add(deadline)
	for {
		v, err := c.eval(expression)
		if v == true {
			return
		}
		if time.Now().After(limit) {
			html, _ := c.eval("document.documentElement.outerHTML")
			c.Fatalf("never: %s (%v, %v)\n%.3000s", expression, v, err, html)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// is fails the test unless an expression has a value now.
func (c *chromium) is(expression string, want any) {
	c.Helper()
	if got, err := c.eval(expression); err != nil || got != want {
		c.Errorf("%s: %v (%v), want %v", expression, got, err, want)
	}
}

// scroll goes down the page at once, whatever its style says.
func (c *chromium) scroll(y float64) {
	c.Helper()
	c.is(fmt.Sprintf(`scrollTo({top: %v, behavior: "instant"}), scrollY`, y), y)
}

// quiet fails the test when the page has complained: of an exception, or of something
// that the policy of the site forbids.
func (c *chromium) quiet() {
	c.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, line := range c.console {
		c.Errorf("the page complains: %s", line)
	}
}
