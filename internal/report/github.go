package report

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// The escapes of GitHub's workflow commands: a message ends at the end of its line, a
// property at a comma, its name at a colon. The percent sign of an escape is not
// escaped again, since a Replacer looks at each sign once.
var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// WriteGitHub writes problems as workflow commands, one a line, which GitHub shows as
// annotations of a run. dir is where the site folder lies in the repository, "" for
// its root. A problem that is in no file is one of the whole run, and says where it is.
//
//	::error file=content/news/harbour.md,line=4,col=8,endColumn=14,title=unknown-topic::no topic "harbor" in site.yaml%0Ahint: did you mean "harbour"?
func WriteGitHub(w io.Writer, l List, dir string) error {
	for _, p := range l {
		var properties []string
		property := func(format string, args ...any) {
			name, value, _ := strings.Cut(fmt.Sprintf(format, args...), "=")
			properties = append(properties, name+"="+githubProperty.Replace(value))
		}
		text := p.Text
		if p.inFile() {
			property("file=%s", path.Join(dir, p.Path))
			if p.Line > 0 {
				property("line=%d", p.Line)
			}
			if p.Line > 0 && p.Col > 0 {
				property("col=%d", p.Col)
				property("endColumn=%d", p.Col+max(p.Len, 1))
			}
		} else if p.Path != "" {
			text = p.Path + ": " + text
		}
		property("title=%s", p.Name)
		if p.Hint != "" {
			text += "\nhint: " + p.Hint
		}
		if _, err := fmt.Fprintf(w, "::%s %s::%s\n", p.Severity, strings.Join(properties, ","), githubText.Replace(text)); err != nil {
			return err
		}
	}
	return nil
}

// inFile tells whether a problem lies in a file of the site folder, and not at an
// address of the finished site, in the environment or nowhere.
func (p Problem) inFile() bool {
	return p.Path != "" && !strings.HasPrefix(p.Path, "/") && !strings.HasPrefix(p.Path, "$")
}
