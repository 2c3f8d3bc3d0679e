package nodejs

import (
	"os/exec"
	"strings"
	"testing"

	"pressroom/internal/testkit/outside"
)

const read = `const v = JSON.parse(require("fs").readFileSync(0, "utf8"));`

func TestRun(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node here; `make need` installs it")
	}
	for _, c := range []struct{ name, script, want, wrong string }{
		{"answers", read + `console.log(JSON.stringify(v + " and me"))`, "you and me", ""},
		{"throws", `throw new Error("broken")`, "", "Error: broken"},
		{"says nothing", ``, "", "prints no answer"},
	} {
		var got string
		err := outside.Do(func(tb *outside.TB) error { return Run(tb, c.script, "you", &got) })
		if got != c.want || c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}
