//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"pressroom/internal/testkit/chromium"
)

const (
	video    = "MC-20260707-V-0412"
	article  = "/news/2026/07/resilience-summit-declaration/"
	password = "Qv7+heron-Dusk41"
	second   = "mB9=kelp_Tarn-63"
	third    = "Zx4/fjord.Plum-88"
)

// The whole of an account, as product and readers know it.
func TestJourney(t *testing.T) {
	for _, c := range []struct {
		name, lang string
		script     bool
		keys       bool
	}{
		{"English", "en", true, false}, {"French", "fr", true, false},
		{"English without scripts", "en", false, false}, {"French without scripts", "fr", false, false},
		{"keyboard", "en", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newReader(serve(t), c.lang, c.script)
			if c.keys {
				r.byKeyboard()
			}
			r.registers("ines@coast-radio.press")
			r.downloads()
			r.resets("ines@coast-radio.press")
			r.minds("ines@coast-radio.press")
			r.leaves("ines@coast-radio.press")
			r.subscribes("desk@coast-radio.press")
			r.Quiet()
		})
	}
}

// registers goes from an article to a download, and makes the account that it asks for.
func (r *reader) registers(email string) {
	r.Helper()
	r.Visit(r.url + r.home() + article)
	r.follow(`figcaption a[href$="/videos/` + video + `/"]`)
	sha := r.Text(`[...document.querySelectorAll(".downloads tr")].find((tr) => tr.querySelector("a[rel=nofollow]")).querySelector("code").textContent`)
	title := r.Text(`document.querySelector("h1").textContent`)
	wanted := "Leaders arrive at Port Hale for the resilience summit" // the catalogue knows one title
	r.follow(`.downloads a[rel="nofollow"]`)
	r.reads("account_login_title")
	r.Is(`document.querySelector(".wanted b").textContent`, wanted)
	r.Is(`document.activeElement === document.body`, true)

	r.follow(`main a[href^="/account/register"]`)
	r.reads("account_register_title")
	r.Is(`document.querySelector(".wanted b").textContent`, wanted)
	r.sends("/account/register")
	r.reads("account_register_title")
	r.told("refused_address", "account_password_lacks")
	r.fill("#email", email)
	r.fill("#password", "lighthouse keeper")
	r.fill("#name", "Ines Okafor")
	r.fill("#organisation", "Coast Radio")
	r.sends("/account/register")
	r.reads("account_register_title")
	r.told("account_password_lacks", "password_spaces", "password_upper", "password_number", "password_symbol")
	r.Is(`document.querySelector("#email").value`, email)
	r.Is(`document.querySelector("#password").value`, "")
	r.fill("#password", password)
	if r.script {
		r.press(".show input")
		r.Is(`document.querySelector("#password").type`, "text")
	}
	r.sends("/account/register")

	r.reads("account_verify_title")
	r.Is(`document.querySelector(".address").textContent`, email)
	r.fill("#code", "12345")
	r.sends("/account/verify")
	r.reads("account_verify_title")
	r.told("refused_code_form")
	r.Is(`document.querySelector("#code").value`, "12345")
	code := r.code(email, 6)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	r.fill("#code", wrong)
	r.sends("/account/verify")
	r.reads("account_verify_title")
	r.told("refused_code_wrong")
	r.minute()
	r.sends("/account/verify/resend")
	r.reads("account_verify_title")
	r.Is(`document.querySelector("main [role=status]").textContent`, r.t("account_resent"))
	newest := r.code(email, 6)
	r.fill("#code", newest[:3]+" "+newest[3:])
	r.sends("/account/verify")

	r.reads("account_welcome_title")
	r.Is(`document.querySelector(".wanted b").textContent`, wanted)
	r.sends("/newsletter/subscribe")
	r.reads("account_welcome_title")
	r.Is(`document.querySelector("main [role=status]").textContent`, r.t("account_note_subscribed"))
	r.takes(`main a[href^="/download/"]`, sha)
	r.follow(`main a.button[href$="/videos/` + video + `/"]`)
	r.Is(`document.querySelector("h1").textContent`, title)
	r.named("Ines Okafor")
	r.takes(`.downloads a[rel="nofollow"]`, sha)
}

// named: on the site's own pages the script puts the name of who is logged in the place
// of "Log in". Without scripts the link stays, and leads to the account all the same.
func (r *reader) named(name string) {
	r.Helper()
	if r.script {
		r.Until(`document.querySelector("[data-session]").textContent === "` + name + `"`)
		r.Is(`new URL(document.querySelector("[data-session]").href).pathname`, "/account")
	} else {
		r.Is(`document.querySelector("[data-session]").textContent`, r.t("log_in"))
	}
	r.follow("[data-session]")
	r.reads("account_account_title")
	r.Visit(r.url + r.home() + "/videos/" + video + "/")
}

// downloads looks at what was taken, and takes it again; then logs out and in.
func (r *reader) downloads() {
	r.Helper()
	r.follow("[data-session]")
	r.reads("account_account_title")
	r.follow(`.steps a[href^="/account/downloads"]`)
	r.reads("account_downloads_title")
	r.Is(`document.querySelectorAll(".rows li").length > 0`, true)
	r.Download(func() { r.press(".rows .button") })

	r.follow(`.account form button`)
	r.Is(`location.pathname`, r.home()+"/")
	if r.script {
		r.Until(`document.querySelector("[data-session]").textContent === ` + chromium.Quoted(r.t("log_in")))
	}
	r.Visit(r.url + r.home() + "/videos/" + video + "/")
	r.follow("[data-session]")
	r.reads("account_login_title")
	r.fill("#email", "ines@coast-radio.press")
	r.fill("#password", "Wrong+Password1")
	r.sends("/account/login")
	r.reads("account_login_title")
	r.told("refused_login")
	r.Is(`document.querySelector("#email").value`, "ines@coast-radio.press")
	r.logsIn("ines@coast-radio.press", password)
	if r.script { // which tells the link the way back
		r.Is(`location.pathname`, r.home()+"/videos/"+video+"/")
	} else {
		r.reads("account_account_title")
	}
}

// logsIn fills in the form that is shown.
func (r *reader) logsIn(email, password string) {
	r.Helper()
	r.fill("#email", email)
	r.fill("#password", password)
	r.sends("/account/login")
}

// resets forgets the password, on the way to a download.
func (r *reader) resets(email string) {
	r.Helper()
	other := r.stranger()
	other.Visit(r.url + "/account/login?lang=" + r.lang)
	other.logsIn(email, password)
	other.reads("account_account_title")

	r.Visit(r.url + "/account/logout?lang=" + r.lang)
	r.reads("account_logout_title")
	r.sends("/account/logout")
	r.Visit(r.url + r.home() + "/videos/" + video + "/")
	r.follow(`.downloads a[rel="nofollow"]`)
	r.follow(`main a[href^="/account/reset"]`)
	r.reads("account_reset_title")
	r.fill("#email", "ines@")
	r.sends("/account/reset")
	r.reads("account_reset_title")
	r.told("refused_address")
	r.minute()
	r.fill("#email", email)
	r.sends("/account/reset")
	r.reads("account_verify_title")
	r.fill("#code", r.code(email, 8))
	r.sends("/account/reset/verify")
	r.reads("account_password_new_title")
	r.fill("#password", "Password1234!")
	r.sends("/account/reset/password")
	r.reads("account_password_new_title")
	r.told("account_password_lacks", "password_common")
	r.fill("#password", second)
	r.sends("/account/reset/password")
	r.reads("account_reset_done_title")
	r.follow(`main a[href^="/account/login"]`)
	r.reads("account_login_title")
	r.logsIn(email, second)
	r.reads("account_ready_title")

	// It ended all sessions.
	other.Visit(r.url + "/account?lang=" + r.lang)
	other.reads("account_login_title")
	other.logsIn(email, second)
	other.reads("account_account_title")
	r.Visit(r.url + "/account/sessions?lang=" + r.lang)
	r.reads("account_sessions_title")
	r.Is(`document.querySelectorAll(".rows li").length`, 2.0)
	r.sends("/account/sessions")
	r.reads("account_sessions_title")
	r.Is(`document.querySelector("main [role=status]").textContent`, r.t("account_note_session"))
	r.Is(`document.querySelectorAll(".rows li").length`, 1.0)
	other.Visit(r.url + "/account?lang=" + r.lang)
	other.reads("account_login_title")
}

// minds changes name, password and newsletter.
func (r *reader) minds(email string) {
	r.Helper()
	r.follow(`.account a`)
	r.reads("account_account_title")
	r.fill("#name", " ")
	r.sends("/account")
	r.reads("account_account_title")
	r.told("refused_name")
	r.fill("#name", "Ines O. Okafor")
	r.sends("/account")
	r.reads("account_account_title")
	r.Is(`document.querySelector("main [role=status]").textContent`, r.t("account_note_saved"))
	r.Is(`document.querySelector(".account a").textContent`, "Ines O. Okafor")

	r.follow(`.steps a[href^="/account/password"]`)
	r.reads("account_password_title")
	r.fill("#old", password)
	r.fill("#password", third)
	r.sends("/account/password")
	r.reads("account_password_title")
	r.told("refused_old_password")
	r.fill("#old", second)
	r.fill("#password", third)
	r.sends("/account/password")
	r.reads("account_account_title")
	r.Is(`document.querySelector("main [role=status]").textContent`, r.t("account_note_password"))

	r.follow(`.steps a[href^="/newsletter/subscribe"]`)
	r.reads("account_newsletter_yours_title")
	r.press(`input[value="water"]`)
	r.press(`input[value="cables"]`)
	r.sends("/newsletter/subscribe")
	r.reads("account_newsletter_yours_title")
	r.Is(`[...document.querySelectorAll("[name=topic]:checked")].map((c) => c.value).sort().join()`, "cables,water")
	link := r.unsubscribeLink(email)
	r.sends("/newsletter/unsubscribe")
	r.reads("account_newsletter_title")
	r.Is(`document.querySelector("main [role=status]").textContent`, r.t("account_note_unsubscribed"))
	r.sends("/newsletter/subscribe")
	r.reads("account_newsletter_yours_title")

	// By the link of a mail, on another computer.
	other := r.stranger()
	other.Visit(r.unsubscribeLink(email) + "&lang=" + r.lang)
	other.reads("account_unsubscribe_title")
	other.sends("/newsletter/unsubscribe")
	other.reads("account_unsubscribed_title")
	other.Visit(link + "x&lang=" + r.lang)
	other.reads("message_token")
}

// leaves takes all data along and deletes the account.
func (r *reader) leaves(email string) {
	r.Helper()
	r.follow(`.account a`)
	r.follow(`main a[href^="/account/export"]`)
	r.reads("account_export_title")
	path, name := r.Download(func() { r.press(`main form[action="/account/export"] button`) })
	b, err := os.ReadFile(path)
	must(r, err)
	if !json.Valid(b) || !strings.HasSuffix(name, ".json") {
		r.Errorf("the export %s is not JSON:\n%s", name, b)
	}
	for _, want := range []string{email, "Ines O. Okafor", "Coast Radio", video} {
		if !strings.Contains(string(b), want) {
			r.Errorf("the export lacks %q:\n%s", want, b)
		}
	}
	r.follow(`.account a`)
	r.follow(`main a[href^="/account/delete"]`)
	r.reads("account_delete_title")
	r.fill("#password", second)
	r.sends("/account/delete")
	r.reads("account_delete_title")
	r.told("refused_old_password")
	r.fill("#password", third)
	r.sends("/account/delete")
	r.reads("message_deleted")
	r.Visit(r.url + "/account/login?lang=" + r.lang)
	r.logsIn(email, third)
	r.reads("account_login_title")
	r.told("refused_login")
}

// subscribes gets the newsletter without an account.
func (r *reader) subscribes(email string) {
	r.Helper()
	r.Visit(r.url + r.home() + "/")
	r.follow(`footer a[href^="/newsletter/subscribe"]`)
	r.reads("account_newsletter_title")
	r.sends("/newsletter/subscribe")
	r.reads("account_newsletter_title")
	r.told("refused_address")
	r.press(`input[value="water"]`)
	r.fill("#email", email)
	r.sends("/newsletter/subscribe")
	r.reads("account_verify_title")
	r.fill("#code", r.code(email, 6))
	r.sends("/newsletter/confirm")
	r.reads("message_subscribed")
	r.Visit(r.url + "/newsletter/nothing?lang=" + r.lang)
	r.reads("message_not_found")
	r.Visit(r.url + "/account/verify?lang=" + r.lang)
	r.reads("account_verify_title")
}
