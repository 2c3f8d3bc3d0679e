package settings

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom/internal/frame"
	"pressroom/internal/gate"
	"pressroom/internal/gate/mail"
	"pressroom/internal/report"
)

const good = "baseURL: https://press.example.org\n"

// with puts lines below the one that is required, so that they begin at line 2.
func with(lines string) string { return good + lines + "\n" }

// told is all errors, and what warnings there are besides that of a gate without a mail
// server.
func told(l report.List) string {
	var out []string
	for _, p := range l.Sorted() {
		if p.Severity == report.Warning && strings.HasPrefix(p.Text, "mails only go") {
			continue
		}
		out = append(out, strings.TrimPrefix(p.Place(), "gate.yaml:")+" "+p.Text)
	}
	return strings.Join(out, "\n")
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		env        []string
		want       string
	}{
		{"required alone", good, nil, ""},
		{"no base URL", "listen: 127.0.0.1:80\n", nil, "1:1: no baseURL"},
		{"http", "baseURL: http://press.example.org\n", nil, `1:10: passwords would cross the network in the clear at "http://press.example.org"`},
		{"http on this machine", "baseURL: http://127.0.0.1:1313\n", nil, ""},
		{"http at localhost", "baseURL: http://gate.localhost:1313/\n", nil, ""},
		{"path", "baseURL: https://press.example.org/account\n", nil, `1:10: baseURL has a path, "/account"`},
		{"no URL", "baseURL: press.example.org\n", nil, `1:10: "press.example.org" is not the address of a site`},
		{"unknown key", with("lisen: 127.0.0.1:80"), nil, `2:1: unknown key "lisen"`},
		{"unknown key inside", with("mail:\n  smtp: {host: a.example, prot: 25}\n  from: a@b.example"), nil, `3:27: unknown key "prot"`},
		{"listen", with("listen: 1314"), nil, `2:9: listen: "1314" is not an address to listen at`},
		{"listen and admin", with("admin: 127.0.0.1:1314"), nil, "2:8: listen and admin are the same address, 127.0.0.1:1314"},

		{"proxy", with("trustedProxies: [10.0.0.0/8, 2001:db8::/32, 192.0.2.7]\nclientHeader: x-forwarded-for"), nil, ""},
		{"header without proxy", with("clientHeader: X-Forwarded-For"), nil, "2:15: anybody could say where a request comes from: clientHeader is set, and no proxy is trusted"},
		{"header by environment without proxy", good, []string{"GATE_CLIENTHEADER=X-Forwarded-For"}, "$GATE_CLIENTHEADER:1:1: anybody could say where a request comes from: clientHeader is set, and no proxy is trusted"},
		{"other header", with("trustedProxies: 10.0.0.0/8\nclientHeader: X-Real-IP"), nil, `3:15: the gate knows no client header "X-Real-IP"`},
		{"no network", with("trustedProxies: [10.0.0.0/8, proxy]"), nil, `2:30: "proxy" is not a network`},
		{"everybody", with("trustedProxies: [0.0.0.0/0]"), nil, `2:18: "0.0.0.0/0" is the whole internet, whose word nobody should take`},

		{"database", with("database: mysql://db/gate"), nil, `2:11: "mysql" is neither sqlite nor postgres`},
		{"database without password", with("database: postgres://gate@db/gate"), nil, ""},
		{"database with password", with("database: postgres://gate:hunter2@db/gate"), nil, "2:11: the database stands in gate.yaml itself"},
		{"database by environment", good, []string{"GATE_DATABASE=postgres://gate:hunter2@db/gate"}, ""},

		{"masters folder", with("masters: /srv/masters"), nil, ""},
		{"masters accel", with("masters: {folder: m, accel: masters}"), nil, `2:29: accel: "masters" is not a location`},
		{"masters twice", with("masters: {folder: m, s3: {endpoint: https://s3.example.org, bucket: b, accessKey: a, secretKeyFile: secret}}"), nil, "2:19: the masters are in a folder and in a store at once"},
		{"s3 alone", with("masters:\n  s3:\n    region: x"), nil, "4:5: the store of the masters has no bucket\n4:5: the store of the masters has no endpoint"},
		{"s3 by the machine's role", with("masters: {s3: {endpoint: https://s3.example.org, bucket: b}}"), nil, ""},
		{"s3 with half a key", with("masters: {s3: {endpoint: https://s3.example.org, bucket: b, accessKey: a}}"), nil, "2:72: an accessKey without a secretKey"},
		{"s3 in the clear", with("masters: {s3: {endpoint: http://s3.example.org, bucket: b, accessKey: a, secretKeyFile: secret}}"), nil, `2:26: the masters would cross the network in the clear from "http://s3.example.org"`},
		{"s3 secret in file", with("masters: {s3: {endpoint: https://s3.example.org, bucket: b, accessKey: a, secretKey: hunter2}}"), nil, "2:86: the secretKey stands in gate.yaml itself"},

		{"smtp without sender", with("mail: {smtp: {host: a.example}}"), nil, "2:14: mails to a server need a sender"},
		{"smtp without host", with("mail: {from: a@b.example, smtp: {port: 25}}"), nil, "2:33: mail.smtp has no host that mail could go to"},
		{"place of a group that the environment adds to", with("mail: {from: a@b.example, smtp: {port: 25}}"), []string{"GATE_MAIL_SMTP_PORT=26"}, "2:33: mail.smtp has no host that mail could go to"},
		{"host with port", with("mail: {from: a@b.example, smtp: {host: 'a.example:25'}}"), nil, "2:40: mail.smtp has no host that mail could go to"},
		{"sender with name", with("mail: {from: Press <a@b.example>}"), nil, `2:14: mails cannot come from "Press <a@b.example>"`},
		{"tls", with("mail: {from: a@b.example, smtp: {host: a.example, tls: startls}}"), nil, `2:56: no way of encrypting is called "startls"`},
		{"port", with("mail: {from: a@b.example, smtp: {host: a.example, port: 70000}}"), nil, "2:57: 70000 is not a port"},
		{"password without user", with("mail: {from: a@b.example, smtp: {host: a.example, passwordFile: secret}}"), nil, "2:65: a password without a user name"},
		{"user without password", with("mail: {from: a@b.example, smtp: {host: a.example, username: u}}"), nil, `2:61: the user "u" has no password`},
		{"both passwords", with("mail: {from: a@b.example, smtp: {host: a.example, username: u, password: p, passwordFile: secret}}"), nil, "2:91: both password and passwordFile are given"},
		{"password of the environment", with("mail: {from: a@b.example, smtp: {host: a.example, username: u, passwordFile: missing}}"), []string{"GATE_MAIL_SMTP_PASSWORD=[p"}, ""},
		{"missing password file", with("mail: {from: a@b.example, smtp: {host: a.example, username: u, passwordFile: missing}}"), nil, `2:78: passwordFile: "missing" cannot be read: no such file or directory`},
		{"empty password file", with("mail: {from: a@b.example, smtp: {host: a.example, username: u, passwordFile: empty}}"), nil, `2:78: passwordFile: "empty" is empty`},
		{"open password file", with("mail: {from: a@b.example, smtp: {host: a.example, username: u, passwordFile: open}}"), nil, `2:78: everybody on this machine may read "open"`},
		{"login in the clear", with("mail: {from: a@b.example, smtp: {host: a.example, username: u, passwordFile: secret, tls: none}}"), nil, "2:91: a login without encryption is for this machine only"},
		{"bounces", with("mail: {from: a@b.example, smtp: {host: a.example, bounces: nobody}}"), nil, `2:60: bounces cannot go to "nobody"`},
		{"hello", with("mail: {from: a@b.example, smtp: {host: a.example, hello: a b}}"), nil, `2:58: "a b" cannot stand in EHLO`},
		{"dkim", with("mail: {from: a@b.example, smtp: {host: a.example}, dkim: [{domain: b.example, selector: s, keyFile: dkim.pem}]}"), nil, ""},
		{"dkim of no key", with("mail: {from: a@b.example, smtp: {host: a.example}, dkim: [{domain: b.example, selector: s, keyFile: secret}]}"), nil, "2:101: DKIM key: no PEM"},
		{"dkim without selector", with("mail: {from: a@b.example, smtp: {host: a.example}, dkim: {domain: b.example, keyFile: dkim.pem}}"), nil, `2:58: a DKIM key needs a selector, not ""`},
		{"templates", with("mail: {templates: nowhere}"), nil, "2:19: the templates cannot be read: no such file or directory"},
		{"zone", with("mail: {timeZone: Mars}"), nil, `2:18: there is no time zone "Mars"`},

		{"profile", with("password: {profile: standart}"), nil, `2:21: there is no profile "standart" for passwords`},
		{"cheap", with("password: {memory: 8000, passes: 2}"), nil, "2:20: 8000 KiB in 2 passes are too cheap to keep passwords"},
		{"memory", with("password: {memory: 19}"), nil, "2:20: memory, in KiB, 19 is out of bounds"},
		{"domains", with("domains: {refuse: [mailinator.example, 'no domain'], allow: [press.example]}"), nil, `2:40: "no domain" is not a domain`},

		{"code life", with("limits: {codeLife: 61m}"), nil, "2:20: codeLife 61m is out of bounds"},
		{"no unit", with("limits: {codeLife: 30}"), nil, `2:20: "30" is not a time`},
		{"guesses", with("limits: {guesses: 11}"), nil, "2:19: guesses 11 is out of bounds"},
		{"limit", with("limits: {mailAll: 600}"), nil, `2:19: "600" is not so many in so long`},
		{"limit list", with("limits: {mailAddress: [5 per hour, 1000 per d]}"), nil, "2:36: mailAddress 1000 per 1d is out of bounds"},
		{"sessions", with("limits: {sessionIdle: 40d}"), nil, "2:23: sessionIdle, 40d, is longer than sessionLife, 30d"},
		{"bytes", with("limits: {bytesDaily: 500}"), nil, `2:22: "500" is not a number of bytes`},
		{"few bytes", with("limits: {bytesDaily: 500B}"), nil, "2:22: bytesDaily 500B is out of bounds"},

		{"feeds", with("newsletter: {feeds: {en: https://press.example.org/news/feed.json, fr: feed.fr.json}, rate: 5}"), nil, ""},
		{"feed in the clear", with("newsletter: {feeds: {en: http://press.example.org/news/feed.json}}"), nil, `2:26: anybody on the way could write the newsletter of "en"`},
		{"feed of no language", with("newsletter: {feeds: {english: feed.json}}"), nil, `2:31: "english" is not a language code`},
		{"rate", with("newsletter: {rate: 0}"), nil, "2:20: rate 0 is out of bounds"},
		{"log", with("log: {format: jsn, level: loud}"), nil, "2:15: there is no form of log \"jsn\"\n2:27: there is no level \"loud\""},

		{"environment", good, []string{"GATE_BASE_URL=https://other.example", "GATE_MAIL_SMTP_HOST=a.example", "GATE_MAIL_FROM=a@b.example", "GATE_LIMITS_MAIL_ADDRESS=[3 per hour]", "GATE_NEWSLETTER_FEEDS_EN=feed.json", "GATE_CONFIG=x", "HOME=/"}, ""},
		{"misspelt variable", good, []string{"GATE_LISEN=x"}, "$GATE_LISEN:1:1: gate.yaml has no key for GATE_LISEN"},
		{"misspelt variable inside", good, []string{"GATE_MAIL_SMTP_PASWORD=hunter2"}, `$GATE_MAIL_SMTP_PASWORD:1:1: unknown key "PASWORD"`},
		{"bad variable", good, []string{"GATE_LIMITS_CODE_LIFE=soon"}, `$GATE_LIMITS_CODE_LIFE:1:1: "soon" is not a time`},
		{"everything at once", "listen: x\nlimits: {guesses: 99}\nnews: 1\n", nil, "1:1: no baseURL\n1:9: listen: \"x\" is not an address to listen at\n2:19: guesses 99 is out of bounds\n3:1: unknown key \"news\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(folder(t))
			s, problems := Parse("gate.yaml", []byte(c.yaml), c.env)
			if got := told(problems); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if (s == nil) != problems.HasErrors() {
				t.Errorf("settings %v with %v", s, problems)
			}
		})
	}
}

// folder has the files of secrets that the table names.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"secret": "hunter2\n", "empty": "\n", "open": "hunter2", "dkim.pem": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "open"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestValues(t *testing.T) {
	dir := folder(t)
	yaml := `
baseURL: https://Press.example.org/
listen: :8080
trustedProxies: [10.1.2.3/8, 192.0.2.7]
data: state
masters: {s3: {endpoint: https://s3.example.org/, bucket: masters, hostStyle: true, accessKey: key, secretKeyFile: secret}}
mail:
  from: newsroom@example.org
  title: {en: Press, fr: Presse}
  timeZone: Europe/Amsterdam
  smtp: {host: smtp.example.org, username: gate, passwordFile: secret, tls: implicit}
  dkim: {domain: example.org, selector: gate, keyFile: dkim.pem}
password: {profile: standard, memory: 46080, passes: 1}
domains: {refuse: mailinator.example}
limits: {codeLife: 10m, guesses: 3, mailAddress: [3 per hour, 5/d], bytesDaily: 1.5TB, sessionIdle: 1d12h, parallelDownloads: 2}
newsletter: {feeds: {fr: news.json}, rate: 2.5}
log: {format: text, level: debug}
`
	s, problems := Parse(filepath.Join(dir, "gate.yaml"), []byte(yaml), []string{"GATE_MAIL_SMTP_HOST=other.example.org", "GATE_LIMITS_GUESSES=4"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := Default(dir)
	want.BaseURL, want.Listen, want.TrustedProxies = "https://press.example.org", ":8080", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32")}
	want.Data = filepath.Join(dir, "state")
	want.Database, want.KeysFile, want.Mail.Folder = filepath.Join(want.Data, "gate.db"), filepath.Join(want.Data, "keys"), filepath.Join(want.Data, "outbox")
	want.Masters.S3 = s.Masters.S3
	want.Mail.From, want.Mail.SMTP, want.Mail.Zone, want.Mail.Title = "newsroom@example.org", s.Mail.SMTP, s.Mail.Zone, mail.Words{"en": "Press", "fr": "Presse"}
	want.Policy.Profile, want.PasswordCost = gate.Standard, gate.Cost{Memory: 46080, Passes: 1, Threads: 1}
	want.Domains.Refuse = []string{"mailinator.example"}
	want.Limits.CodeLife, want.Limits.Guesses, want.Limits.BytesDaily, want.Limits.SessionIdle = 10*time.Minute, 4, 15e11, 36*time.Hour
	want.Limits.MailAddress = []gate.Limit{{Max: 3, Per: time.Hour}, {Max: 5, Per: 24 * time.Hour}}
	want.ParallelDownloads = 2
	want.Newsletter = Newsletter{Feeds: map[string]string{"fr": filepath.Join(dir, "news.json")}, Rate: 2.5}
	want.Log = Log{Format: "text", Level: slog.LevelDebug}
	type open Settings // whose prints are whole
	if !reflect.DeepEqual(*s, want) {
		t.Errorf("got  %+v\nwant %+v", open(*s), open(want))
	}
	if s3 := s.Masters.S3; s3.SecretKey != "hunter2" || s3.AccessKey != "key" || s3.Endpoint != "https://s3.example.org" || s3.Check() != nil {
		t.Errorf("store %+v", s3)
	}
	if o := s.Mail.SMTP; o.Host != "other.example.org" || o.Password != "hunter2" || o.Username != "gate" || o.TLS != mail.TLSImplicit || len(o.DKIM) != 1 {
		t.Errorf("mail server %+v", o)
	}
	if s.Mail.Zone.String() != "Europe/Amsterdam" || s.Elsewhere() != "https://masters.s3.example.org" {
		t.Errorf("zone %s, elsewhere %s", s.Mail.Zone, s.Elsewhere())
	}
}

// The site's frame names the sender, as far as gate.yaml does not.
func TestSiteNames(t *testing.T) {
	dir := t.TempDir()
	f := frame.File{Version: frame.Version, TimeZone: "Europe/Paris", Languages: []frame.Edition{
		{Name: "English", Frame: &frame.Frame{Lang: "en", Title: "Press", Organisation: frame.Organisation{Name: "The Council"}}},
		{Name: "Français", Frame: &frame.Frame{Lang: "fr", Title: "Presse", Organisation: frame.Organisation{Name: "Le Conseil"}}},
	}}
	b, err := f.Encode()
	if err == nil {
		err = os.MkdirAll(filepath.Join(dir, "closed"), 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "closed/frame.json"), b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, problems := Parse(filepath.Join(dir, "gate.yaml"), []byte(good+"mail: {organisation: Us}\n"), nil)
	if s == nil {
		t.Fatal(problems)
	}
	m := s.MailSite()
	if want := (mail.Words{"": "Press", "en": "Press", "fr": "Presse"}); !reflect.DeepEqual(m.Title, want) {
		t.Errorf("title %v, want %v", m.Title, want)
	}
	if m.Organisation[""] != "Us" || len(m.Organisation) != 1 || m.Zone.String() != "Europe/Paris" || m.From != "press@press.example.org" {
		t.Errorf("organisation %v, zone %s, from %s", m.Organisation, m.Zone, m.From)
	}
}

func TestLoad(t *testing.T) {
	t.Chdir(t.TempDir())
	if s, problems := Load("gate.yaml", nil); s != nil || told(problems) != " there is no gate.yaml here" && !strings.Contains(told(problems), "there is no gate.yaml here") {
		t.Errorf("%v %v", s, problems)
	}
	s, problems := Load("gate.yaml", []string{"GATE_BASEURL=https://press.example.org"})
	if s == nil {
		t.Fatal(problems)
	}
	if s.Database != filepath.Join("gate-data", "gate.db") {
		t.Errorf("database %s", s.Database)
	}
	if err := os.WriteFile("gate.yaml", []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, problems := Load("gate.yaml", nil); s != nil || told(problems) != "1:1: gate.yaml is empty" {
		t.Errorf("%v %v", s, problems)
	}
}

// No problem and no print of settings shows a secret, however it was given and whatever
// else is wrong on its line.
func TestNoSecretIsShown(t *testing.T) {
	const secret = "hunter2"
	t.Chdir(folder(t))
	smtp := "mail: {from: a@b.example, smtp: {host: a.example, username: u, "
	for _, yaml := range []string{
		with(smtp + "password: " + secret + "}}"),
		with(smtp + "password: '" + secret + "', prot: 25}}"),
		with(smtp + "pasword: " + secret + "}}"),
		with(smtp + "password: {a: " + secret + "}}}"),
		with(smtp + "password: \"" + secret),
		with("mail:\n  smtp:\n    password: " + secret + " # no\n    Password: " + secret),
		with("mail:\n  from: a@b.example\n  smtp:\n    host: a.example\n    username: u\n    password: |\n      " + secret),
		with(smtp + "passwordFile: secret, port: 70000}}"),
		with("database: postgres://gate:" + secret + "@db/gate"),
		with("database: mysql://gate:" + secret + "@db/gate"),
		with("databse: postgres://gate:" + secret + "@db/gate"),
		with("masters: {s3: {endpoint: x, secret-key: " + secret + "}}"),
		good,
	} {
		for _, env := range [][]string{nil, {"GATE_MAIL_SMTP_PASSWORD=" + secret}, {"GATE_MAIL_SMTP_PASSWORD=[" + secret}, {"GATE_PASWORD=" + secret, "GATE_MAIL_SMTP_PSWORD=" + secret},
			{"GATE_DATABASE=mysql://x:" + secret + "@y"}, {"GATE_MASTERS_S3_SECRETKEY=\"" + secret}} {
			s, problems := Parse("gate.yaml", []byte(yaml), env)
			var b bytes.Buffer
			report.Write(&b, problems, false)
			j, err := json.Marshal(problems)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(j)
			if s != nil {
				fmt.Fprintf(&b, "%v %+v %#v %s", s, *s, *s, s)
				slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "settings", s, "value", *s)
				slog.New(slog.NewTextHandler(&b, nil)).Info("x", "settings", s, "value", *s)
			}
			if strings.Contains(b.String(), secret) {
				t.Errorf("%s\n%s\nshows it:\n%s", yaml, env, b.String())
			}
		}
	}
}

// Every limit of the rules can be set.
func TestEveryLimitIsAKey(t *testing.T) {
	in := reflect.TypeFor[limitsForm]()
	for i := range reflect.TypeFor[gate.Limits]().NumField() {
		name := reflect.TypeFor[gate.Limits]().Field(i).Name
		if _, ok := in.FieldByName(name); !ok {
			t.Errorf("limits has no key for %s", name)
		}
	}
	for i := range in.NumField() {
		key, _, _ := strings.Cut(in.Field(i).Tag.Get("key"), ",")
		value := map[string]string{"span": "2h", "rate": "7 per 2h", "size": "2GB", "int": "12"}
		field, kind := in.Field(i).Type.String(), ""
		for k := range value {
			if strings.Contains(field, "settings."+k+"]") || strings.Contains(field, "["+k+"]") {
				kind = k
			}
		}
		if slices.Contains([]string{"codeLife", "mailGap", "loginSlowest", "fresh"}, key) {
			value["span"] = "50m"
		}
		if key == "guesses" {
			value["int"] = "9"
		}
		if key == "familiar" || key == "letterLife" || key == "sessionLife" {
			value["span"] = "8d"
		}
		s, problems := Parse("gate.yaml", []byte(with("limits: {"+key+": "+value[kind]+"}")), nil)
		if s == nil {
			t.Errorf("%s (%s): %s", key, field, told(problems))
			continue
		}
		if reflect.DeepEqual(s.Limits, gate.DefaultLimits()) && key != "parallelDownloads" {
			t.Errorf("%s: %s changes nothing", key, value[kind])
		}
	}
}

// FuzzParse gives any bytes for gate.yaml: never a panic, never settings without what is
// required, never a limit out of bounds.
func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(with("limits: {codeLife: 30m, mailAddress: [5 per hour]}\nmail: {from: a@b.example, smtp: {host: a}}")))
	f.Add([]byte(with("masters: {s3: {endpoint: https://s3.example.org, bucket: b, accessKey: a, secretKey: b}}")))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problems := Parse(filepath.Join(dir, "gate.yaml"), data, nil)
		if s == nil {
			if !problems.HasErrors() {
				t.Error("no settings and no reason")
			}
			return
		}
		if l := s.Limits; s.BaseURL == "" || l.CodeLife <= 0 || l.CodeLife > time.Hour || l.Guesses < 3 || l.Guesses > 10 || len(l.MailAddress) == 0 || s.Newsletter.Rate <= 0 {
			t.Errorf("settings out of bounds: %+v", l)
		}
	})
}
