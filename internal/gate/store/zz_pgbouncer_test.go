package store_test
import ("testing";"os";"os/exec";"path/filepath";"net/url";"strings";"fmt";"time"
"pressroom/internal/gate";"pressroom/internal/gate/store/storetest";"pressroom/internal/testkit/postgres")
func TestZZBouncer(t *testing.T) {
	dir, _ := os.MkdirTemp("", "pgb-"); os.Chmod(dir, 0o777); defer os.RemoveAll(dir)
	dsn := postgres.Start(t)
	u, _ := url.Parse(dsn)
	os.WriteFile(filepath.Join(dir, "users"), []byte("\"postgres\" \"\"\n"), 0o644)
	os.WriteFile(filepath.Join(dir, "ini"), []byte(fmt.Sprintf("[databases]\n* = host=%s user=postgres\n[pgbouncer]\nlisten_addr=\nunix_socket_dir=%s\nlisten_port=6432\nauth_type=any\nauth_file=%s/users\npool_mode=transaction\ndefault_pool_size=6\nmax_client_conn=500\nlogfile=%s/log\n", u.Query().Get("host"), dir, dir, dir)), 0o644)
	c := exec.Command("runuser", "-u", "postgres", "--", "/usr/sbin/pgbouncer", filepath.Join(dir, "ini"))
	if err := c.Start(); err != nil { t.Fatal(err) }
	defer func(){ exec.Command("pkill","-P",fmt.Sprint(c.Process.Pid)).Run(); c.Process.Kill(); c.Wait(); b,_ := os.ReadFile(dir+"/log"); l := strings.Split(string(b),"\n"); for _, x := range l { if strings.Contains(x,"WARN")||strings.Contains(x,"ERR"){ t.Log(x)} } }()
	for range 100 { if _, err := os.Stat(dir+"/.s.PGSQL.6432"); err == nil {break}; time.Sleep(20*time.Millisecond) }
	storetest.Run(t, func(t *testing.T) func(*testing.T) gate.Store {
		d := postgres.Start(t)
		du, _ := url.Parse(d)
		b := "postgres://"+du.Path+"?host="+dir+"&port=6432&user=postgres&default_query_exec_mode=exec"
		return func(t *testing.T) gate.Store { return open(t, b) }
	})
}
