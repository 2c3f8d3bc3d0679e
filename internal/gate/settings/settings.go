// Package settings reads gate.yaml.
//
// In goes the file, the environment and the files that hold secrets; out come Settings
// with every value checked and defaulted, or all that is wrong with line and column. Any
// key can be given by the environment instead: GATE_MAIL_SMTP_HOST is host of smtp of
// mail. Paths are meant from the folder of gate.yaml, whoever runs the gate from where.
//
// It makes nothing and connects to nothing, and no problem, log line or print of the
// Settings shows a secret. Of the site it reads the name that mails come in, from the
// frame that press build wrote, when gate.yaml does not say it.
package settings

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pressroom/internal/frame"
	"pressroom/internal/gate"
	"pressroom/internal/gate/files"
	"pressroom/internal/gate/mail"
	"pressroom/internal/node"
	"pressroom/internal/report"
)

// Settings are what an operator decides. All paths are absolute, or below the working
// folder when gate.yaml was named so.
type Settings struct {
	BaseURL string // scheme and host of the site, without a slash at the end
	Listen  string // address of the public listener
	Admin   string // of the one for operators

	// TrustedProxies are the networks whose X-Forwarded-For is believed; with none, the
	// header is ignored.
	TrustedProxies []netip.Prefix

	Data     string // folder of what the gate writes
	Database string // what store.Open takes; may hold a password
	KeysFile string
	Closed   string // folder that press build writes for the gate

	Masters      Masters
	Mail         Mail
	Policy       gate.Policy
	PasswordCost gate.Cost
	CodeCost     gate.Cost
	Domains      gate.Domains
	Limits       gate.Limits

	ParallelDownloads int // transfers at once, of one account on one instance

	Newsletter Newsletter
	Log        Log
}

// Masters are where the gated files lie: a folder, or a store if S3 is set.
type Masters struct {
	Folder string
	Accel  string // location from which nginx in front sends them; "" when the gate does
	S3     *files.S3
}

// Mail is who mails come from and how they leave.
type Mail struct {
	From      string
	Contact   string // where people are reached; may be empty
	Templates string // folder of the operator's own; "" when there are none
	Folder    string // in which mails are put when SMTP is nil
	SMTP      *mail.SMTPOptions

	Title, Organisation mail.Words
	Zone                *time.Location
}

// Newsletter is where its news come from, and how fast it leaves.
type Newsletter struct {
	Feeds map[string]string // JSON Feed by language, an address or a file; empty: those of the site
	Rate  float64           // letters a second
}

// Log is how the gate talks to its operator.
type Log struct {
	Format string // "json" or "text"
	Level  slog.Level
}

// The prints of Settings show no value: some are secret.
func (s Settings) String() string { return "settings of the gate at " + s.BaseURL }

// GoString is what %#v shows.
func (s Settings) GoString() string { return s.String() }

// LogValue is what the log shows.
func (s Settings) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Default is the settings of a gate in a folder of which gate.yaml says nothing. The
// base URL is missing.
func Default(dir string) Settings {
	data := filepath.Join(dir, "gate-data")
	return Settings{
		Listen: "127.0.0.1:1314", Admin: "127.0.0.1:1315",
		Data: data, Database: filepath.Join(data, "gate.db"), KeysFile: filepath.Join(data, "keys"),
		Closed: filepath.Join(dir, "closed"), Masters: Masters{Folder: filepath.Join(dir, "media")},
		Mail:         Mail{From: "press@localhost", Folder: filepath.Join(data, "outbox"), Zone: time.UTC},
		Policy:       gate.Policy{Profile: gate.Composed},
		PasswordCost: gate.PasswordCost, CodeCost: gate.CodeCost,
		Limits: gate.DefaultLimits(), ParallelDownloads: files.DefaultParallel,
		Newsletter: Newsletter{Rate: 10}, Log: Log{Format: "json", Level: slog.LevelInfo},
	}
}

// Elsewhere is the origin that downloads lead to, or "" when they come from the gate.
func (s Settings) Elsewhere() string {
	if s.Masters.S3 == nil {
		return ""
	}
	u, err := url.Parse(s.Masters.S3.Endpoint)
	if err != nil {
		return ""
	}
	if s.Masters.S3.HostStyle {
		u.Host = s.Masters.S3.Bucket + "." + u.Host
	}
	return u.Scheme + "://" + u.Host
}

// MailSite is what mails tell of the site.
func (s Settings) MailSite() mail.Site {
	m := s.Mail
	return mail.Site{Title: m.Title, Organisation: m.Organisation, BaseURL: s.BaseURL, From: m.From, Contact: m.Contact, Zone: m.Zone}
}

// ConfigVariable names gate.yaml for the command; it is no key of the file.
const ConfigVariable = "GATE_CONFIG"

const prefix = "GATE_"

// Load reads gate.yaml at a path. env are variables as os.Environ gives them; a gate
// whose settings all come by them needs no file.
func Load(path string, env []string) (*Settings, report.List) {
	data, err := os.ReadFile(path)
	shown := filepath.ToSlash(path)
	given := slices.ContainsFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "GATE_BASEURL=") || strings.HasPrefix(v, "GATE_BASE_URL=")
	})
	switch {
	case errors.Is(err, fs.ErrNotExist) && given:
		data = nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, report.List{{Path: shown, Name: "gate", Text: "there is no gate.yaml here", Hint: `run "gate init", or name the file with --config`}}
	case err != nil:
		return nil, report.List{{Path: shown, Name: "unreadable", Text: "cannot be read: " + reason(err)}}
	case len(strings.TrimSpace(string(data))) == 0 && !given:
		src := report.Source{Path: shown, Text: data}
		return nil, report.List{src.At(1, 1, 1, "gate", "gate.yaml is empty", `begin with baseURL: https://press.example.org; "gate init" writes one`)}
	}
	return Parse(path, data, env)
}

// Parse reads the text of a gate.yaml that lies at a path.
func Parse(path string, data []byte, env []string) (*Settings, report.List) {
	src := report.Source{Path: filepath.ToSlash(path), Text: data}
	root, problems := node.ParseYAML(src, data, 1)
	if problems.HasErrors() {
		return nil, masked(problems)
	}
	var in form
	d := node.Decoder{Source: src}
	d.Decode(root, &in)
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, ConfigVariable+"=") })
	_, bad := node.Environment(prefix, "gate.yaml", env, &in)
	c := checker{src: src, dir: filepath.Dir(path), out: Default(filepath.Dir(path))}
	c.check(&in)
	problems.Add(d.Problems...)
	problems.Add(bad...)
	problems.Add(c.problems...)
	problems = masked(problems)
	if problems.HasErrors() {
		return nil, problems
	}
	return &c.out, problems
}

// NameAfter takes the site's name and time zone, as far as nothing else was said.
func (m *Mail) NameAfter(f *frame.File) {
	title, organisation := mail.Words{}, mail.Words{}
	for _, ed := range slices.Backward(f.Languages) { // the first is also that of all others
		title[ed.Frame.Lang], organisation[ed.Frame.Lang] = ed.Frame.Title, ed.Frame.Organisation.Name
		title[""], organisation[""] = ed.Frame.Title, ed.Frame.Organisation.Name
	}
	if len(m.Title) == 0 {
		m.Title = title
	}
	if len(m.Organisation) == 0 {
		m.Organisation = organisation
	}
	if zone, err := time.LoadLocation(f.TimeZone); err == nil && m.Zone == nil {
		m.Zone = zone
	}
}

// named reads the site's name for its mails, as far as gate.yaml does not say it.
func (m *Mail) named(closed, base string) {
	if b, err := os.ReadFile(filepath.Join(closed, "frame.json")); err == nil {
		if f, err := frame.Decode(b); err == nil { // what is wrong with it, serve and check tell
			m.NameAfter(f)
		}
	}
	if len(m.Title) == 0 {
		_, host, _ := strings.Cut(base, "://")
		m.Title = mail.Words{"": host}
	}
	if m.Zone == nil {
		m.Zone = time.UTC
	}
}
