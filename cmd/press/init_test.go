package main

import (
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"

	"pressroom/internal/config"
)

// Every setting of the first site.yaml that is switched off is right when it is
// switched on.
func TestSettingsAreUnderstood(t *testing.T) {
	data, err := newsroom.ReadFile("newsroom/site.yaml")
	if err != nil {
		t.Fatal(err)
	}
	on := regexp.MustCompile(`(?m)^#([^ ]|  )`).ReplaceAll(data, []byte("$1"))
	if string(on) == string(data) {
		t.Fatal("nothing to switch on")
	}
	cfg, problems := config.Parse(on, nil)
	if len(problems) > 0 || cfg == nil {
		t.Fatalf("%s\n%s", on, told(problems))
	}
	if len(cfg.ContactList) != 1 || cfg.ContactList[0].Phone == "" || len(cfg.TopicList) == 0 || cfg.Theme.Accent == "" || cfg.Rights.Credit == "" || cfg.Organisation.URL == "" {
		t.Errorf("something was not switched on: %+v", cfg)
	}
}

func TestPipelinesAreYAML(t *testing.T) {
	for _, name := range []string{"github", "gitlab"} {
		data, err := newsroom.ReadFile("newsroom/ci/" + name + ".yml")
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := yaml.Unmarshal(data, &v); err != nil || len(v) < 3 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShellWord(t *testing.T) {
	for s, want := range map[string]string{"news/room": "news/room", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "é": "é"} {
		if got := shellWord(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}
