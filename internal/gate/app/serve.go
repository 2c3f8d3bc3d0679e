package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"pressroom/internal/gate/web"
)

const (
	// headerTime is how long a client may take over the header of a request, and
	// idleTime how long it may keep a connection for the next one. There is no limit to
	// the time of an answer as a whole: pages have their own, and files go by their rate.
	headerTime = 5 * time.Second
	idleTime   = 75 * time.Second

	// drainTime is how long requests are still taken after the end was announced, so
	// that a load balancer that looks at /readyz every second sends none into the void.
	drainTime = 3 * time.Second
	// stopTime is how long running downloads may take to end; readers resume the rest.
	stopTime = 60 * time.Second
)

// Listening is told of the addresses that are served; "" when there is none.
type Listening func(public, admin string)

// Serve answers at the public and the admin address until the context ends, and then
// lets what is under way end.
func (a *App) Serve(ctx context.Context, on Listening) error {
	a.limitMemory()
	public, err := listen(a.Settings.Listen)
	if err != nil {
		return err
	}
	admin, err := net.Listen("tcp", a.Settings.Admin)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), public.Close())
	}
	var new arrivals
	server := &http.Server{
		Handler: a.parting(&new, a.Handler()), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: web.MaxHeader,
		ErrorLog: a.serverLog(), ConnState: new.state, ConnContext: new.remember,
	}
	operators := &http.Server{Handler: a.Admin(), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, ErrorLog: a.serverLog()}
	if on != nil {
		on(public.Addr().String(), admin.Addr().String())
	}

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { a.Run(background) })
	// To start takes more memory than to serve: several times what is kept of it.
	all.Go(debug.FreeOSMemory)
	served, failed := make(chan error, 1), make(chan error, 1)
	all.Go(func() { served <- server.Serve(strict{public}) })
	all.Go(func() { failed <- operators.Serve(admin) })

	select {
	case err = <-served:
	case err = <-failed:
	case <-ctx.Done():
		a.log.Info("stopping: no new requests soon, running ones may end")
		a.stopping.Store(true)
		select {
		case <-time.After(a.drain()):
		case err = <-failed:
		}
		// Shutdown drops a request that is just being read. So first nobody is let in, then
		// whoever is in is heard.
		public.Close()
		<-served
		new.wait(headerTime)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if e := server.Shutdown(end); errors.Is(e, context.DeadlineExceeded) {
		a.log.Warn("downloads were cut off; readers can resume them")
		server.Close()
	}
	operators.Close()
	stop() // the courier settles what it holds
	return err
}

// drain is the time to be seen as stopping: none where nobody balances and no other
// process takes over the socket.
func (a *App) drain() time.Duration {
	if len(a.Settings.TrustedProxies) == 0 && !inherited() {
		return 0
	}
	return drainTime
}

// parting tells clients not to come back on the same connection while the gate stops.
func (a *App) parting(new *arrivals, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		new.heard(r)
		if a.stopping.Load() {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}

// arrivals are the connections whose first request has not come to a handler yet: until
// then net/http would drop it when it shuts down.
type arrivals struct {
	mu    sync.Mutex
	conns map[net.Conn]bool
	left  chan struct{} // told when one has
}

func (a *arrivals) state(c net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.conns == nil {
			a.conns = map[net.Conn]bool{}
		}
		a.conns[c] = true
	case http.StateClosed, http.StateHijacked:
		a.gone(c)
	}
}

// connKey finds a request's connection in its context.
type connKey struct{}

func (a *arrivals) remember(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

func (a *arrivals) heard(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		a.gone(c)
	}
}

func (a *arrivals) gone(c net.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.conns, c)
	if a.left != nil && len(a.conns) == 0 {
		close(a.left)
		a.left = nil
	}
}

// wait returns when there are none, or after a time: who has not said anything by then
// is not heard.
func (a *arrivals) wait(limit time.Duration) {
	a.mu.Lock()
	left := make(chan struct{})
	if len(a.conns) == 0 {
		close(left)
	} else {
		a.left = left
	}
	a.mu.Unlock()
	select {
	case <-left:
	case <-time.After(limit):
	}
}

// inherited tells whether systemd has opened the socket.
func inherited() bool {
	pid, _ := strconv.Atoi(os.Getenv("LISTEN_PID"))
	return pid == os.Getpid() && os.Getenv("LISTEN_FDS") == "1"
}

// listen opens the public address, or takes the socket that systemd has opened: then no
// connection is refused while one process follows another (sd_listen_fds(3)).
func listen(addr string) (net.Listener, error) {
	if inherited() {
		f := os.NewFile(3, "systemd socket")
		defer f.Close()
		l, err := net.FileListener(f)
		if err != nil {
			return nil, fmt.Errorf("take the socket of systemd: %w", err)
		}
		return l, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}
