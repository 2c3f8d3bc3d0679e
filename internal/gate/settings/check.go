package settings

import (
	"cmp"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"pressroom/internal/gate"
	"pressroom/internal/gate/files"
	"pressroom/internal/gate/mail"
	"pressroom/internal/report"
)

// checker judges the values of a form and puts them into out.
type checker struct {
	src      report.Source
	dir      string // paths are meant from here
	out      Settings
	problems report.List
}

// fault says that a value cannot be used; one that is missing stands at the beginning.
func (c *checker) fault(p place, hint, format string, args ...any) {
	if !p.set {
		p.src, p.pos.Line, p.pos.Col, p.pos.Len = c.src, 1, 1, 1
	}
	c.problems.Add(p.src.At(p.pos.Line, p.pos.Col, p.pos.Len, "gate", fmt.Sprintf(format, args...), hint))
}

// path is a path of the file, from where the file lies.
func (c *checker) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(c.dir, filepath.FromSlash(p))
}

func (c *checker) check(in *form) {
	c.places(in)
	c.network(in)
	c.masters(&in.Masters)
	c.mail(&in.Mail)
	c.password(&in.Password)
	c.domains(&in.Domains)
	c.limits(&in.Limits)
	c.newsletter(&in.Newsletter)
	c.log(&in.Log)
}

// places are the files and folders of the gate, and its database.
func (c *checker) places(in *form) {
	s := &c.out
	if in.Data.ok() {
		s.Data = c.path(in.Data.value)
		s.Database, s.KeysFile, s.Mail.Folder = filepath.Join(s.Data, "gate.db"), filepath.Join(s.Data, "keys"), filepath.Join(s.Data, "outbox")
	}
	if in.KeysFile.ok() {
		s.KeysFile = c.path(in.KeysFile.value)
	}
	if in.Closed.ok() {
		s.Closed = c.path(in.Closed.value)
	}
	dsn, at := c.secret("database", in.Database, "databaseFile", in.DatabaseFile, dsnIsSecret)
	if dsn == "" {
		return
	}
	scheme, rest, found := strings.Cut(dsn, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		if u, err := url.Parse(dsn); err != nil || u.Host == "" && u.Query().Get("host") == "" {
			c.fault(at, "write it as postgres://user:password@host/name", "this is not the address of a PostgreSQL database")
		}
		s.Database = dsn
	case found && scheme == "sqlite":
		s.Database = c.path(strings.TrimPrefix(rest, "//"))
	case strings.Contains(dsn, "://"):
		c.fault(at, "the databases are SQLite, as gate.db, and PostgreSQL, as postgres://user@host/name", "%q is neither sqlite nor postgres", scheme)
	default:
		s.Database = c.path(dsn)
	}
}

// dsnIsSecret tells whether the address of a database holds a password.
func dsnIsSecret(dsn string) bool {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return strings.Contains(dsn, "@") || strings.Contains(dsn, "password")
	}
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

func (c *checker) network(in *form) {
	s := &c.out
	if in.BaseURL.broken {
		return
	}
	u, err := url.Parse(in.BaseURL.value)
	switch p := in.BaseURL.place; {
	case in.BaseURL.value == "":
		c.fault(p, "add baseURL: https://press.example.org", "no baseURL")
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		c.fault(p, "write it as https://press.example.org", "%q is not the address of a site", in.BaseURL.value)
	case strings.Trim(u.Path, "/") != "":
		c.fault(p, "the gate answers below the root of the site's host", "baseURL has a path, %q", u.Path)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		c.fault(p, "write https://, and let the server in front of the gate end TLS; http is for this machine alone", "passwords would cross the network in the clear at %q", in.BaseURL.value)
	default:
		s.BaseURL = u.Scheme + "://" + strings.ToLower(u.Host)
		if !loopback(u.Hostname()) {
			s.Mail.From = "press@" + strings.ToLower(u.Hostname())
		}
	}
	for key, v := range map[string]*struct {
		in  given[string]
		out *string
	}{"listen": {in.Listen, &s.Listen}, "admin": {in.Admin, &s.Admin}} {
		if !v.in.ok() {
			continue
		}
		_, port, err := net.SplitHostPort(v.in.value)
		if n, numberErr := strconv.Atoi(port); err != nil || numberErr != nil || n < 0 || n > 65535 {
			c.fault(v.in.place, "write it as "+*v.out, "%s: %q is not an address to listen at", key, v.in.value)
			continue
		}
		*v.out = v.in.value
	}
	if s.Listen == s.Admin && !strings.HasSuffix(s.Listen, ":0") {
		c.fault(in.Admin.or(in.Listen.place), "give the operators' listener a port of its own", "listen and admin are the same address, %s", s.Listen)
	}
	c.proxies(in)
}

// proxies judges whose word about an address is taken.
func (c *checker) proxies(in *form) {
	for _, v := range in.TrustedProxies {
		if !v.ok() {
			continue
		}
		p, err := netip.ParsePrefix(v.value)
		if a, addrErr := netip.ParseAddr(v.value); err != nil && addrErr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		switch {
		case err != nil || p.Addr().Zone() != "":
			c.fault(v.place, "write the network of your proxies, as 10.0.0.0/8 or 2001:db8::/32", "%q is not a network", v.value)
		case p.Bits() == 0:
			c.fault(v.place, "name the networks of your own proxies alone", "%q is the whole internet, whose word nobody should take", v.value)
		default:
			c.out.TrustedProxies = append(c.out.TrustedProxies, p.Masked())
		}
	}
	h := in.ClientHeader
	switch {
	case !h.ok():
	case !strings.EqualFold(h.value, "X-Forwarded-For"):
		c.fault(h.place, "let your proxies set X-Forwarded-For, or leave clientHeader out", "the gate knows no client header %q", h.value)
	case len(in.TrustedProxies) == 0:
		c.fault(h.place, "add trustedProxies: [10.0.0.0/8] with the networks of your proxies, or leave clientHeader out",
			"anybody could say where a request comes from: clientHeader is set, and no proxy is trusted")
	}
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

func (c *checker) masters(in *mastersForm) {
	m := &c.out.Masters
	if in.Folder.ok() {
		m.Folder = c.path(in.Folder.value)
	}
	if in.Accel.ok() {
		m.Accel = in.Accel.value
		if p := m.Accel; !strings.HasPrefix(p, "/") || !strings.HasSuffix(p, "/") || len(p) < 3 || strings.Contains(p, "..") || strings.ContainsAny(p, " ?#%\\") {
			c.fault(in.Accel.place, "name an internal location of nginx, as /masters/", "accel: %q is not a location", p)
		}
	}
	if in.S3 == nil {
		return
	}
	if in.Folder.set || in.Accel.set {
		c.fault(in.Folder.or(in.Accel.place), "keep one of them", "the masters are in a folder and in a store at once")
	}
	x := in.S3
	s3 := &files.S3{Endpoint: strings.TrimSuffix(x.Endpoint.value, "/"), Region: cmp.Or(x.Region.value, "us-east-1"), Bucket: x.Bucket.value, HostStyle: x.HostStyle.value}
	u, err := url.Parse(s3.Endpoint)
	switch {
	case x.Endpoint.broken:
	case !x.Endpoint.set:
		c.fault(x.place, "add endpoint: https://s3.example.org", "the store of the masters has no endpoint")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" || u.RawQuery != "" || u.User != nil:
		c.fault(x.Endpoint.place, "write it as https://s3.example.org", "%q is not the address of a store", x.Endpoint.value)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		c.fault(x.Endpoint.place, "write https://", "the masters would cross the network in the clear from %q", x.Endpoint.value)
	}
	if s3.Bucket == "" && !x.Bucket.broken {
		c.fault(x.Bucket.or(x.place), "add bucket:", "the store of the masters has no bucket")
	}
	s3.AccessKey, _ = c.secret("accessKey", x.AccessKey, "accessKeyFile", x.AccessKeyFile, never)
	s3.SecretKey, _ = c.secret("secretKey", x.SecretKey, "secretKeyFile", x.SecretKeyFile, always)
	// Without either, they come from the process's own environment or the machine's role.
	access, secret := x.AccessKey.or(x.AccessKeyFile.place), x.SecretKey.or(x.SecretKeyFile.place)
	switch {
	case access.set && !secret.set:
		c.fault(access, "add secretKeyFile: with the file that holds it", "an accessKey without a secretKey")
	case secret.set && !access.set:
		c.fault(secret, "add accessKey:", "a secretKey without an accessKey")
	}
	m.S3 = s3
}

func (c *checker) mail(in *mailForm) {
	m := &c.out.Mail
	if in.From.ok() {
		if a, err := gate.ParseAddress(in.From.value); err != nil {
			c.fault(in.From.place, "write the bare address, as press@example.org; its name is the site's", "mails cannot come from %q", in.From.value)
		} else {
			m.From = a.Typed
		}
	}
	if in.Contact.ok() {
		m.Contact = in.Contact.value
	}
	if in.Folder.ok() {
		m.Folder = c.path(in.Folder.value)
	}
	if in.Templates.ok() {
		m.Templates = c.path(in.Templates.value)
		if entries, err := os.ReadDir(m.Templates); err != nil {
			c.fault(in.Templates.place, "", "the templates cannot be read: %s", reason(err))
		} else if len(entries) == 0 {
			c.fault(in.Templates.place, "put each language into a folder of its own, as en/verify.txt", "there are no templates")
		}
	}
	if in.Title.ok() {
		m.Title = mail.Words(in.Title.value)
	}
	if in.Organisation.ok() {
		m.Organisation = mail.Words(in.Organisation.value)
	}
	m.Zone = nil
	if in.TimeZone.ok() {
		zone, err := time.LoadLocation(in.TimeZone.value)
		if err != nil || in.TimeZone.value == "Local" || in.TimeZone.value == "" {
			c.fault(in.TimeZone.place, "use a name of the IANA list, as Europe/Amsterdam or UTC", "there is no time zone %q", in.TimeZone.value)
		} else {
			m.Zone = zone
		}
	}
	m.named(c.out.Closed, c.out.BaseURL)
	c.smtp(in)
}

// tlsWays are the ways of encrypting, the usual first.
var tlsWays = []string{string(mail.TLSMandatory), string(mail.TLSImplicit), string(mail.TLSOpportunistic), string(mail.TLSNone)}

func (c *checker) smtp(in *mailForm) {
	m := &c.out.Mail
	x := in.SMTP
	if x == nil {
		if len(in.DKIM) > 0 {
			c.fault(in.DKIM[0].place, "add smtp:, or leave dkim out", "mails in a folder are not signed")
		}
		if strings.HasPrefix(c.out.BaseURL, "https:") {
			at := c.src.At(1, 1, 1, "gate", fmt.Sprintf("mails only go into the folder %s, and to nobody", m.Folder), "add mail: {from: press@example.org, smtp: {host: …}}")
			at.Snippet = ""
			c.problems.Add(at.Warn())
		}
		return
	}
	o := &mail.SMTPOptions{Host: x.Host.value, Port: x.Port.value, TLS: mail.TLS(cmp.Or(x.TLS.value, string(mail.TLSMandatory))), Username: x.Username.value, Hello: x.Hello.value}
	if !x.Host.set || x.Host.ok() && (o.Host == "" || strings.ContainsAny(o.Host, " /:@") && net.ParseIP(o.Host) == nil) {
		c.fault(x.Host.or(x.place), "write host: smtp.example.org, and the port beside it", "mail.smtp has no host that mail could go to")
	}
	if !in.From.set {
		c.fault(x.place, "add from: press@example.org to mail", "mails to a server need a sender")
	}
	if x.Port.ok() && (o.Port < 1 || o.Port > 65535) {
		c.fault(x.Port.place, "587 is usual, 465 with tls: implicit", "%d is not a port", o.Port)
	}
	if !slices.Contains(tlsWays, string(o.TLS)) {
		c.fault(x.TLS.place, report.DidYouMean(string(o.TLS), tlsWays), "no way of encrypting is called %q", o.TLS)
	}
	var at place
	o.Password, at = c.secret("password", x.Password, "passwordFile", x.PasswordFile, always)
	switch {
	case at.set && o.Username == "" && !x.Username.broken:
		c.fault(at, "add username:", "a password without a user name")
	case x.Username.ok() && !at.set:
		c.fault(x.Username.place, "add passwordFile:", "the user %q has no password", o.Username)
	case o.Username != "" && o.TLS == mail.TLSNone && !loopback(o.Host):
		c.fault(x.TLS.or(x.place), "write tls: starttls or tls: implicit", "a login without encryption is for this machine only")
	}
	if strings.ContainsFunc(o.Hello, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		c.fault(x.Hello.place, "write the name of this host, as gate.example.org", "%q cannot stand in EHLO", o.Hello)
	}
	if x.Bounces.ok() {
		if a, err := gate.ParseAddress(x.Bounces.value); err != nil {
			c.fault(x.Bounces.place, "write the bare address, as bounces@example.org", "bounces cannot go to %q", x.Bounces.value)
		} else {
			o.Bounces = a.Typed
		}
	}
	o.Connections = whole(c, "connections", x.Connections, 0, 1, 64)
	for _, k := range in.DKIM {
		c.dkim(o, k)
	}
	m.SMTP = o
}

func (c *checker) dkim(o *mail.SMTPOptions, k dkimForm) {
	for key, v := range map[string]given[string]{"domain": k.Domain, "selector": k.Selector} {
		if !v.broken && (v.value == "" || strings.ContainsFunc(v.value, func(r rune) bool {
			return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z')
		})) {
			c.fault(v.or(k.place), "write {domain: example.org, selector: gate, keyFile: …}", "a DKIM key needs a %s, not %q", key, v.value)
			return
		}
	}
	key, at := c.secret("key", given[string]{}, "keyFile", k.KeyFile, always)
	if key == "" {
		if !at.set {
			c.fault(k.place, "add keyFile: with the private key in PEM", "the DKIM key of %q has no file", k.Domain.value)
		}
		return
	}
	signer, err := mail.NewSigner(k.Domain.value, k.Selector.value, []byte(key))
	if err != nil {
		c.fault(at, "", "%s", err)
		return
	}
	o.DKIM = append(o.DKIM, signer)
}

func (c *checker) password(in *passwordForm) {
	profiles := []string{string(gate.Composed), string(gate.Standard)}
	if p := in.Profile; p.ok() {
		if !slices.Contains(profiles, p.value) {
			c.fault(p.place, report.DidYouMean(p.value, profiles), "there is no profile %q for passwords", p.value)
		}
		c.out.Policy.Profile = gate.Profile(p.value)
	}
	cost := &c.out.PasswordCost
	// The floor is the least of OWASP's equivalent choices, the roof what gate.Hasher takes.
	cost.Memory = uint32(whole(c, "memory, in KiB,", in.Memory, int(cost.Memory), 7<<10, 128<<10))
	cost.Passes = uint32(whole(c, "passes", in.Passes, int(cost.Passes), 1, 16))
	if least := 36 << 10; (in.Memory.ok() || in.Passes.ok()) && int(cost.Memory*cost.Passes) < least {
		c.fault(in.Memory.or(in.Passes.place), "memory: 19456 with passes: 2 is the default; 7168 with 5 is the least", "%d KiB in %d passes are too cheap to keep passwords", cost.Memory, cost.Passes)
	}
}

func (c *checker) domains(in *domainsForm) {
	read := func(list []given[string]) (out []string) {
		for _, v := range list {
			if !v.ok() {
				continue
			}
			if (gate.Domains{Refuse: []string{v.value}}).Check() != "" {
				c.fault(v.place, "write a domain, as example.org", "%q is not a domain", v.value)
			}
			out = append(out, v.value)
		}
		return out
	}
	c.out.Domains = gate.Domains{Refuse: read(in.Refuse), Allow: read(in.Allow)}
}

// whole is a whole number within bounds, or the default.
func whole(c *checker, key string, v given[int], usual, least, most int) int {
	switch {
	case !v.ok():
		return usual
	case v.value < least || v.value > most:
		c.fault(v.place, fmt.Sprintf("it is between %d and %d", least, most), "%s %d is out of bounds", key, v.value)
		return usual
	}
	return v.value
}

func (c *checker) limits(in *limitsForm) {
	l := &c.out.Limits
	span := func(key string, v given[span], out *time.Duration, least, most time.Duration) {
		if !v.ok() {
			return
		}
		if d := time.Duration(v.value); d < least || d > most {
			c.fault(v.place, fmt.Sprintf("it is between %s and %s; %s is the default", short(least), short(most), short(*out)), "%s %s is out of bounds", key, short(d))
			return
		}
		*out = time.Duration(v.value)
	}
	limit := func(key string, v given[rate], usual gate.Limit, most int) gate.Limit {
		if !v.ok() {
			return usual
		}
		if r := v.value; r.Max < 1 || r.Max > most || r.Per < minute || r.Per > 30*day {
			c.fault(v.place, fmt.Sprintf("it is between 1 and %d, in 1m to 30d", most), "%s %d per %s is out of bounds", key, r.Max, short(r.Per))
			return usual
		}
		return gate.Limit(v.value)
	}

	span("codeLife", in.CodeLife, &l.CodeLife, minute, hour)
	span("flowLife", in.FlowLife, &l.FlowLife, hour, 7*day)
	l.Guesses = whole(c, "guesses", in.Guesses, l.Guesses, 3, 10)
	l.GuessesAddress = limit("guessesAddress", in.GuessesAddress, l.GuessesAddress, 100)
	l.GuessesNetwork = limit("guessesNetwork", in.GuessesNetwork, l.GuessesNetwork, 10_000)
	l.GuessesAll = limit("guessesAll", in.GuessesAll, l.GuessesAll, 100_000)
	// 24 bits keep a telephone busy for some seconds, 12 nobody at all.
	l.WorkBits = whole(c, "workBits", in.WorkBits, l.WorkBits, 12, 24)
	span("mailGap", in.MailGap, &l.MailGap, second, hour)
	if len(in.MailAddress) > 0 {
		l.MailAddress = nil
	}
	for _, v := range in.MailAddress {
		l.MailAddress = append(l.MailAddress, limit("mailAddress", v, gate.Limit{}, 100))
	}
	l.MailNetwork = limit("mailNetwork", in.MailNetwork, l.MailNetwork, 10_000)
	l.MailAll = limit("mailAll", in.MailAll, l.MailAll, 1_000_000)
	l.LoginFree = whole(c, "loginFree", in.LoginFree, l.LoginFree, 1, 20)
	span("loginWindow", in.LoginWindow, &l.LoginWindow, minute, day)
	span("loginSlowest", in.LoginSlowest, &l.LoginSlowest, second, hour)
	l.LoginNetwork = limit("loginNetwork", in.LoginNetwork, l.LoginNetwork, 100_000)
	l.LoginAddress = limit("loginAddress", in.LoginAddress, l.LoginAddress, 10_000)
	l.GrantsAccount = limit("grantsAccount", in.GrantsAccount, l.GrantsAccount, 10_000)
	span("familiar", in.Familiar, &l.Familiar, day, 366*day)
	span("sessionIdle", in.SessionIdle, &l.SessionIdle, 5*minute, 90*day)
	span("sessionLife", in.SessionLife, &l.SessionLife, hour, 366*day)
	span("fresh", in.Fresh, &l.Fresh, minute, hour)
	span("letterLife", in.LetterLife, &l.LetterLife, hour, 14*day)
	if v := in.BytesDaily; v.ok() {
		if n := int64(v.value); n < 1e6 || n > 1e15 {
			c.fault(v.place, "it is between 1MB and 1PB", "bytesDaily %s is out of bounds", shortSize(n))
		} else {
			l.BytesDaily = n
		}
	}
	c.out.ParallelDownloads = whole(c, "parallelDownloads", in.ParallelDownloads, c.out.ParallelDownloads, 1, 100)

	for _, pair := range []struct {
		short, long       string
		shorter, longer   time.Duration
		shortAt, longerAt place
	}{
		{"codeLife", "flowLife", l.CodeLife, l.FlowLife, in.CodeLife.place, in.FlowLife.place},
		{"sessionIdle", "sessionLife", l.SessionIdle, l.SessionLife, in.SessionIdle.place, in.SessionLife.place},
		{"fresh", "sessionLife", l.Fresh, l.SessionLife, in.Fresh.place, in.SessionLife.place},
		{"loginSlowest", "loginWindow", l.LoginSlowest, l.LoginWindow, in.LoginSlowest.place, in.LoginWindow.place},
	} {
		if pair.shorter > pair.longer {
			c.fault(pair.shortAt.or(pair.longerAt), "", "%s, %s, is longer than %s, %s", pair.short, short(pair.shorter), pair.long, short(pair.longer))
		}
	}
}

const (
	second = time.Second
	minute = time.Minute
	hour   = time.Hour
)

func (c *checker) newsletter(in *newsletterForm) {
	n := &c.out.Newsletter
	for _, lang := range slices.Sorted(maps.Keys(in.Feeds)) {
		v := in.Feeds[lang]
		if !v.ok() {
			continue
		}
		if tag, err := language.Parse(lang); err != nil || tag.String() != lang {
			c.fault(v.place, "use codes as en, fr or pt-BR", "%q is not a language code", lang)
		}
		if n.Feeds == nil {
			n.Feeds = map[string]string{}
		}
		u, err := url.Parse(v.value)
		switch {
		case !strings.Contains(v.value, "://"):
			n.Feeds[lang] = c.path(v.value)
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil:
			c.fault(v.place, "write https://press.example.org/news/feed.json, or a file", "%q is not the address of a feed", v.value)
		case u.Scheme == "http" && !loopback(u.Hostname()):
			c.fault(v.place, "write https://", "anybody on the way could write the newsletter of %q", lang)
		default:
			n.Feeds[lang] = v.value
		}
	}
	if v := in.Rate; v.ok() {
		if n.Rate = v.value; n.Rate < 0.01 || n.Rate > 1000 {
			c.fault(v.place, "10 letters a second is a good number; ask your mail server's operator", "rate %v is out of bounds", v.value)
		}
	}
}

func (c *checker) log(in *logForm) {
	if v := in.Format; v.ok() {
		c.out.Log.Format = v.value
		if formats := []string{"json", "text"}; !slices.Contains(formats, v.value) {
			c.fault(v.place, report.DidYouMean(v.value, formats), "there is no form of log %q", v.value)
		}
	}
	if v := in.Level; v.ok() {
		levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
		level, known := levels[v.value]
		if !known {
			c.fault(v.place, report.DidYouMean(v.value, slices.Collect(maps.Keys(levels))), "there is no level %q", v.value)
		}
		c.out.Log.Level = level
	}
}

// reason is an error without the path, which the message shows elsewhere.
func reason(err error) string {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err.Error()
	}
	return err.Error()
}
