//go:build gatetest

package acceptance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// forms are all paths that act on a POST.
var forms = []string{
	"/account", "/account/register", "/account/verify", "/account/verify/resend", "/account/login", "/account/logout",
	"/account/reset", "/account/reset/verify", "/account/reset/resend", "/account/reset/password", "/account/sessions",
	"/account/password", "/account/export", "/account/delete",
	"/newsletter/subscribe", "/newsletter/confirm", "/newsletter/resend", "/newsletter/unsubscribe",
}

// shown are all paths that show a page, besides those of forms.
var shown = []string{"/account/welcome", "/account/reset/done", "/account/session", "/account/downloads"}

// notOurs is what an answer says to a form from another site.
func (p *page) notOurs() bool {
	return p.Status == http.StatusForbidden && strings.Contains(p.text(), words().Refused("cross_site", 0, 0))
}

// Another site sends a form in the name of whoever reads it, or logs them in as somebody
// else.
func TestRow45(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		owner := r.browser()
		email := owner.signUp()
		if p := owner.post("/newsletter/subscribe"); p.Status != http.StatusSeeOther {
			t.Fatalf("subscribe: %d", p.Status)
		}
		subscribed := func() bool { return r.rows("subscriptions") == 1 }

		// No form is missing in the list.
		for _, b := range []*browser{r.browser(), owner} {
			for _, path := range slices.Concat(forms, shown) {
				for _, e := range b.get(path).elements(t) {
					if action, _, _ := strings.Cut(e.attr["action"], "?"); e.name == "form" && strings.EqualFold(e.attr["method"], "post") && action != "" && !slices.Contains(forms, action) {
						t.Errorf("%s has a form to %s, which is not tried", path, action)
					}
				}
			}
		}

		sites := []string{"cross-site", "same-site", "same-origin", "none", ""}
		origins := []string{
			origin, "", "null", "https://evil.test", "http://" + host, origin + ":8443", "https://evil@" + host, "https://" + host + "@evil.test",
			"https://" + host + ".evil.test", "https://sub." + host, "https://press.meridian.test:443.evil.test", origin + "/", origin + " https://evil.test",
		}
		stranger := r.browser()
		for _, path := range forms {
			for _, site := range sites {
				for _, from := range origins {
					said := []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", site, "Origin", from}
					what := fmt.Sprintf("%s with Sec-Fetch-Site %q and Origin %q", path, site, from)
					ours := slices.Contains([]string{"same-origin", "none", ""}, site) && (from == origin || from == "")
					if !ours {
						// With all that would be needed otherwise.
						form := values("email", email, "password", password, "old", password, "name", "Somebody Else", "code", "123456")
						p := owner.request(http.MethodPost, path, strings.NewReader(form.Encode()), said...)
						if !p.notOurs() || len(p.Header.Values("Set-Cookie")) != 0 {
							t.Errorf("%s: %d %s", what, p.Status, p.text())
						}
						continue
					}
					// Without a cookie a request that says nothing acts for nobody; with one, even
					// one that means nothing, it does not act.
					for _, cookie := range []string{"", "__Host-flow=x", "consent=yes"} {
						p := stranger.request(http.MethodPost, path, strings.NewReader("lang=en"), append(said, "Cookie", cookie)...)
						if want := site == "" && from == "" && cookie != ""; p.notOurs() != want {
							t.Errorf("%s and the cookie %q: %d, refused is %v, want %v", what, cookie, p.Status, p.notOurs(), want)
						}
						for name := range stranger.cookies {
							delete(stranger.cookies, name)
						}
					}
				}
			}
		}
		if p := owner.get("/account"); p.Status != http.StatusOK || !strings.Contains(p.Body, email) || strings.Contains(p.Body, "Somebody Else") || !subscribed() {
			t.Fatalf("something was done: %d, subscribed is %v", p.Status, subscribed())
		}

		// The one form that takes a token in its address takes nothing else from elsewhere.
		for _, path := range []string{
			"/newsletter/unsubscribe", "/newsletter/unsubscribe?t=", "/newsletter/unsubscribe?t=x", "/newsletter/unsubscribe?t=&t=x", "/newsletter/unsubscribe?T=x",
			"/account/logout?t=x", "/account/delete?t=x", "/newsletter/subscribe?t=x",
		} {
			for _, body := range []string{"List-Unsubscribe=One-Click", "t=x&password=" + url.QueryEscape(password)} {
				p := owner.request(http.MethodPost, path, strings.NewReader(body), "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://evil.test", "Sec-Fetch-Site", "cross-site")
				if p.Status < 400 || !subscribed() || !owner.signedIn() {
					t.Fatalf("%s with %s from elsewhere: %d, subscribed is %v", path, body, p.Status, subscribed())
				}
			}
		}
		// And what is ours does act.
		if p := owner.post("/newsletter/unsubscribe"); p.Status != http.StatusSeeOther || subscribed() {
			t.Errorf("unsubscribe: %d", p.Status)
		}
		if p := r.browser().request(http.MethodPost, "/account/login", strings.NewReader(values("email", email, "password", password).Encode()), "Content-Type", "application/x-www-form-urlencoded"); p.Status != http.StatusSeeOther {
			t.Errorf("a log-in by a program without cookies: %d", p.Status)
		}
	})
}
