package node_test

import (
	"fmt"
	"strings"
	"testing"

	"pressroom/internal/node"
	"pressroom/internal/report"
)

type settings struct {
	Title  map[string]string `key:"title"`
	Count  int               `key:"count"`
	Server *server           `key:"mailServer"`
	Free   *node.Node        `key:"free"`
	Places node.Places       `key:",places"`
}

type server struct {
	Host         string   `key:"host"`
	Password     string   `key:"password,secret"`
	PasswordFile string   `key:"passwordFile"`
	Names        []string `key:"names,single"`
}

func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  string
		want string // what server, title, count and free are, or the problem
	}{
		{"APP_COUNT=7", "7 map[] {} <nil>"},
		{"APP_COUNT=", "0 map[] {} <nil>"},
		{"OTHER_COUNT=7", "0 map[] {} <nil>"},
		{"APP_TITLE_EN=Press", "0 map[en:Press] {} <nil>"},
		{"APP_TITLE_zh-Hant=Press", "0 map[zh-Hant:Press] {} <nil>"},
		{"APP_TITLE={en: Press, fr: Presse}", "0 map[en:Press fr:Presse] {} <nil>"},
		{"APP_MAIL_SERVER_HOST=a.example", "0 map[] {a.example   []} <nil>"},
		{"APP_MAILSERVER_PASSWORD_FILE=p", "0 map[] {  p []} <nil>"},
		{"APP_MAILSERVER_PASSWORD=p # q", "0 map[] { p # q  []} <nil>"},
		{"APP_MAILSERVER_PASSWORD=[p", "0 map[] { [p  []} <nil>"},
		{"APP_MAILSERVER_NAMES=[a, b]", "0 map[] {   [a b]} <nil>"},
		{"APP_FREE_A_B=c", "0 map[] {} map[A:map[B:c]]"},
		{"APP_COUNT=many", `$APP_COUNT:1:1: "many" is not a whole number | many`},
		{"APP_COUNT_MANY=7", `$APP_COUNT_MANY:1:1: a whole number is wanted here, not a group of keys | `},
		{"APP_MAILSERVER_PORT=7", `$APP_MAILSERVER_PORT:1:1: unknown key "PORT" | `},
		{"APP_MAILSERVER_NAMES=[a", `$APP_MAILSERVER_NAMES:1:1: `},
		{"APP_CUONT=7", `$APP_CUONT:1:1: app.yaml has no key for APP_CUONT | `},
	} {
		s := settings{Server: &server{}}
		_, problems := node.Environment("APP_", "app.yaml", []string{c.env}, &s)
		got := told(problems)
		if got == "" {
			got = strings.NewReplacer("{   []}", "{}").Replace(sprint(s.Count, s.Title, *s.Server, s.Free.Value()))
		}
		if got != c.want && !(strings.HasSuffix(c.want, ": ") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s\ngot  %s\nwant %s", c.env, got, c.want)
		}
	}
}

func told(l report.List) string {
	var out []string
	for _, p := range l {
		out = append(out, p.Place()+" "+p.Text+" | "+p.Snippet)
	}
	return strings.Join(out, "; ")
}

// What stands over a file leaves the places of the rest as they are.
func TestEnvironmentKeepsPlaces(t *testing.T) {
	text := []byte("count: 1\ntitle: {en: Press}\n")
	src := report.Source{Path: "app.yaml", Text: text}
	root, problems := node.ParseYAML(src, text, 1)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var s settings
	d := node.Decoder{Source: src}
	d.Decode(root, &s)
	over, problems := node.Environment("APP_", "app.yaml", []string{"APP_COUNT=2"}, &s)
	if len(problems) > 0 || len(over) != 1 || over["count"].Path != "$APP_COUNT" {
		t.Errorf("%v %v", over, problems)
	}
	if s.Places["title"].Line != 2 || s.Places["count"].Line != 1 || s.Count != 2 {
		t.Errorf("%+v", s)
	}
}

func sprint(v ...any) string { return strings.TrimSuffix(fmt.Sprintln(v...), "\n") }
