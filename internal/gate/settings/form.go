package settings

import (
	"pressroom/internal/gate/mail"
	"pressroom/internal/node"
	"pressroom/internal/report"
)

// place is where a value was given, in the file or in a variable.
type place struct {
	set    bool // it was given
	broken bool // and could not be read, which has been told
	src    report.Source
	pos    node.Pos
}

// ok tells whether there is a value to be judged.
func (p place) ok() bool { return p.set && !p.broken }

// inFile tells whether a value stands in the file, and not in a variable.
func (p place) inFile() bool { return p.set && (p.src.Path == "" || p.src.Path[0] != '$') }

// begin is the place of a group; what stands over parts of it moves it nowhere.
func (p *place) begin(d *node.Decoder, n *node.Node) {
	if !p.set {
		*p = place{set: true, src: d.Source, pos: n.Pos}
	}
}

// or is the place of a value, or that of its group when it is missing.
func (p place) or(group place) place {
	if p.set {
		return p
	}
	return group
}

// given is a value with its place.
type given[T any] struct {
	place
	value T
}

func (g *given[T]) UnmarshalNode(d *node.Decoder, n *node.Node) {
	before := len(d.Problems)
	*g = given[T]{place: place{set: true, src: d.Source, pos: n.Pos}}
	d.Decode(n, &g.value)
	g.broken = len(d.Problems) > before
}

// words are a text, or one for each language.
type words mail.Words

func (w *words) UnmarshalNode(d *node.Decoder, n *node.Node) {
	if n.Kind == node.Scalar {
		*w = words{"": n.Text}
		return
	}
	d.Decode(n, (*map[string]string)(w))
}

// form is gate.yaml as it is written.
type form struct {
	BaseURL        given[string]   `key:"baseURL"`
	Listen         given[string]   `key:"listen"`
	Admin          given[string]   `key:"admin"`
	TrustedProxies []given[string] `key:"trustedProxies,single"`
	ClientHeader   given[string]   `key:"clientHeader"`
	Data           given[string]   `key:"data"`
	Database       given[string]   `key:"database,secret"`
	DatabaseFile   given[string]   `key:"databaseFile"`
	KeysFile       given[string]   `key:"keysFile"`
	Closed         given[string]   `key:"closed"`
	Masters        mastersForm     `key:"masters"`
	Mail           mailForm        `key:"mail"`
	Password       passwordForm    `key:"password"`
	Domains        domainsForm     `key:"domains"`
	Limits         limitsForm      `key:"limits"`
	Newsletter     newsletterForm  `key:"newsletter"`
	Log            logForm         `key:"log"`
}

type mastersForm struct {
	Folder given[string] `key:"folder"`
	Accel  given[string] `key:"accel"`
	S3     *s3Form       `key:"s3"`
}

// UnmarshalNode takes a folder, or {folder: …, accel: …} or {s3: …}.
func (m *mastersForm) UnmarshalNode(d *node.Decoder, n *node.Node) {
	if n.Kind == node.Scalar {
		*m = mastersForm{}
		d.Decode(n, &m.Folder)
		return
	}
	type plain mastersForm
	d.Decode(n, (*plain)(m))
}

// UnmarshalNode remembers where the group stands: what it lacks is told there.
func (x *s3Form) UnmarshalNode(d *node.Decoder, n *node.Node) {
	x.begin(d, n)
	type plain s3Form
	d.Decode(n, (*plain)(x))
}

func (x *smtpForm) UnmarshalNode(d *node.Decoder, n *node.Node) {
	x.begin(d, n)
	type plain smtpForm
	d.Decode(n, (*plain)(x))
}

func (x *dkimForm) UnmarshalNode(d *node.Decoder, n *node.Node) {
	x.begin(d, n)
	type plain dkimForm
	d.Decode(n, (*plain)(x))
}

type s3Form struct {
	place
	Endpoint      given[string] `key:"endpoint"`
	Region        given[string] `key:"region"`
	Bucket        given[string] `key:"bucket"`
	HostStyle     given[bool]   `key:"hostStyle"`
	AccessKey     given[string] `key:"accessKey,secret"`
	AccessKeyFile given[string] `key:"accessKeyFile"`
	SecretKey     given[string] `key:"secretKey,secret"`
	SecretKeyFile given[string] `key:"secretKeyFile"`
}

type mailForm struct {
	From         given[string] `key:"from"`
	Contact      given[string] `key:"contact"`
	Title        given[words]  `key:"title"`
	Organisation given[words]  `key:"organisation,alias=organization"`
	TimeZone     given[string] `key:"timeZone"`
	Folder       given[string] `key:"folder"`
	Templates    given[string] `key:"templates"`
	SMTP         *smtpForm     `key:"smtp"`
	DKIM         []dkimForm    `key:"dkim,single"`
}

type smtpForm struct {
	place
	Host         given[string] `key:"host"`
	Port         given[int]    `key:"port"`
	TLS          given[string] `key:"tls"`
	Username     given[string] `key:"username"`
	Password     given[string] `key:"password,secret"`
	PasswordFile given[string] `key:"passwordFile"`
	Hello        given[string] `key:"hello"`
	Bounces      given[string] `key:"bounces"`
	Connections  given[int]    `key:"connections"`
}

type dkimForm struct {
	place
	Domain   given[string] `key:"domain"`
	Selector given[string] `key:"selector"`
	KeyFile  given[string] `key:"keyFile"`
}

type passwordForm struct {
	Profile given[string] `key:"profile"`
	Memory  given[int]    `key:"memory"`
	Passes  given[int]    `key:"passes"`
}

type domainsForm struct {
	Refuse []given[string] `key:"refuse,single"`
	Allow  []given[string] `key:"allow,single"`
}

type limitsForm struct {
	CodeLife          given[span]   `key:"codeLife"`
	FlowLife          given[span]   `key:"flowLife"`
	Guesses           given[int]    `key:"guesses"`
	GuessesAddress    given[rate]   `key:"guessesAddress"`
	GuessesNetwork    given[rate]   `key:"guessesNetwork"`
	GuessesAll        given[rate]   `key:"guessesAll"`
	WorkBits          given[int]    `key:"workBits"`
	MailGap           given[span]   `key:"mailGap"`
	MailAddress       []given[rate] `key:"mailAddress,single"`
	MailNetwork       given[rate]   `key:"mailNetwork"`
	MailAll           given[rate]   `key:"mailAll"`
	LoginFree         given[int]    `key:"loginFree"`
	LoginWindow       given[span]   `key:"loginWindow"`
	LoginSlowest      given[span]   `key:"loginSlowest"`
	LoginNetwork      given[rate]   `key:"loginNetwork"`
	LoginAddress      given[rate]   `key:"loginAddress"`
	Familiar          given[span]   `key:"familiar"`
	SessionIdle       given[span]   `key:"sessionIdle"`
	SessionLife       given[span]   `key:"sessionLife"`
	Fresh             given[span]   `key:"fresh"`
	BytesDaily        given[size]   `key:"bytesDaily"`
	GrantsAccount     given[rate]   `key:"grantsAccount"`
	LetterLife        given[span]   `key:"letterLife"`
	ParallelDownloads given[int]    `key:"parallelDownloads"`
}

type newsletterForm struct {
	Feeds map[string]given[string] `key:"feeds"`
	Rate  given[float64]           `key:"rate"`
}

type logForm struct {
	Format given[string] `key:"format"`
	Level  given[string] `key:"level"`
}
