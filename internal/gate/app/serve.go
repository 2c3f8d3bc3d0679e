package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
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
	server := &http.Server{
		Handler: a.Handler(), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: web.MaxHeader,
		ErrorLog: a.serverLog(),
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
	failed := make(chan error, 2)
	all.Go(func() { failed <- server.Serve(strict{public}) })
	all.Go(func() { failed <- operators.Serve(admin) })

	select {
	case err = <-failed:
	case <-ctx.Done():
		err = nil
		a.log.Info("stopping: no new requests soon, running ones may end")
		a.stopping.Store(true)
		select {
		case <-time.After(a.drain()):
		case err = <-failed:
		}
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

// drain is the time to be seen as stopping: none where nobody balances.
func (a *App) drain() time.Duration {
	if len(a.Settings.TrustedProxies) == 0 {
		return 0
	}
	return drainTime
}

// listen opens the public address, or takes the socket that systemd has opened: then no
// connection is refused while one process follows another (sd_listen_fds(3)).
func listen(addr string) (net.Listener, error) {
	if pid, _ := strconv.Atoi(os.Getenv("LISTEN_PID")); pid == os.Getpid() && os.Getenv("LISTEN_FDS") == "1" {
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
