//go:build gatetest

package acceptance

import (
	"net/http"
	"strings"
	"testing"
)

// The whole journey: a download asks for an account, a code from a mail makes it, the
// way back leads to the download, and the file comes whole.
func TestJourney(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		b := r.browser()
		const asked = "/download/MC-20240527-V-0412/broadcast-1080i50?return=/videos/MC-20240527-V-0412/"
		p := b.get(asked)
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/login?") {
			t.Fatalf("a stranger's download: %d %q", p.Status, p.to())
		}
		_, email := r.person()
		at := strings.Replace(p.to(), "/account/login", "/account/register", 1)
		p = b.fill(at, "email", email, "password", password, "name", "Ines Okafor", "organisation", "Coast Radio")
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/verify") {
			t.Fatalf("register: %d %q\n%s", p.Status, p.to(), p.text())
		}
		p = b.get(p.to())
		if p.Status != http.StatusOK || !strings.Contains(p.text(), email) {
			t.Fatalf("the page of the code does not name the address: %d\n%s", p.Status, p.text())
		}
		v := p.hidden()
		v.Set("code", r.code(email))
		p = b.on(1).postForm("/account/verify", v)
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/welcome") {
			t.Fatalf("verify: %d %q\n%s", p.Status, p.to(), p.text())
		}
		p = b.get(p.to())
		if !strings.Contains(p.Body, "/download/MC-20240527-V-0412/broadcast-1080i50") || !strings.Contains(p.Body, "/videos/MC-20240527-V-0412/") {
			t.Fatalf("welcome does not lead on:\n%s", p.Body)
		}
		p = b.get("/download/MC-20240527-V-0412/broadcast-1080i50")
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/files/") {
			t.Fatalf("download: %d %q\n%s", p.Status, p.to(), p.text())
		}
		file := r.browser().on(1).get(p.to()) // on another machine
		if file.Status != http.StatusOK || int64(len(file.Body)) != r.downloads[0].Bytes {
			t.Fatalf("the file: %d, %d bytes\n%.200s", file.Status, len(file.Body), file.Body)
		}
		if !b.signedIn() || b.copyOf().get("/account").Status != http.StatusOK {
			t.Error("not logged in after registering")
		}
	})
}
